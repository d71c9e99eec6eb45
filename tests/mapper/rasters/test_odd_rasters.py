"""Types, grids, masks, names and damages of class rasters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from ontology import InputError, MappingError, UnsupportedError

VALUES = np.array([[1, 1, 0], [2, 1, 0], [2, 2, 2]], np.uint8)
KINDS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32"]


@pytest.mark.parametrize("kind", [*KINDS, "float64"])
def test_every_type(rasters: Any, kind: str) -> None:
    rasters.write("in.tif", VALUES.astype(kind), nodata=0)
    zones = rasters.read("in.tif")
    assert zones["value"].tolist() == [1, 2]
    assert zones["pixels"].tolist() == [3, 4]


def test_greatest_classes(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[2**32 - 1, 7]], np.uint32))
    assert rasters.read("in.tif")["value"].tolist() == [2**32 - 1, 7]
    rasters.write("in.tif", np.array([[-(2**31), 7]], np.int32))
    assert rasters.read("in.tif")["value"].tolist() == [-(2**31), 7]
    rasters.write("in.tif", np.array([[2**63, 7]], np.uint64))
    with pytest.raises(UnsupportedError, match="no class"):
        rasters.read("in.tif")


def test_numbers_that_are_no_classes(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[1.0, np.nan], [3.5, 1.0]], np.float32))
    with pytest.raises(UnsupportedError, match="rows 0 to 1, columns 0 to 1") as caught:
        rasters.read("in.tif")
    assert "gl:breaks" in str(caught.value)
    rasters.write("in.tif", np.array([[1 + 2j]], np.complex64))
    with pytest.raises(UnsupportedError, match="complex64"):
        rasters.read("in.tif")


def test_nan_is_no_class(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[1.0, np.nan], [3.0, 1.0]], np.float32))
    assert rasters.read("in.tif")["value"].tolist() == [1, 3, 1]
    assert rasters.read("in.tif", nodata=1)["value"].tolist() == [3]


def test_nodata_the_type_does_not_have_masks_nothing(rasters: Any) -> None:
    path = rasters.write("in.tif", VALUES)
    text = (
        '<VRTDataset rasterXSize="3" rasterYSize="3"><SRS>EPSG:3035</SRS>'
        "<GeoTransform>4000000, 10, 0, 3000000, 0, -10</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><NoDataValue>-9999</NoDataValue>'
        f"<SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    (rasters.folder / "in.vrt").write_text(text)
    assert rasters.read("in.vrt")["pixels"].sum() == 9


def test_mask_band(rasters: Any) -> None:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        path = rasters.write("in.tif", VALUES)
        with rasterio.open(path, "r+") as raster:
            raster.write_mask(VALUES != 2)
    assert rasters.read("in.tif")["value"].tolist() == [1, 0]


def test_bands_by_name(rasters: Any) -> None:
    both = np.stack([np.full_like(VALUES, 80), VALUES])
    rasters.write("in.tif", both, names=("certainty", "class"))
    zones = rasters.read("in.tif", band="class", confidenceBand="certainty")
    assert zones["value"].tolist() == [1, 0, 2]
    assert zones["min_confidence"].tolist() == [80, 80, 80]
    with pytest.raises(MappingError, match="no band colour") as caught:
        rasters.read("in.tif", band="colour")
    assert "1 certainty, 2 class" in str(caught.value)


def test_confidence_of_the_chosen_class(rasters: Any) -> None:
    bands = np.stack([VALUES, VALUES * 0 + 10, VALUES * 0 + 20, VALUES * 0 + 30])
    bands[2, 0, 0] = 50
    rasters.write("in.tif", bands)
    zones = rasters.read("in.tif", probabilities="0=2, 1=3", confidenceScale=100)
    assert zones["value"].tolist() == [1, 0, 2]
    assert zones["mean_confidence"].tolist() == [pytest.approx(0.3), 0.1, None]
    assert zones["min_confidence"].tolist() == [0.2, 0.1, None]
    for wrong in ("1", "x=2", "1=2,1=3", "1="):
        with pytest.raises(MappingError, match="gl:probabilities"):
            rasters.read("in.tif", probabilities=wrong)
    with pytest.raises(MappingError, match="exclude each other"):
        rasters.read("in.tif", probabilities="1=2", confidenceBand=2)


def test_continuous_raster_in_classes(rasters: Any) -> None:
    height = np.array([[-5.0, 0.0, 99.9], [100.0, 150.0, np.nan], [2000.0, 100.0, 100.0]])
    rasters.write("in.tif", height.astype(np.float32))
    with rasterio.open(rasters.folder / "in.tif", "r+") as raster:
        raster.units = ("metre",)
    zones = rasters.read("in.tif", breaks="0 100 1000")
    expected = np.digitize(height[~np.isnan(height)], [0, 100, 1000])
    found = np.bincount(zones["value"], zones["pixels"].astype(float))
    assert found.tolist() == np.bincount(expected).tolist()
    assert zones["value"].tolist() == [0, 1, 2, 3]
    assert zones["lower"].tolist() == [None, 0, 100, 1000]
    assert zones["upper"].tolist() == [0, 100, 1000, None]
    assert zones["unit"].tolist() == ["metre"] * 4
    assert zones["mean_value"][2] == pytest.approx(112.5)
    assert zones["max_value"][1] == pytest.approx(99.9)
    for wrong in ("", "a b", "5 5", "7 3", "1 inf"):
        with pytest.raises(MappingError, match="gl:breaks"):
            rasters.read("in.tif", breaks=wrong)


def test_scale_and_offset_come_before_breaks(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[0, 100, 200]], np.int16), nodata=200)
    with rasterio.open(rasters.folder / "in.tif", "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (-5.0,)
    zones = rasters.read("in.tif", breaks="0", unit="K")
    assert zones["value"].tolist() == [0, 1]
    assert zones["min_value"].tolist() == [-5.0, 5.0]
    assert zones["unit"].tolist() == ["K", "K"]


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:3035", rasterio.Affine(10, 0, 4e6, 0, 10, 3e6)),
        ("EPSG:32633", rasterio.Affine(8, 6, 5e5, 6, -8, 5e6)),
        ("EPSG:4326", rasterio.Affine(1, 0, 179, 0, -1, 10)),
        ("EPSG:3413", rasterio.Affine(1000, 0, -1500, 0, -1000, 1500)),
    ],
    ids=["south up", "rotated", "antimeridian", "pole"],
)
def test_odd_grids(rasters: Any, crs: str, transform: Any) -> None:
    rasters.write("in.tif", VALUES, crs, transform, nodata=0)
    zones = rasters.read("in.tif")
    assert zones["value"].tolist() == [1, 2]
    assert shapely.is_valid(zones["geometry"]).all()
    pixel = abs(transform.determinant)
    np.testing.assert_allclose(shapely.area(zones["geometry"]), [3 * pixel, 4 * pixel])
    assert (zones["area"] > 0).all()


def test_no_georeference(rasters: Any) -> None:
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        rasters.write("in.tif", VALUES, transform=rasterio.Affine.identity())
    with pytest.raises(InputError, match="where its pixels lie"):
        rasters.read("in.tif")


def test_names_of_classes(rasters: Any) -> None:
    path = rasters.write("in.tif", VALUES)
    assert rasters.read("in.tif")["label"].tolist() == [None, None, None]
    names = "<CategoryNames><Category>sea</Category><Category>ice</Category></CategoryNames>"
    beside = path.with_name("in.tif.aux.xml")
    beside.write_text(f'<PAMDataset><PAMRasterBand band="1">{names}</PAMRasterBand></PAMDataset>')
    assert rasters.read("in.tif")["label"].tolist() == ["ice", "sea", None]
    table = (
        '<GDALRasterAttributeTable><FieldDefn index="0"><Name>Value</Name><Usage>5</Usage>'
        '</FieldDefn><FieldDefn index="1"><Name>Text</Name><Usage>2</Usage></FieldDefn>'
        "<Row><F>2</F><F>wheat</F></Row><Row><F>1</F><F>oats</F></Row></GDALRasterAttributeTable>"
    )
    beside.write_text(f'<PAMDataset><PAMRasterBand band="1">{table}</PAMRasterBand></PAMDataset>')
    assert rasters.read("in.tif")["label"].tolist() == ["oats", None, "wheat"]
    beside.write_text("<PAMDataset>")
    with pytest.raises(InputError, match=r"aux\.xml"):
        rasters.read("in.tif")


def test_mosaic_of_several_files(rasters: Any) -> None:
    random = np.random.default_rng(11)
    values = random.integers(1, 4, (40, 60)).astype(np.uint8)
    whole = rasterio.Affine(10, 0, 4e6, 0, -10, 3e6)
    parts = []
    for row in (0, 20):
        for column in (0, 30):
            part = values[row : row + 20, column : column + 30]
            path = rasters.write(
                f"{row}-{column}.tif",
                part,
                transform=whole @ rasterio.Affine.translation(column, row),
            )
            parts.append(
                f"<SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>1</SourceBand>"
                f'<SrcRect xOff="0" yOff="0" xSize="30" ySize="20"/>'
                f'<DstRect xOff="{column}" yOff="{row}" xSize="30" ySize="20"/></SimpleSource>'
            )
    (rasters.folder / "all.vrt").write_text(
        '<VRTDataset rasterXSize="60" rasterYSize="40"><SRS>EPSG:3035</SRS>'
        "<GeoTransform>4000000, 10, 0, 3000000, 0, -10</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1">{"".join(parts)}</VRTRasterBand></VRTDataset>'
    )
    rasters.write("one.tif", values)
    mosaic, one = rasters.read("all.vrt"), rasters.read("one.tif")
    assert (mosaic["zone"] == one["zone"]).all()
    assert shapely.equals(mosaic["geometry"], one["geometry"]).all()
    (rasters.folder / "20-30.tif").unlink()
    with pytest.raises(InputError, match="Cannot read"):
        rasters.read("all.vrt")


def test_a_damaged_block_is_named(rasters: Any) -> None:
    values = np.random.default_rng(1).integers(0, 9, (600, 600)).astype(np.uint8)
    path = rasters.write(
        "in.tif", values, compress="deflate", tiled=True, blockxsize=256, blockysize=256
    )
    path.write_bytes(path.read_bytes()[:90_000])
    with pytest.raises(InputError, match=r"band 1, rows \d+ to \d+, columns 0 to 599"):
        rasters.read("in.tif")


def test_tiles_and_strips_give_the_same(rasters: Any) -> None:
    random = np.random.default_rng(2)
    values = np.kron(random.integers(0, 3, (30, 35)), np.ones((20, 20))).astype(np.uint8)
    values[random.random(values.shape) < 0.02] = 4
    confidence = random.integers(0, 101, values.shape).astype(np.uint8)
    rasters.write("c.tif", confidence)
    rasters.write("a.tif", values, tiled=True, blockxsize=128, blockysize=256)
    rasters.write("b.tif", values)
    first = rasters.read("a.tif", confidence="c.tif")
    second = rasters.read("b.tif", confidence="c.tif")
    for name in ("value", "pixels", "area", "mean_confidence", "min_confidence"):
        order = np.argsort(first["zone"]), np.argsort(second["zone"])
        np.testing.assert_array_equal(first[name][order[0]], second[name][order[1]])
    for value, count in enumerate(np.bincount(values.ravel())):
        assert first["pixels"][first["value"] == value].sum() == count


def test_zones_cut_at_a_grid(rasters: Any) -> None:
    values = np.ones((50, 70), np.uint8)
    values[10:12, 15:40] = 2
    confidence = np.full_like(values, 80)
    rasters.write(
        "in.tif", np.stack([values, confidence]), tiled=True, blockxsize=16, blockysize=16
    )
    found = rasters.read("in.tif", cut=20, confidenceBand=2)
    ones = found["value"] == 1
    assert ones.sum() == 3 * 4 + 1  # the other class parts one square in two
    assert sorted(found["pixels"][~ones]) == [10, 40]
    assert len(set(found["zone"])) == len(found["zone"]) == 15
    assert (values.ravel()[found["zone"]] == found["value"]).all()
    assert found["pixels"].sum() == values.size
    assert shapely.union_all(found["geometry"]).area == values.size * 100
    assert shapely.area(found["geometry"]).tolist() == (found["pixels"] * 100).tolist()
    with pytest.raises(MappingError, match="at least 0"):
        rasters.read("in.tif", cut=-1)


@pytest.mark.parametrize(
    ("crs", "x", "y", "torn"),
    [
        ("EPSG:3413", -150_000, 150_000, True),
        ("EPSG:3413", 500_000, -500_000, False),
        ("EPSG:3832", 3_200_000, 200_000, True),
        ("EPSG:3035", 4e6, 3e6, False),
    ],
    ids=["pole", "beside the pole", "antimeridian", "Europe"],
)
def test_torn_zones_are_remarked(rasters: Any, crs: str, x: float, y: float, torn: bool) -> None:
    grid = rasterio.Affine(3000, 0, x, 0, -3000, y)
    rasters.write("in.tif", np.ones((100, 100), np.uint8), crs, grid)
    rasters.read("in.tif")
    assert torn == any("torn" in remark for remark in rasters.remarks)
    rasters.read("in.tif", targetCRS="source")
    assert not rasters.remarks


def test_names_in_tables_and_attributes(rasters: Any) -> None:
    path = rasters.write("in.tif", VALUES)
    with rasterio.open(path, "r+") as raster:
        raster.update_tags(1, flag_values="0, 1, 2", flag_meanings="sea oats wheat")
    assert rasters.read("in.tif")["label"].tolist() == ["oats", "sea", "wheat"]
    rasters.write("in.tif", VALUES)
    pyogrio.raw.write(
        rasters.folder / "table.dbf",
        None,
        [np.array([0, 1, 2]), np.array(["water", "", "maize"], object)],
        ["VALUE", "CLASS_NAME"],
        driver="ESRI Shapefile",
    )
    (rasters.folder / "table.dbf").rename(rasters.folder / "in.tif.vat.dbf")
    assert rasters.read("in.tif")["label"].tolist() == [None, "water", "maize"]
    (rasters.folder / "in.tif.vat.dbf").write_bytes(b"no table")
    with pytest.raises(InputError, match="attribute table"):
        rasters.read("in.tif")
