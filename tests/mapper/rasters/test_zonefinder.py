"""Zones found tile by tile against GDAL's polygonizer, and against themselves over other tiles."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.features import shapes

import mapper.zones.finder
from mapper.zones.finder import Tile, ZoneFinder, Zones

FLAT = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
NONE = np.iinfo(np.int32).min


def find(values: Any, size: tuple[int, int], **options: Any) -> tuple[dict[str, Any], ZoneFinder]:
    """Zones of an array cut into tiles, as columns in the order of their numbers."""
    height, width = values.shape
    layers = options.pop("layers", np.empty((0, height, width)))
    finder = ZoneFinder(width, options.pop("transform", FLAT), layers=len(layers), **options)
    pieces: list[Zones] = []
    for row in range(0, height, size[0]):
        for column in range(0, width, size[1]):
            window = np.s_[row : row + size[0], column : column + size[1]]
            part = np.ascontiguousarray(values[window])
            own = np.ascontiguousarray(layers[:, *window])
            pieces += finder.feed(Tile(row, column, part, np.ones((len(part), 1)), own))
    pieces += finder.finish()
    names = ("number", "value", "pixels", "area", "mean", "lowest", "highest")
    columns = {
        name: np.concatenate([getattr(piece, name) for piece in pieces], axis=-1)
        for name in names
        if pieces
    }
    columns["geometry"] = shapely.from_wkb(
        [wkb for piece in pieces for wkb in piece.geometry.to_pylist()]
    )
    order = np.argsort(columns["number"]) if pieces else []
    return {name: column[..., order] for name, column in columns.items()}, finder


def codes(values: Any, valid: Any) -> Any:
    return np.where(valid, values.astype(np.int32), np.int32(NONE))


rasters = st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(
    lambda shape: st.tuples(
        arrays(np.uint8, shape, elements=st.integers(0, 2)),
        arrays(np.bool_, shape, elements=st.sampled_from([True, True, True, False])),
    )
)
tilings = st.tuples(st.integers(1, 15), st.integers(1, 15))


@settings(max_examples=150, deadline=None)
@given(rasters, tilings, st.booleans(), st.sampled_from([1, 30, 1 << 19]))
def test_zones_are_those_of_gdal_whatever_the_tiles(
    raster: Any, tiling: tuple[int, int], diagonal: bool, release: int
) -> None:
    values, valid = raster
    reference = [
        shapely.geometry.shape(shape)
        for shape, _ in shapes(
            values,
            mask=valid,
            connectivity=8 if diagonal else 4,
            transform=rasterio.Affine(*FLAT),
        )
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapper.zones.finder, "_RELEASE", release)
        zones, _ = find(codes(values, valid), tiling, diagonal=diagonal)
    if not valid.any():
        assert len(zones["geometry"]) == 0
        return
    assert len(reference) == len(zones["geometry"])
    assert shapely.is_valid(zones["geometry"]).all()
    assert (shapely.area(zones["geometry"]) == zones["pixels"]).all()
    assert zones["pixels"].sum() == valid.sum()
    assert (values.ravel()[zones["number"]] == zones["value"]).all()
    assert sorted(shapely.area(reference)) == sorted(zones["pixels"])
    parts = shapely.get_parts(zones["geometry"])
    assert shapely.is_ccw(shapely.get_exterior_ring(parts)).all()
    if not diagonal:
        ours = sorted(geometry.wkt for geometry in shapely.normalize(zones["geometry"]))
        assert ours == sorted(geometry.wkt for geometry in shapely.normalize(reference))
    whole, _ = find(codes(values, valid), values.shape, diagonal=diagonal)
    for name in ("number", "value", "pixels"):
        assert (whole[name] == zones[name]).all()
    same = shapely.normalize(zones["geometry"]) == shapely.normalize(whole["geometry"])
    assert same.all()


@pytest.mark.parametrize("diagonal", [False, True])
def test_a_larger_raster_in_odd_tiles(diagonal: bool) -> None:
    random = np.random.default_rng(20210)
    values = np.repeat(np.repeat(random.integers(0, 4, (60, 50)), 3, 0), 2, 1).astype(np.int32)
    values[random.random(values.shape) < 0.05] = NONE
    whole, _ = find(values, values.shape, diagonal=diagonal)
    cut, _ = find(values, (17, 13), diagonal=diagonal)
    assert (whole["pixels"] == cut["pixels"]).all()
    same = shapely.normalize(whole["geometry"]) == shapely.normalize(cut["geometry"])
    assert same.all()


def test_long_zones_join_late() -> None:
    comb = np.zeros((40, 31), np.int32)
    comb[:, ::2] = 1  # teeth that meet only in the last row
    comb[-1, :] = 1
    zones, _ = find(comb, (7, 5))
    assert len(zones["number"]) == 16
    assert zones["pixels"][0] == comb.sum()
    assert zones["number"][0] == 0


def test_zones_within_zones_are_holes() -> None:
    rings = np.minimum.outer(np.arange(30), np.arange(30))
    rings = np.minimum(rings, rings[::-1, ::-1]).astype(np.int32)
    zones, _ = find(rings, (4, 4))
    assert len(zones["number"]) == len(np.unique(rings))
    assert (shapely.area(zones["geometry"]) == zones["pixels"]).all()


def test_statistics_and_minimum() -> None:
    values = np.array([[1, 1, 2], [1, 3, 2], [4, 4, 4]], np.int32)
    confidence = np.array([[0.5, 1.0, np.nan], [0.9, 0.1, 0.4], [1, 1, 1]])
    layers = np.stack([confidence, -confidence])
    zones, finder = find(values, (1, 2), layers=layers, minimum_pixels=2)
    assert zones["value"].tolist() == [1, 2, 4]
    assert zones["pixels"].tolist() == [3, 2, 3]
    np.testing.assert_allclose(zones["mean"], [[0.8, 0.4, 1.0], [-0.8, -0.4, -1.0]])
    np.testing.assert_allclose(zones["lowest"], [[0.5, 0.4, 1.0], [-1.0, -0.4, -1.0]])
    np.testing.assert_allclose(zones["highest"][0], [1.0, 0.4, 1.0])
    assert (finder.dropped, finder.dropped_pixels) == (1, 1)


def test_a_zone_of_unknown_confidence_has_none() -> None:
    zones, _ = find(np.ones((2, 2), np.int32), (2, 1), layers=np.full((1, 2, 2), np.nan))
    assert np.isnan(zones["mean"]).all()
    assert np.isnan(zones["lowest"]).all()


@pytest.mark.parametrize(
    "transform",
    [(2.0, 0.0, 5.0, 0.0, 3.0, 7.0), (3.0, 4.0, 0.0, 4.0, -3.0, 0.0), (-1, 0, 0, 0, -1, 0)],
    ids=["south up", "rotated", "turned round"],
)
def test_other_grids(transform: tuple[float, ...]) -> None:
    values = np.random.default_rng(5).integers(0, 3, (9, 11)).astype(np.int32)
    zones, _ = find(values, (3, 4), transform=transform)
    a, b, _, d, e, _ = transform
    np.testing.assert_allclose(
        shapely.area(zones["geometry"]), zones["pixels"] * abs(a * e - b * d)
    )
    assert shapely.is_ccw(shapely.get_exterior_ring(zones["geometry"])).all()
    reference = shapes(values, connectivity=4, transform=rasterio.Affine(*transform))
    theirs = shapely.union_all([shapely.geometry.shape(shape) for shape, v in reference if v == 1])
    ours = shapely.union_all(zones["geometry"][zones["value"] == 1])
    assert shapely.equals(ours, theirs)


def test_wide_classes() -> None:
    values = np.array([[2**40, 2**40], [-(2**40), 7]], np.int64)
    zones, _ = find(values, (1, 1))
    assert zones["value"].tolist() == [2**40, -(2**40), 7]


def peak_of(rows_of_tiles: int) -> tuple[int, int]:
    """Most memory in bytes over a wide raster with a sea from top to bottom, and its zones."""
    random = np.random.default_rng(3)
    land = np.kron(random.integers(1, 4, (16, 16)), np.ones((16, 16))).astype(np.int32)
    sea = np.zeros((256, 256), np.int32)
    finder = ZoneFinder(20_480, FLAT)
    areas, layers = np.ones((256, 1)), np.empty((0, 256, 256))
    tracemalloc.start()
    count = 0
    for row in range(rows_of_tiles):
        for column in range(80):
            values = sea if column == 40 else land
            for zones in finder.feed(Tile(row * 256, column * 256, values, areas, layers)):
                count += len(zones)
    count += sum(len(zones) for zones in finder.finish())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, count


def test_memory_does_not_grow_with_the_raster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapper.zones.finder, "_RELEASE", 1 << 14)
    peak_of(1)
    low, few = peak_of(4)
    high, many = peak_of(16)
    assert many > 3 * few
    assert high < 1.1 * low
