"""The 24 relations against the DE-9IM matrices of random pairs, invalid and empty ones too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from interlink import RELATIONS, encode, holds
from ontology import CRS84, PREFIXES, Lane
from store.algebra import Call, Var
from store.engine.connection import connect
from store.lower import condition, register, sql
from store.lower.geometry.columns import sound
from store.values import Value, tag

GEOF = PREFIXES["geof"]
SIDE = 5
places = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))


def _written(rows: list[tuple[int, int]]) -> str:
    return "(" + ", ".join(f"{x} {y}" for x, y in rows) + ")"


def _ring(rows: list[tuple[int, int]]) -> str:
    return _written([*rows, rows[0]])


HOLED = [[(0, 0), (5, 0), (5, 5), (0, 5)], [(1, 1), (1, 4), (4, 4), (4, 1)]]
points = places.map(lambda at: f"POINT {_written([at])}")
lines = st.lists(places, min_size=2, max_size=5).map(lambda rows: f"LINESTRING {_written(rows)}")
rings = st.lists(places, min_size=3, max_size=5).map(lambda rows: f"POLYGON ({_ring(rows)})")
boxes = st.tuples(places, st.integers(1, 4), st.integers(1, 4)).map(
    lambda box: shapely.box(*box[0], box[0][0] + box[1], box[0][1] + box[2]).wkt
)
holed = st.just(f"POLYGON ({', '.join(map(_ring, HOLED))})")
empties = st.sampled_from(["POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"])
simple = st.one_of(points, lines, rings, boxes, holed, empties)
collections = st.lists(simple, min_size=1, max_size=3).map(
    lambda parts: f"GEOMETRYCOLLECTION ({', '.join(parts)})"
)
shapes = st.one_of(simple, boxes, collections)
pairs = st.lists(st.tuples(shapes, shapes), min_size=40, max_size=40)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    connection = connect(threads=1)
    register(connection)
    yield connection
    connection.close()


def _value(name: str) -> Value:
    facets = {"tag": tag(Lane.GEOMETRY), "geometry": exp.column(name), "crs": sql.string(CRS84)}
    return Value(frozenset({Lane.GEOMETRY}), facets, crs=frozenset({CRS84}))


def _answers(engine: Any, calls: list[Call], first: Any, second: Any) -> list[list[Any]]:
    scope = {name: _value(name) for name in ("a", "b")}
    tests = [condition(call, scope).sql("duckdb") for call in calls]
    sides = {"wkb_a": shapely.to_wkb(first), "wkb_b": shapely.to_wkb(second)}
    engine.register("rows", pa.table({name: pa.array(side) for name, side in sides.items()}))
    pair = "SELECT ST_GeomFromWKB(wkb_a) AS a, ST_GeomFromWKB(wkb_b) AS b FROM rows"
    found = engine.execute(f"SELECT {', '.join(tests)} FROM ({pair})").fetchall()
    return [list(column) for column in zip(*found, strict=True)]


def _matrix(first: Any, second: Any) -> str | None:
    try:
        return str(shapely.relate(first, second))
    except shapely.errors.GEOSException:
        return None


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(pairs)
@pytest.mark.standard("GeoSPARQL 1.1 §8.7-8.9")
def test_every_relation_of_valid_geometries_is_its_pattern(
    engine: Any, rows: list[tuple[str, str]]
) -> None:
    first, second = (shapely.from_wkt([row[side] for row in rows]) for side in (0, 1))
    calls = [Call(GEOF + name, (Var("a"), Var("b"))) for name in RELATIONS]
    ours = _answers(engine, calls, first, second)
    found = [_matrix(*pair) for pair in zip(sound(first), sound(second), strict=True)]
    sizes = [shapely.get_dimensions(sound(side)).astype(np.int8) for side in (first, second)]
    areas = (shapely.get_dimensions(first) == 2) & (shapely.get_dimensions(second) == 2)
    matrices = encode([matrix or "F" * 9 for matrix in found])
    known = shapely.is_valid(first) & shapely.is_valid(second) & np.not_equal(found, None)
    for (name, relation), answers in zip(RELATIONS.items(), ours, strict=True):
        wanted = holds(relation, matrices, *sizes)
        if name.lower().endswith(("equals", "eq")):
            wanted |= shapely.is_empty(first) & shapely.is_empty(second)
        if name.startswith("rcc8"):
            wanted &= areas
        for row in np.flatnonzero(known):
            assert answers[row] == wanted[row], (name, rows[row])


def test_empty_parts_of_collections_do_not_end_the_process(engine: Any) -> None:
    boxes = [shapely.box(5, 2, 6, 4), shapely.Polygon(), shapely.box(4, 0, 7, 2)]
    first = np.array([shapely.GeometryCollection(boxes)] * 2, dtype=object)
    second = np.array([shapely.box(0, 0, 5, 5), shapely.box(20, 20, 21, 21)], dtype=object)
    calls = [Call(GEOF + name, (Var("a"), Var("b"))) for name in RELATIONS]
    for sides in ((first, second), (second, first)):
        answers = dict(zip(RELATIONS, _answers(engine, calls, *sides), strict=True))
        assert answers["sfIntersects"] == [True, False]
        assert answers["sfOverlaps"] == [True, False]
        assert answers["ehDisjoint"] == [False, True]
