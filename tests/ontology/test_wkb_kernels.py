"""Kernels over WKB against shapely: validity that is proved, coordinates that are moved."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import (
    CRS84,
    GeometryError,
    hash_texts,
    move_wkb,
    node_ids,
    node_texts,
    surely_valid,
    transform,
    transform_wkb,
)

ODD = [
    "POINT EMPTY", "POLYGON EMPTY", "MULTIPOINT (1 1, 2 2)", "LINESTRING (3 3, 3 3)",
    "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))", "GEOMETRYCOLLECTION (POINT (1 2))",
    "POLYGON Z ((0 0 1, 1 0 2, 1 1 3, 0 0 1))", "POINT Z (5 6 7)", "POINT M (5 6 7)",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
    "MULTIPOLYGON Z (((0 0 5, 1 0 5, 1 1 5, 0 0 5)))", "LINESTRING (0 0, 1 1, 2 0)",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 1), (3 3, 4 3, 4 4, 3 3))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 5 1, 5 5, 1 1), (2 2, 3 2, 3 3, 2 2))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 0, 5 1, 5 5, 0 0))",
    "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "POLYGON ((0 0, 4 0, 2 0, 2 2, 0 0))",
    "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (20 20, 25 21, 25 25, 20 20))",
]  # fmt: skip


def column(shapes: np.ndarray) -> pa.Array:
    """WKB, as often as it takes for kernels to be used."""
    many = np.tile(shapes, -(-64 // max(len(shapes), 1)))
    return pa.array(shapely.to_wkb(many, flavor="iso"), pa.binary())


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Polygon:
    """Rings of few points on a coarse grid, so that most touch or cross themselves."""
    places = st.tuples(st.integers(0, 4), st.integers(0, 4))
    ring = st.lists(places, min_size=3, max_size=7)
    scale = draw(st.sampled_from([1.0, 0.1, 1e-7, 1e7]))
    return shapely.Polygon(
        np.array(draw(ring)) * scale + scale / 3,
        [np.array(hole) * scale for hole in draw(st.lists(ring, max_size=2))],
    )


@given(st.lists(polygons(), min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_what_is_proved_to_be_valid_is_valid(shapes: list[shapely.Polygon]) -> None:
    given_ = np.array(shapes)
    for some in (given_, np.array([shapely.MultiPolygon([shape]) for shape in shapes])):
        wkb = column(some)
        proved = surely_valid(wkb)
        assert not (proved & ~shapely.is_valid(shapely.from_wkb(wkb.to_numpy(False)))).any()


def test_ordinary_fields_are_proved() -> None:
    rng = np.random.default_rng(5)
    shapes = []
    for _ in range(500):
        angles = np.sort(rng.random(rng.integers(8, 60))) * 2 * np.pi
        radii = rng.random(len(angles)) + 0.3
        ring = np.column_stack([4e6 + radii * np.cos(angles), 2.7e6 + radii * np.sin(angles)])
        shapes.append(shapely.Polygon(ring))
    shapes += [shapely.box(k, 0, k + 1, 1) for k in range(50)]
    grid = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2), (0, 1), (0, 0)])
    known = np.array([*shapes, grid])
    proved = surely_valid(column(known))
    valid = shapely.is_valid(known)
    assert (proved[: len(known)] & valid).sum() > 0.99 * valid.sum()
    assert proved[len(known) - 1]


def test_odd_geometries_are_valid_or_left() -> None:
    shapes = shapely.from_wkt(ODD)
    proved = surely_valid(column(shapes))[: len(shapes)]
    assert not (proved & ~shapely.is_valid(shapes)).any()
    assert proved[[6, 7, 10, 11, 12]].all()
    assert not proved[[0, 1, 3, 8, 13, 14, 15, 16, 17]].any()


def test_broken_bytes_are_not_proved() -> None:
    whole = shapely.box(0, 0, 1, 1).wkb
    unclosed = whole[:-16] + shapely.Point(7, 7).wkb[5:]
    few = whole[:9] + (3).to_bytes(4, "little") + whole[13 : 13 + 48]
    cut = [whole[:k] for k in range(len(whole))]
    bad = pa.array([*cut, unclosed, few, None, b""] * 2, pa.binary())
    assert not surely_valid(pa.array([whole + b"x"] * 64)).any()
    assert not surely_valid(bad).any()
    moved = move_wkb(bad, "EPSG:3035", CRS84)
    assert moved.wkb.null_count == len(bad)
    assert len(moved.unreadable) == len(bad) - 2


@pytest.mark.parametrize("source", ["EPSG:3035", "EPSG:31287", "EPSG:32633"])
def test_moving_is_what_shapely_and_pyproj_do(source: str) -> None:
    shapes = transform(shapely.from_wkt(ODD), CRS84, source)
    for some in (shapes, shapes[:1]):
        wkb = column(some)
        back = transform(shapely.from_wkb(wkb.to_numpy(False)), source, CRS84)
        expected = pa.array(shapely.to_wkb(back, flavor="iso"), pa.binary())
        assert transform_wkb(wkb, source, CRS84) == expected
        assert transform_wkb(wkb.slice(5), source, CRS84) == expected.slice(5)


def test_nulls_may_have_bytes() -> None:
    wkb = pa.array(shapely.to_wkb([shapely.Point(4e6, 3e6)] * 80), pa.binary())
    valid = pa.array([k % 2 == 0 for k in range(80)])
    hollow = pa.Array.from_buffers(pa.binary(), 80, [valid.buffers()[1], *wkb.buffers()[1:]])
    moved = move_wkb(hollow, "EPSG:3035", CRS84)
    assert moved.wkb.is_valid() == valid
    assert moved.wkb.drop_null() == move_wkb(wkb, "EPSG:3035", CRS84).wkb.slice(40)
    assert surely_valid(hollow).tolist() == valid.to_pylist()
    ids = pa.array([f"http://e/{k}" for k in range(80)])
    half = pa.Array.from_buffers(pa.string(), 80, [valid.buffers()[1], *ids.buffers()[1:]])
    assert node_ids(half).tolist() == hash_texts(node_texts(half)).tolist()


def test_rows_without_a_place_are_named() -> None:
    shapes = np.array([shapely.box(4e6, 3e6, 4.1e6, 3.1e6)] * 70)
    shapes[[3, 66]] = shapely.Point(1e300, 1e300), shapely.MultiPoint([(1e300, 1e300)])
    wkb = pa.array([*shapely.to_wkb(shapes, flavor="iso"), None], pa.binary())
    moved = move_wkb(wkb, "EPSG:3035", CRS84)
    assert moved.lost.tolist() == [3, 66]
    assert moved.wkb.is_null().to_pylist() == [k in (3, 66, 70) for k in range(71)]
    with pytest.raises(GeometryError, match="no place"):
        transform_wkb(wkb, "EPSG:3035", CRS84)
