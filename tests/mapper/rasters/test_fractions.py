"""Cover shares of blocks of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from ontology import InputError, MappingError

DEGREES = rasterio.Affine(0.01, 0, 10, 0, -0.01, 60)


def fractions() -> Any:
    """Three classes that make 100 percent, and some nodata."""
    random = np.random.default_rng(4)
    first = random.integers(0, 101, (23, 31))
    second = random.integers(0, 101 - first)
    bands = np.stack([first, second, 100 - first - second]).astype(np.uint8)
    bands[:, 3:6, 10:14] = 255
    bands[:, 15:20, 5:10] = 255
    return bands


def test_shares_are_those_of_numpy(rasters: Any) -> None:
    bands = fractions()
    rasters.write("in.tif", bands, nodata=255)
    found = rasters.read("in.tif", kind="Fractions", blockSize=5, classBands="20=1, 30=2, 40=3")
    known = bands[0] != 255
    for block, value, share in zip(found["block"], found["value"], found["share"], strict=True):
        row, column = divmod(int(block), 7)
        window = np.s_[row * 5 : row * 5 + 5, column * 5 : column * 5 + 5]
        band = bands[{20: 0, 30: 1, 40: 2}[int(value)]][window]
        expected = band[known[window]].sum() / 100 / known[window].sum()
        assert share == pytest.approx(expected, rel=1e-12)
    sums = np.bincount(found["block"], found["share"].astype(float), 35)
    assert sums[3 * 7 + 1] == 0  # nothing known
    np.testing.assert_allclose(sums[sums > 0], 1.0, rtol=1e-12)
    assert len(np.unique(found["block"])) == 34
    areas = dict(zip(found["block"], found["area"], strict=True))
    assert sum(areas.values()) == known.sum() * 100
    assert found["class_area"].sum() == pytest.approx(known.sum() * 100)


def test_blocks_and_their_classes(rasters: Any) -> None:
    rasters.write("in.tif", fractions(), nodata=255)
    options = {"blockSize": 5, "classBands": "20=1, 30=2, 40=3"}
    blocks = rasters.read("in.tif", kind="Fractions", iterator="block", **options)
    shares = rasters.read("in.tif", kind="Fractions", **options)
    assert blocks["block"].tolist() == sorted(set(shares["block"].tolist()))
    assert blocks["pixels"].sum() == 23 * 31 - 12 - 25
    assert shapely.union_all(blocks["geometry"]).area == 23 * 31 * 100 - 2500
    some = rasters.read("in.tif", kind="Fractions", minimumShare=0.5, **options)
    assert some["share"].min() >= 0.5
    assert len(some["share"]) == (shares["share"] >= 0.5).sum()


def test_shares_of_classes(rasters: Any) -> None:
    values = np.random.default_rng(6).integers(0, 4, (600, 700)).astype(np.uint8)
    rasters.write(
        "in.tif", values, "EPSG:4326", rasterio.Affine(0.01, 0, 10, 0, -0.01, 60), nodata=0
    )
    found = rasters.read("in.tif", kind="Fractions", blockSize=100)
    assert len(found["block"]) == 6 * 7 * 3
    sums = np.bincount(found["block"], found["share"].astype(float))
    np.testing.assert_allclose(sums, 1.0, rtol=1e-12)
    zones = rasters.read("in.tif")
    for value in (1, 2, 3):
        expected = zones["area"][zones["value"] == value].sum()
        assert found["class_area"][found["value"] == value].sum() == pytest.approx(expected)
    window = values[100:200, 300:400]
    share = found["share"][(found["block"] == 7 + 3) & (found["value"] == 2)]
    assert share == pytest.approx((window == 2).sum() / (window > 0).sum(), rel=1e-3)


def test_a_file_for_each_class(rasters: Any) -> None:
    bands = fractions()
    for band, name in zip(bands, ("Shrub", "Grass", "Tree"), strict=True):
        rasters.write(f"E000_{name}-CoverFraction-layer.tif", band, nodata=255)
    options = {"blockSize": 31, "classBands": "20=*_Shrub-*.tif, 30=*_Grass-*.tif, 40=*_Tree-*.tif"}
    found = rasters.read("E000_Shrub-CoverFraction-layer.tif", kind="Fractions", **options)
    known = bands[0] != 255
    expected = [band[known].sum() / 100 / known.sum() for band in bands]
    assert found["share"].tolist() == pytest.approx(expected, rel=1e-12)
    rasters.write("E020_Tree-CoverFraction-layer.tif", bands[2])
    with pytest.raises(InputError, match="2 files"):
        rasters.read("E000_Shrub-CoverFraction-layer.tif", kind="Fractions", **options)
    (rasters.folder / "E020_Tree-CoverFraction-layer.tif").unlink()
    rasters.write("E000_Tree-CoverFraction-layer.tif", bands[2][:9], nodata=255)
    with pytest.raises(InputError, match="does not fit"):
        rasters.read("E000_Shrub-CoverFraction-layer.tif", kind="Fractions", **options)


def test_what_is_no_fraction(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[100, 200]], np.uint8))
    options = {"blockSize": 2, "classBands": "20=1"}
    with pytest.raises(InputError, match="no share"):
        rasters.read("in.tif", kind="Fractions", **options)
    found = rasters.read("in.tif", kind="Fractions", nodata=200, **options)
    assert (found["share"].tolist(), found["pixels"].tolist()) == ([1.0], [1])
    found = rasters.read("in.tif", kind="Fractions", fractionScale=200, **options)
    assert found["share"].tolist() == [0.75]
    with pytest.raises(MappingError, match="gl:blockSize"):
        rasters.read("in.tif", kind="Fractions")
    with pytest.raises(MappingError, match="shares or blocks"):
        rasters.read("in.tif", kind="Fractions", iterator="pixel", blockSize=2)
