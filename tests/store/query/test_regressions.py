"""Faults that random queries found; each was a wrong answer, a refusal or a dead process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from store.query import run_query

Check = Callable[[str], None]
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def _only(text: str) -> str | None:
    (row,) = run_query(None, text).rows()
    return row["x"].lexical if row else None  # type: ignore[union-attr]


@pytest.mark.standard("GeoSPARQL 1.1 §8.7, OGC 06-104r4 axis order")
def test_latitude_first_literals_are_carried_to_other_systems() -> None:
    lisbon = f'"<{EPSG}4326> POINT (38.7 -9.1)"^^geo:wktLiteral'
    assert _only(f"SELECT (geof:asGeoJSON({lisbon}) AS ?x) {{}}") == (
        '{"type":"Point","coordinates":[-9.1,38.7]}'
    )
    east = _only(f"SELECT (geof:minX(geof:transform({lisbon}, <{EPSG}3857>)) AS ?x) {{}}")
    assert float(east or 0) == pytest.approx(-1013007.4, abs=1)
    window = '"POLYGON ((-10 38, -9 38, -9 39, -10 39, -10 38))"^^geo:wktLiteral'
    carried = f"geof:transform({lisbon}, <{EPSG}3035>)"
    assert _only(f"SELECT (geof:sfWithin({carried}, {window}) AS ?x) {{}}") == "true"


@pytest.mark.parametrize("code", [3857, 2193, 27700, 31370, 28992, 2056, 3035])
def test_distances_between_systems_do_not_end_the_process(code: int) -> None:
    for north in range(3):
        metres = _only(
            f"""SELECT (geof:distance("<{EPSG}{code}> POINT (500000 {north})"^^geo:wktLiteral,
            "POINT (2 1)"^^geo:wktLiteral, uom:metre) AS ?x) {{}}"""
        )
        assert metres is None or float(metres) > 0


@pytest.mark.parametrize(
    "text",
    [
        'SELECT ?e { ?z ?y ?w BIND("" != ("x"^^xsd:integer = ?never) AS ?e) }',
        'SELECT ?e { { ?z :age ?w BIND(CONCAT(:a, "x") AS ?e) } { :a :age ?c BIND(1 AS ?e) } }',
        "SELECT ?z (COUNT(DISTINCT *) AS ?m) { :q :q ?z } GROUP BY ?z",
        "SELECT (COUNT(DISTINCT *) AS ?m) { :q :q ?z }",
    ],
)
def test_nothing_known_of_a_variable(agree: Check, text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?z :knows ?y FILTER NOT EXISTS { ?z :age ?w FILTER(:d IN (?w, ?y = ?z)) } }",
        "ASK { ?s :age ?a FILTER(EXISTS { :d :name ?n FILTER(CONTAINS(STR(?a), ?n)) } || 1) }",
        "SELECT * { ?x :knows+ :c FILTER(EXISTS { ?x :knows* ?y } || false) }",
        "SELECT * { ?x :knows+ ?y MINUS { ?y :in* ?z . ?z :name ?n } }",
        "SELECT * { ?x :knows+ 7 FILTER(EXISTS { ?x :name* ?y } || false) }",
    ],
)
def test_inside_exists(agree: Check, text: str) -> None:
    agree(text)


def test_decimals_past_the_range_are_an_error_not_a_refusal() -> None:
    big = " ".join("99999999999999999999999999.5" for _ in range(4))
    for name in ("SUM", "AVG"):
        assert _only(f"SELECT ({name}(?v) AS ?x) {{ VALUES ?v {{ {big} }} }}") is None
    assert _only("SELECT (SUM(?v) AS ?x) { VALUES ?v { 1.25 -3.5 7 } }") == "4.75"
    assert _only("SELECT (SUM(?v) AS ?x) { VALUES ?v { -1.25 -0.5 } }") == "-1.75"


def test_nul_in_a_literal() -> None:
    assert _only(r'SELECT ?x { VALUES ?x { "a\u0000b" } }') == "a\0b"
    assert _only(r'SELECT (STRLEN("a\u0000b") AS ?x) {}') == "3"
    assert _only(r'SELECT (CONCAT("a\u0000b", "c") AS ?x) {}') == "a\0bc"
