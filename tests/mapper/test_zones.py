from __future__ import annotations

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.features import shapes

from mapper.zones import ZoneFinder
from ontology import CRSError, InputError, MappingError, UnsupportedError

FLAT = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def from_origin(west, north, width, height):
    return rasterio.Affine(width, 0, west, 0, -height, north)


def find(values, strip, diagonal=False, valid=None, confidence=None, minimum=1):
    finder = ZoneFinder(values.shape[1], FLAT, diagonal=diagonal, minimum_pixels=minimum)
    valid = np.ones(values.shape, bool) if valid is None else valid
    pieces = []
    for top in range(0, len(values), strip):
        rows = slice(top, top + strip)
        part = values[rows].astype(np.int64)
        weights = None if confidence is None else confidence[rows]
        pieces.append(finder.feed(part, valid[rows], np.ones(len(part)), weights))
    pieces.append(finder.finish())
    columns = {
        name: np.concatenate([getattr(z, name) for z in pieces]) for name in pieces[0].__slots__
    }
    order = np.argsort(columns["number"])
    return {name: column[order] for name, column in columns.items()}, finder


@pytest.mark.parametrize("diagonal", [False, True])
def test_zones_are_those_of_gdal_whatever_the_strips(diagonal: bool) -> None:
    random = np.random.default_rng(20210)
    for case in range(25):
        values = random.integers(0, 2 + case % 3, (11, 14)).astype(np.uint8)
        valid = random.random(values.shape) > (0.0, 0.2)[case % 2]
        reference = [
            shapely.geometry.shape(shape)
            for shape, _ in shapes(
                values,
                mask=valid,
                connectivity=8 if diagonal else 4,
                transform=rasterio.Affine(1, 0, 0, 0, -1, 0),
            )
        ]
        whole, _ = find(values, len(values), diagonal, valid)
        for strip in (1, 3):
            cut, _ = find(values, strip, diagonal, valid)
            assert (cut["number"] == whole["number"]).all()
            assert (
                shapely.normalize(cut["geometry"]) == shapely.normalize(whole["geometry"])
            ).all()
        assert len(reference) == len(whole["number"])
        assert shapely.is_valid(whole["geometry"]).all()
        assert (shapely.area(whole["geometry"]) == whole["pixels"]).all()
        assert whole["pixels"].sum() == valid.sum()
        assert sorted(shapely.area(reference)) == sorted(whole["pixels"])
        if not diagonal:
            ours = sorted(g.wkt for g in shapely.normalize(whole["geometry"]))
            assert ours == sorted(g.wkt for g in shapely.normalize(reference))


def test_long_zones_join_late() -> None:
    comb = np.zeros((40, 31), np.uint8)
    comb[:, ::2] = 1  # teeth that meet only in the last row
    comb[-1, :] = 1
    zones, _ = find(comb, 7)
    assert len(zones["number"]) == 16
    assert zones["pixels"][0] == comb.sum()
    assert zones["number"][0] == 0


def test_statistics_and_minimum() -> None:
    values = np.array([[1, 1, 2], [1, 3, 2], [4, 4, 4]], np.uint8)
    confidence = np.array([[0.5, 1.0, np.nan], [0.9, 0.1, 0.4], [1, 1, 1]])
    zones, finder = find(values, 1, confidence=confidence, minimum=2)
    assert zones["value"].tolist() == [1, 2, 4]
    assert zones["pixels"].tolist() == [3, 2, 3]
    np.testing.assert_allclose(zones["mean_confidence"], [0.8, 0.4, 1.0])
    np.testing.assert_allclose(zones["min_confidence"], [0.5, 0.4, 1.0])
    assert (finder.dropped, finder.dropped_pixels) == (1, 1)


def write(path, values, crs, transform, **profile):
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=bands.shape[2],
        height=bands.shape[1],
        count=len(bands),
        dtype=bands.dtype,
        crs=crs,
        transform=transform,
        **profile,
    ) as raster:
        raster.write(bands)


def zones_source(options: str = "", name: str = "in.tif") -> str:
    return f'[ rml:source "{name}" ; rml:referenceFormulation gl:RasterZones ; {options} ]'


MAPS = ('rml:reference "area"', 'rml:reference "pixels"', 'rml:reference "value"')
SUBJECT = 'rml:template "http://example.com/{zone}"'
VALUES = np.array([[1, 1, 0], [2, 1, 0], [2, 2, 2]], np.uint8)


def numbers(texts: list[str]) -> list[float]:
    return sorted(float(text.split('"')[1]) for text in texts)


def test_projected_raster(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:3035", from_origin(4e6, 3e6, 10, 20), nodata=0)
    text = turtle(*MAPS, subject=SUBJECT, source=zones_source())
    assert numbers(run.objects(text)) == [600.0, 800.0]
    assert numbers(run.objects(text, "p1")) == [3.0, 4.0]
    assert run.report.rows_read == 2
    text = turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:nodata 2"))
    assert numbers(run.objects(text, "p2")) == [0.0, 1.0]


def test_areas_in_degrees_are_geodesic(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:4326", from_origin(14, 48, 0.1, 0.1), nodata=0)
    areas = numbers(run.objects(turtle(*MAPS, subject=SUBJECT, source=zones_source())))
    geod = pyproj.Geod(ellps="WGS84")
    ones = shapely.segmentize(
        shapely.Polygon(
            [(14, 48), (14.2, 48), (14.2, 47.8), (14.1, 47.8), (14.1, 47.9), (14, 47.9)]
        ),
        0.001,
    )
    expected = abs(geod.geometry_area_perimeter(ones)[0])
    assert areas[0] == pytest.approx(expected, rel=1e-6)


def test_confidence_from_a_band_or_a_raster(run, turtle) -> None:
    both = np.stack([VALUES, np.full_like(VALUES, 80)])
    write(run.folder / "in.tif", both, "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    write(run.folder / "c.tif", both[1] // 2, "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    mean = 'rml:reference "mean_confidence"'
    band = zones_source("gl:confidenceBand 2 ; gl:confidenceScale 100")
    assert numbers(run.objects(turtle(mean, subject=SUBJECT, source=band))) == [0.8] * 3
    file = zones_source('gl:confidence "c.tif" ; gl:confidenceScale 100')
    assert numbers(run.objects(turtle(mean, subject=SUBJECT, source=file))) == [0.4] * 3
    with pytest.raises(MappingError, match="no column 'mean_confidence'"):
        run(turtle(mean, subject=SUBJECT, source=zones_source()))
    write(run.folder / "c.tif", both[1][:2], "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    with pytest.raises(InputError, match="does not fit"):
        run(turtle(mean, subject=SUBJECT, source=file))


def test_zone_geometry_keeps_the_grid(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:32633", from_origin(5e5, 5.3e6, 10, 10), nodata=0)
    text = turtle(
        'rml:reference "geometry" ; rml:datatype geo:wktLiteral',
        subject=SUBJECT,
        source=zones_source('gl:targetCRS "source"'),
    )
    texts = run.objects(text)
    shapes_ = [shapely.from_wkt(text.split('"')[1].split("> ")[1]) for text in texts]
    assert sorted(shapely.area(shapes_)) == [300.0, 400.0]


def test_what_is_no_class_raster(run, turtle) -> None:
    grid = from_origin(4e6, 3e6, 10, 10)
    write(run.folder / "in.tif", VALUES.astype(np.float32), "EPSG:3035", grid)
    with pytest.raises(UnsupportedError, match="whole numbers"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))
    write(run.folder / "in.tif", VALUES, "EPSG:3035", grid)
    with pytest.raises(MappingError, match="no band 2"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:band 2")))
    with pytest.raises(MappingError, match="4 or 8"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:connectedness 6")))
    write(run.folder / "in.tif", VALUES, None, grid)
    with pytest.raises(CRSError, match=r"in\.tif"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))


def test_a_cut_off_file_leaves_nothing(run, turtle) -> None:
    values = np.random.default_rng(1).integers(0, 9, (600, 600)).astype(np.uint8)
    write(
        run.folder / "in.tif",
        values,
        "EPSG:3035",
        from_origin(4e6, 3e6, 10, 10),
        compress="deflate",
    )
    path = run.folder / "in.tif"
    path.write_bytes(path.read_bytes()[:60_000])
    with pytest.raises(InputError, match=r"in\.tif"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))
    assert [p.name for p in run.folder.iterdir()] == ["in.tif"]
