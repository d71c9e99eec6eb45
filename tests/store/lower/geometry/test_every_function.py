"""Every function over inputs that make GEOS fail: a row is an error, the query goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from ontology import PREFIXES, WKT_LITERAL
from store import lower
from store.algebra import Expr, Extend
from store.engine.connection import connect
from store.lower.geometry.functions import GEO_FUNCTIONS
from store.lower.spatial_aggregates import SPATIAL_AGGREGATES
from store.sparql import parse_query
from store.values import TERM_STRUCT, columns_of

pytestmark = pytest.mark.slow

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
LAEA = "<http://www.opengis.net/def/crs/EPSG/0/3035> "
BOW = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
DEEP = "GEOMETRYCOLLECTION (" * 28 + "POINT (1 1)" + ")" * 28
SHAPES = [
    "POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY", "MULTIPOINT EMPTY", "POINT (1 2)",
    "POINT Z (1 2 3)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)", "POINT (10 95)", "POINT (500 10)",
    "LINESTRING (0 0, 0 0)", "LINESTRING (0 0, 1 0)", "LINESTRING Z (0 0 1, 1 1 2)", BOW,
    "POLYGON ((0 0, 2 0, 2 2, 0 0))", "POLYGON ((0 0, 1 0, 0 0, 0 0))", "POINT (1e300 1e300)",
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (5 5, 6 5, 6 6, 5 5))", "POINT (-1e308 1e308)",
    "MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 1, 3 1, 3 3, 1 3, 1 1)))", DEEP,
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1), POLYGON ((0 0, 2 0, 2 2, 0 0)))",
    "MULTIPOINT (0 0, 0 0)", "LINESTRING (-180 0, 180 0)", "POINT (0 90)", "POINT (180 -90)",
    LAEA + "POINT (3210000 4321000)", LAEA + BOW, LAEA + "POINT EMPTY", LAEA + "POINT (1e9 1e9)",
    "<http://www.opengis.net/def/crs/EPSG/0/4326> LINESTRING (48 10, 49 11)", LAEA + DEEP,
    "<http://www.opengis.net/def/crs/EPSG/0/32633> POLYGON ((0 0, 9 0, 9 9, 0 0))", "no geometry",
    "<http://www.opengis.net/def/crs/IAU/2015/49900> POINT (1 2)",
]  # fmt: skip
ARGUMENTS = {
    "relate": '"T********"', "transform": "?crs", "geometryN": "?n", "asGML": '"gml"',
    "asDGGS": "<https://h3geo.org/res/2>", "concaveHull": "?n", "metricBuffer": "?n",
    "area": "?unit", "length": "?unit", "perimeter": "?unit",
}  # fmt: skip
STEP = 3


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    connection = connect(threads=2)
    lower.register(connection)
    prepared = lower.prepare_terms(_terms())
    facets = ", ".join(
        f'{node.sql("duckdb")} AS "{name}.{facet}"'
        for name, value in prepared.values.items()
        for facet, node in value.facets.items()
    )
    connection.register("terms", prepared.table)
    connection.execute(f"CREATE TABLE made AS SELECT {facets} FROM terms")

    scope = {name: columns_of(name, value, "made") for name, value in prepared.values.items()}
    yield connection, scope
    connection.close()


def _terms() -> pa.Table:
    pairs = [(a, b) for a in SHAPES for b in SHAPES[::STEP]]
    units = ["metre", "degree", "hectare", "nonsense"]
    codes = ["EPSG/0/3035", "EPSG/0/4326", "EPSG/0/99999", "OGC/1.3/CRS84", "IAU/2015/49900"]
    numbers = ["1", "2", "-3", "0", "1e400", "NaN", "1000000000"]
    uom, crs = PREFIXES["uom"], "http://www.opengis.net/def/crs/"
    xsd = PREFIXES["xsd"]
    return pa.table(
        {
            "g": _literals([a for a, _ in pairs], WKT_LITERAL),
            "h": _literals([b for _, b in pairs], WKT_LITERAL),
            "n": _literals(
                [numbers[k % 7] for k in range(len(pairs))],
                [xsd + ("integer" if k % 7 < 4 else "double") for k in range(len(pairs))],
            ),
            "unit": _iris([uom + units[k % 4] for k in range(len(pairs))]),
            "crs": _iris([crs + codes[k % 5] for k in range(len(pairs))]),
        }
    )


def _literals(texts: list[str], datatypes: str | list[str]) -> pa.Array:
    names = [datatypes] * len(texts) if isinstance(datatypes, str) else datatypes
    cells = [
        {"kind": 3, "value": text, "datatype": name, "lang": None}
        for text, name in zip(texts, names, strict=True)
    ]
    return pa.array(cells, TERM_STRUCT)


def _iris(texts: list[str]) -> pa.Array:
    cells = [{"kind": 1, "value": text, "datatype": None, "lang": None} for text in texts]
    return pa.array(cells, TERM_STRUCT)


def _expression(text: str) -> Expr:
    plan: Any = parse_query(f"{PROLOGUE} SELECT ({text} AS ?x) {{}}").plan
    while not isinstance(plan, Extend):
        plan = plan.child
    return plan.expr


def _calls() -> list[str]:
    calls = []
    for iri, (_, least, _most) in GEO_FUNCTIONS.items():
        name = iri.rpartition("#")[2].rpartition("/")[2]
        known = {"area": [], "asGML": []} if iri.startswith(PREFIXES["strdf"]) else {}
        if name in ("distance", "buffer"):
            rest = ["?h" if name == "distance" else "?n", "?unit"]
        elif name == "relate":
            rest = ["?h", ARGUMENTS[name]]
        elif name in known or (least == 1 and name not in ARGUMENTS):
            rest = []
        else:
            rest = [ARGUMENTS.get(name, "?h")]
        calls.append(f"<{iri}>({', '.join(['?g', *rest])})")
    return calls


@pytest.mark.parametrize("call", _calls(), ids=lambda call: call[call.rindex("/") + 1 :])
def test_nothing_ends_the_query(call: str, engine: Any) -> None:
    connection, scope = engine
    value = lower.expression(_expression(call), scope)
    struct = lower.to_struct(value).sql("duckdb")
    rows = connection.execute(f"SELECT {struct} AS x FROM made").to_arrow_table()
    assert len(rows) == len(SHAPES) * len(SHAPES[::STEP])
    answered = len(rows) - rows.column("x").null_count
    assert 0 < answered < len(rows)


@pytest.mark.parametrize("name", sorted({*SPATIAL_AGGREGATES.values()}))
def test_a_group_that_fails_is_an_error(name: str, engine: Any) -> None:
    connection, scope = engine
    iri = next(iri for iri, kind in SPATIAL_AGGREGATES.items() if kind == name)
    query = parse_query(f"{PROLOGUE} SELECT (<{iri}>(?h) AS ?x) {{}}")
    plan: Any = query.plan
    while not hasattr(plan, "aggregates"):
        plan = plan.child
    made = lower.aggregate(plan.aggregates[0][1], scope)
    shown = lower.to_struct(made).sql("duckdb")
    key = lower.term_key(scope["g"]).sql("duckdb")
    for group in (key, lower.term_key(scope["h"]).sql("duckdb"), f"md5({key})[1]"):
        rows = connection.execute(f"SELECT {shown} AS x FROM made GROUP BY {group}")
        assert len(rows.to_arrow_table())
