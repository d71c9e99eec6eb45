"""WKT printed by compiled kernels, held to GEOS and to Python's own shortest digits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import CRS84, GeometryError, format_wkt
from ontology.wkt_printer import print_plain

LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/3035"
SPECIAL = [0.0, -0.0, 0.5, 1.0, 1e-3, -1e-3, 9.765625e-4, 1e-5, 1e15, 1e300, 999999999999999.9, 0.1]


def printed(values: np.ndarray) -> tuple[list[str | None], list[str], np.ndarray]:
    """Points of these numbers as printed, as Python writes them, and which are left."""
    wkb = pa.array(shapely.to_wkb(shapely.points(values, 7.0)), pa.binary())
    texts, left = print_plain(wkb, False)
    return texts.to_pylist(), [f"POINT ({plain(v)} 7)" for v in values.tolist()], left


def plain(value: float) -> str:
    """As ``repr``, but whole numbers without a point."""
    return repr(int(value)) if value == int(value) else repr(value)


def hold(values: np.ndarray, most_left: float) -> None:
    """Every number is printed as Python would, or left; few are left."""
    found, wanted, left = printed(values)
    taken = np.setdiff1d(np.arange(len(values)), left)
    assert [found[k] for k in taken] == [wanted[k] for k in taken]
    assert len(left) <= most_left * len(values)
    assert all(found[k] is None for k in left)


@pytest.mark.parametrize("places", [None, 0, 1, 2, 4, 7, 12])
@pytest.mark.parametrize("size", [1.0, 180.0, 9e6])
def test_numbers_are_pythons_shortest(places: int | None, size: float) -> None:
    values = np.random.default_rng(7).uniform(-size, size, 20_000)
    hold(values if places is None else np.round(values, places), 0.005 if size > 1 else 0.3)


def test_neighbours_of_short_numbers() -> None:
    short = np.round(np.random.default_rng(8).uniform(-400, 400, 20_000), 4)
    hold(np.concatenate([np.nextafter(short, np.inf), np.nextafter(short, -np.inf)]), 0.001)


def test_ties_and_powers_of_two_are_left() -> None:
    values = np.concatenate([1 + 2.0**-17 * np.arange(1, 50, 2), 2.0 ** np.arange(-9, 0)])
    found, wanted, left = printed(values)
    taken = np.setdiff1d(np.arange(len(values)), left)
    assert [found[k] for k in taken] == [wanted[k] for k in taken]
    assert set(range(25, len(values))) <= set(left.tolist())


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=64, max_size=80))
def test_any_numbers(values: list[float]) -> None:
    points = shapely.points(np.array(values), np.array(values[::-1]))
    texts = format_wkt(pa.array(shapely.to_wkb(points), pa.binary()), CRS84)
    back = shapely.get_coordinates(shapely.from_wkt(texts.to_pylist()))
    assert (back == np.column_stack([values, values[::-1]])).all()


def shapes() -> list[shapely.Geometry | None]:
    """Of every kind, plain and not."""
    square = shapely.box(0.25, 0.1, 1.7, 2.3)
    holed = square.difference(shapely.box(0.5, 0.5, 1, 1))
    line = shapely.LineString([(0.1, 0.2), (3, 4), (-5.5, 6.25)])
    return [
        None,
        shapely.Point(1.5, -2),
        shapely.Point(1, 2, 3),
        shapely.Point(),
        line,
        square,
        holed,
        shapely.Polygon(),
        shapely.MultiPoint([(1, 2), (3, 4)]),
        shapely.MultiLineString([line, line.reverse()]),
        shapely.MultiPolygon([holed, shapely.box(5, 5, 6, 6)]),
        shapely.MultiPolygon(),
        shapely.GeometryCollection([line, square]),
        shapely.force_3d(square, 4.5),
        *(shapely.Point(x, 1) for x in SPECIAL),
    ]


@pytest.mark.parametrize("crs", [CRS84, LAMBERT])
def test_kinds_are_written_as_by_geos(crs: str) -> None:
    some = shapes()
    column = pa.array(shapely.to_wkb(some * 4, flavor="iso"), pa.binary())
    one_by_one = [format_wkt(column.slice(k, 1), crs)[0].as_py() for k in range(len(some))]
    assert format_wkt(column, crs).to_pylist() == one_by_one * 4
    assert format_wkt(column.slice(5), crs).to_pylist() == (one_by_one * 4)[5:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b[:-1],
        lambda b: b + b"\0",
        lambda b: b[:9] + b"\xff\xff\xff\x7f" + b[13:],
        lambda b: b[:-8] + bytes(8),
    ],
)
def test_what_geos_refuses_is_refused_by_its_row(spoil) -> None:
    good = shapely.box(1, 1, 2, 2).wkb
    column = pa.array([*[good] * 70, spoil(good), good], pa.binary())
    try:
        alone = format_wkt(column.slice(70, 1), CRS84).to_pylist()
    except GeometryError:
        with pytest.raises(GeometryError) as told:
            format_wkt(column, CRS84)
        assert "row 70" in str(told.value)
    else:
        assert format_wkt(column, CRS84)[70].as_py() == alone[0]


def test_big_endian_and_nulls_that_have_bytes() -> None:
    square = shapely.box(1, 1, 2, 2)
    column = pa.array([shapely.to_wkb(square, byte_order=0), square.wkb, b"xyz"] * 30, pa.binary())
    valid = pa.array([True, True, False] * 30).buffers()[1]
    with_null = pa.Array.from_buffers(pa.binary(), 90, [valid, *column.buffers()[1:]])
    texts = format_wkt(with_null, CRS84).to_pylist()
    assert (
        texts
        == [
            square.wkt,
            square.wkt,
            None,
        ]
        * 30
    )
