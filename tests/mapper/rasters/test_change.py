"""Change between two class rasters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import shapes

from ontology import InputError, MappingError

BEFORE = np.array([[1, 1, 2, 2], [1, 1, 2, 0], [3, 3, 3, 3]], np.uint8)
AFTER = np.array([[1, 4, 4, 2], [1, 4, 4, 2], [3, 0, 2, 3]], np.uint8)


def test_areas_that_went_from_class_to_class(rasters: Any) -> None:
    rasters.write("a.tif", BEFORE, nodata=0)
    rasters.write("b.tif", AFTER, nodata=0)
    found = rasters.read("a.tif", kind="Change", after="b.tif")
    pairs = list(zip(found["before"], found["after"], found["pixels"], strict=True))
    assert pairs == [(1, 4, 2), (2, 4, 2), (3, 2, 1)]
    assert found["zone"].tolist() == [1, 2, 10]
    assert found["area"].tolist() == [200, 200, 100]
    assert shapely.area(found["geometry"]).tolist() == [200, 200, 100]


def test_counts_are_those_of_numpy_and_zones_those_of_gdal(rasters: Any) -> None:
    random = np.random.default_rng(3)
    before = np.kron(random.integers(0, 4, (30, 40)), np.ones((5, 5))).astype(np.uint8)
    after = before.copy()
    after[random.random(after.shape) < 0.2] = 2
    after[40:90, 30:80] = 3
    for name, values in (("a.tif", before), ("b.tif", after)):
        rasters.write(name, values, nodata=0, tiled=True, blockxsize=32, blockysize=32)
    found = rasters.read("a.tif", kind="Change", after="b.tif")
    changed = (before != after) & (before > 0) & (after > 0)
    keys = before.astype(np.int32) * 10 + after
    ours = np.bincount(found["before"] * 10 + found["after"], found["pixels"].astype(float), 40)
    assert ours.tolist() == np.bincount(keys[changed], minlength=40).tolist()
    grid = rasterio.Affine(10, 0, 4e6, 0, -10, 3e6)
    theirs = [shapely.geometry.shape(s) for s, _ in shapes(keys, mask=changed, transform=grid)]
    assert sorted(g.wkt for g in shapely.normalize(theirs)) == sorted(
        g.wkt for g in shapely.normalize(found["geometry"])
    )


def test_confidence_of_both(rasters: Any) -> None:
    rasters.write("a.tif", np.stack([BEFORE, BEFORE * 0 + 60]))
    rasters.write("b.tif", np.stack([AFTER, AFTER * 0 + 80]))
    options = {"after": "b.tif", "confidenceBand": 2, "confidenceScale": 100}
    found = rasters.read("a.tif", kind="Change", afterConfidenceBand=2, **options)
    assert set(found["before_mean_confidence"]) == {0.6}
    assert set(found["after_min_confidence"]) == {0.8}
    alone = rasters.read("a.tif", kind="Change", **options)
    assert "after_mean_confidence" not in alone
    assert set(alone["before_mean_confidence"]) == {0.6}


def test_two_bands_of_one_file(rasters: Any) -> None:
    rasters.write("a.tif", np.stack([BEFORE, AFTER]), names=("2018", "2021"), nodata=0)
    found = rasters.read("a.tif", kind="Change", band="2018", afterBand="2021")
    assert found["pixels"].tolist() == [2, 2, 1]


def test_what_does_not_fit(rasters: Any) -> None:
    rasters.write("a.tif", BEFORE)
    with pytest.raises(MappingError, match="needs a second raster"):
        rasters.read("a.tif", kind="Change")
    with pytest.raises(InputError, match="does not exist"):
        rasters.read("a.tif", kind="Change", after="b.tif")
    rasters.write("b.tif", AFTER[:2])
    with pytest.raises(InputError, match=r"second epoch does not fit") as caught:
        rasters.read("a.tif", kind="Change", after="b.tif")
    assert "(2, 4) pixels" in str(caught.value)
    rasters.write("b.tif", AFTER, crs="EPSG:32632")
    with pytest.raises(InputError, match="does not fit"):
        rasters.read("a.tif", kind="Change", after="b.tif")
    rasters.write("b.tif", AFTER)
    with pytest.raises(MappingError, match="cannot be merged"):
        rasters.read("a.tif", kind="Change", after="b.tif", smallZones="merge")


def test_nothing_changed(rasters: Any) -> None:
    rasters.write("a.tif", BEFORE)
    rasters.write("b.tif", BEFORE.astype(np.int32))
    assert len(rasters.read("a.tif", kind="Change", after="b.tif")["zone"]) == 0
