"""GeoSPARQL functions against shapely and pyproj."""

# ruff: noqa: E501 -- tables of cases read better in long lines
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely

from ontology import PREFIXES, WKT_LITERAL, Literal, Term, UnsupportedError
from store import lower
from store.algebra import Call, Const, Var
from store.lower.geometry.relations import DIRECT, PATTERNS
from store.values import TERM_STRUCT, columns_of

from .conftest import parsed

GEOF = PREFIXES["geof"]
LAEA = "<http://www.opengis.net/def/crs/EPSG/0/3035> "
Ours = Callable[[str], Term | None]
SHAPES = [
    "POINT (5 5)", "POINT (0 0)", "LINESTRING (0 0, 10 10)", "LINESTRING (0 10, 10 0)",
    "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))", "POLYGON ((2 2, 4 2, 4 4, 2 4, 2 2))",
    "POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))", "POLYGON ((5 5, 15 5, 15 15, 5 15, 5 5))",
    "POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0))", "MULTIPOINT ((5 5), (50 50))", "POINT (70 70)",
]  # fmt: skip
SHAPELY = {
    "ST_Equals": shapely.equals, "ST_Disjoint": shapely.disjoint, "ST_Touches": shapely.touches,
    "ST_Intersects": shapely.intersects, "ST_Crosses": shapely.crosses, "ST_Within": shapely.within,
    "ST_Contains": shapely.contains, "ST_Overlaps": shapely.overlaps,
}  # fmt: skip


def _column(texts: list[str]) -> pa.Array:
    cells = [{"kind": 3, "value": text, "datatype": WKT_LITERAL, "lang": None} for text in texts]
    return pa.array(cells, TERM_STRUCT)


def _pairs(engine: Any, left: list[str], right: list[str]) -> dict[str, Any]:
    prepared = lower.prepare_terms(pa.table({"a": _column(left), "b": _column(right)}))
    engine.register("pairs", prepared.table)
    return dict(prepared.values)


@pytest.mark.standard("GeoSPARQL 1.1 §8.7-8.9")
@pytest.mark.parametrize("name", [*DIRECT, *PATTERNS])
def test_relations(name: str, engine: Any) -> None:
    left = [a for a in SHAPES for _ in SHAPES]
    right = SHAPES * len(SHAPES)
    scope = _pairs(engine, left, right)
    condition = lower.condition(parsed(f"geof:{name}(?a, ?b)"), scope).sql("duckdb")
    ours = [row[0] for row in engine.execute(f"SELECT {condition} FROM pairs").fetchall()]
    first, second = shapely.from_wkt(left), shapely.from_wkt(right)
    if name in DIRECT:
        theirs = SHAPELY[DIRECT[name]](first, second)
    else:
        theirs = shapely.relate_pattern(first, second, PATTERNS[name])
    if name.startswith("rcc8"):
        theirs &= (shapely.get_dimensions(first) == 2) & (shapely.get_dimensions(second) == 2)
    assert ours == theirs.tolist()
    assert any(ours) or name.startswith("rcc8")


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
def test_distance_is_geodesic_on_geographic_coordinates(ours: Ours) -> None:
    metres = ours(
        'geof:distance("POINT (10 65)"^^geo:wktLiteral, "POINT (11 65)"^^geo:wktLiteral, uom:metre)'
    )
    expected = pyproj.Geod(ellps="WGS84").inv(10, 65, 11, 65)[2]
    assert isinstance(metres, Literal)
    assert float(metres.lexical) == pytest.approx(expected, rel=1e-3)
    degrees = ours(
        'geof:distance("POINT (10 65)"^^geo:wktLiteral, "POINT (11 65)"^^geo:wktLiteral, uom:degree)'
    )
    assert isinstance(degrees, Literal)
    assert float(degrees.lexical) == pytest.approx(1)


@pytest.mark.standard("GeoSPARQL 1.1 §8.7")
def test_the_second_argument_comes_into_the_crs_of_the_first(ours: Ours) -> None:
    there = f'"{LAEA}POINT (3210000 4321000)"^^geo:wktLiteral'  # 10° E, 52° N; northing first
    box = '"POLYGON ((9.9 51.9, 10.1 51.9, 10.1 52.1, 9.9 52.1, 9.9 51.9))"^^geo:wktLiteral'
    assert ours(f"geof:sfWithin({there}, {box})") == ours("true")
    assert ours(f"geof:sfContains({box}, {there})") == ours("true")
    lat_first = '"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (52 10)"^^geo:wktLiteral'
    assert ours(f'geof:sfEquals({lat_first}, "POINT (10 52)"^^geo:wktLiteral)') == ours("true")


@pytest.mark.standard("GeoSPARQL 1.1 §8.4, §8.6")
@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ("geof:envelope(?g)", "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"),
        ("geof:convexHull(?g)", "POLYGON ((0 0, 10 0, 10 10, 0 0))"),
        ("geof:boundary(?g)", "LINESTRING (0 0, 10 0, 10 10, 0 0)"),
        ("geof:centroid(?g)", "POINT (6.666666666666667 3.3333333333333335)"),
        ("geof:intersection(?g, ?h)", "POLYGON ((5 5, 5 0, 0 0, 5 5))"),
        ("geof:difference(?h, ?g)", "POLYGON ((0 0, 0 5, 5 5, 0 0))"),
    ],
)
def test_constructions(text: str, wkt: str, engine: Any) -> None:
    scope = _pairs(
        engine, ["POLYGON ((0 0, 10 0, 10 10, 0 0))"], ["POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0))"]
    )
    made = lower.expression(parsed(text), {"g": scope["a"], "h": scope["b"]})
    (wkb,) = engine.execute(
        f"SELECT ST_AsWKB({made.get('geometry').sql('duckdb')}) FROM pairs"
    ).fetchone()
    assert shapely.equals_exact(
        shapely.normalize(shapely.from_wkb(wkb)), shapely.normalize(shapely.from_wkt(wkt)), 1e-9
    )


@pytest.mark.standard("GeoSPARQL 1.1 §8.4, §8.6")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("geof:isEmpty(?g)", "false"), ("geof:isSimple(?g)", "true"), ("geof:dimension(?g)", "2"),
        ("geof:coordinateDimension(?g)", "2"), ("geof:minX(?g)", "0.0"), ("geof:maxY(?g)", "10.0"),
        ("geof:getSRID(?g)", "http://www.opengis.net/def/crs/EPSG/0/3035"),
        ("geof:geometryType(?g)", "http://www.opengis.net/ont/sf#Polygon"),
        ("geof:metricArea(?g)", "100.0"), ("geof:area(?g, uom:squareMetre)", "100.0"),
        ("geof:metricLength(?g)", "40.0"), ("geof:perimeter(?g, uom:kilometre)", "0.04"),
        ("geof:sfWithin(?g, 1)", None), ("geof:area(1, uom:squareMetre)", None),
        ("geof:sfWithin(?g, \"POINT (1\"^^geo:wktLiteral)", None),
        ("geof:distance(?g, ?g, uom:degree)", None),
    ],
)  # fmt: skip
def test_properties(text: str, value: str | None, ours: Ours) -> None:
    square = f'"{LAEA}POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"^^geo:wktLiteral'
    found = ours(text.replace("?g", square))
    assert (found.lexical if isinstance(found, Literal) else found) == value


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
def test_a_buffer_in_metres_is_as_wide_as_it_says(engine: Any) -> None:
    made = lower.expression(
        parsed('geof:buffer("POINT (25 65)"^^geo:wktLiteral, 1000, uom:metre)'), {}
    )
    (wkb,) = engine.execute(f"SELECT ST_AsWKB({made.get('geometry').sql('duckdb')})").fetchone()
    rows = shapely.get_coordinates(shapely.from_wkb(wkb))
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(
        np.full(len(rows), 25.0), np.full(len(rows), 65.0), rows[:, 0], rows[:, 1]
    )
    assert np.allclose(metres, 1000, rtol=1e-3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('geof:relate(?g, ?g, "T*F")', "DE-9IM"),
        ("geof:distance(?g, ?g, <u:hogshead>)", "unit"),
        ("geof:distance(?g, ?g, uom:hectare)", "unit"),
        ("geof:transform(?g, <u:nowhere>)", "coordinate reference system"),
    ],
)
def test_bad_arguments_are_named(text: str, words: str, ours: Ours) -> None:
    with pytest.raises(UnsupportedError) as caught:
        ours(text.replace("?g", '"POINT (1 2)"^^geo:wktLiteral'))
    assert words in str(caught.value)


def _joined(engine: Any, text: str, left: list[str], right: list[str]) -> tuple[set[Any], str]:
    sides = {}
    for name, texts in (("a", left), ("b", right)):
        prepared = lower.prepare_terms(pa.table({name: _column(texts)}))
        engine.register(f"side_{name}", prepared.table)
        facets = ", ".join(
            f'{node.sql("duckdb")} AS "{name}.{facet}"'
            for facet, node in prepared.values[name].facets.items()
        )
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE made_{name} AS SELECT {facets}, row_number() OVER () AS {name}_n FROM side_{name}"
        )
        sides[name] = lower_columns(name, prepared.values[name])
    join, residual = lower.spatial_condition(parsed(text), sides)
    where = f"WHERE CASE WHEN {residual.sql('duckdb')} THEN true ELSE false END" if residual else ""
    query = f"SELECT a_n, b_n FROM made_a JOIN made_b ON {join.sql('duckdb')} {where}"
    plan = engine.execute(f"EXPLAIN {query}").fetchone()[1]
    return set(engine.execute(query).fetchall()), plan


def lower_columns(name: str, value: Any) -> Any:
    return columns_of(name, value, f"made_{name}")


JOINS = [
    "geof:sfIntersects(?a, ?b)", "geof:sfWithin(?a, ?b)", "geof:ehCoveredBy(?a, ?b)",
    'geof:relate(?a, ?b, "T********")', "geof:distance(?a, ?b, uom:kilometre) < 300",
    "500000 >= geof:metricDistance(?a, ?b)", "geof:sfTouches(?a, ?b)",
]  # fmt: skip
EARTH = [
    "POINT (10 65)", "POINT (16 65)", "POINT (179.5 -10)", "POINT (-179.5 -10)", "POINT (0 89)",
    "POINT (180 89.5)", "POINT (100 88.5)", "POLYGON ((9 64, 11 64, 11 66, 9 66, 9 64))",
    "LINESTRING (10 0, 20 0)", "POINT (15 2)", "POLYGON ((11 64, 12 64, 12 66, 11 66, 11 64))",
    "POLYGON ((9 64, 10 64, 10 65, 9 65, 9 64))",
]  # fmt: skip
MIXED = [*EARTH[:2], EARTH[7], LAEA + "POINT (5000000 4321000)", LAEA + "POINT (4600000 4400000)"]


@pytest.mark.parametrize("shapes", [EARTH, MIXED], ids=["one CRS", "several CRSs"])
@pytest.mark.parametrize("text", JOINS)
def test_a_spatial_join_finds_what_the_filter_finds(
    text: str, shapes: list[str], engine: Any
) -> None:
    found, plan = _joined(engine, text, shapes, shapes)
    scope = _pairs(engine, [a for a in shapes for _ in shapes], shapes * len(shapes))
    condition = lower.condition(parsed(text), scope).sql("duckdb")
    flags = [row[0] for row in engine.execute(f"SELECT {condition} FROM pairs").fetchall()]
    size = len(shapes)
    assert found == {(n // size + 1, n % size + 1) for n, flag in enumerate(flags) if flag}
    assert found or shapes is MIXED
    assert "SPATIAL_JOIN" in plan
    assert "BLOCKWISE_NL" not in plan


def test_a_join_of_what_does_not_meet_is_refused() -> None:
    with pytest.raises(UnsupportedError):
        lower.spatial_condition(Call(GEOF + "sfDisjoint", (Var("a"), Var("b"))), {})
    with pytest.raises(UnsupportedError):
        lower.spatial_condition(Call("=", (Const(Literal("a")), Var("b"))), {})
