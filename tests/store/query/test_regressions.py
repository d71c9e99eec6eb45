"""Faults that random queries found; each was a wrong answer, a refusal or a dead process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import shapely

from ontology import GeoloomError, UnsupportedError, metres_distance
from store import Store, explain, run_query

Check = Callable[[str], None]
XSD = "http://www.w3.org/2001/XMLSchema#"
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
        "SELECT * { ?x :seen ?y BIND(TIMEZONE(?y) / EXISTS { ?x :age ?z } AS ?e) }",
        "SELECT * { ?x ?p ?y BIND(TZ(?y) = STR(EXISTS { ?x :seen ?y }) AS ?e) }",
        """SELECT * { ?x ?p ?y BIND(IF(EXISTS { ?x :age ?y } = EXISTS { ?x :name ?y },
            xsd:integer(EXISTS { ?x :age ?z }) + xsd:integer(EXISTS { ?x :in ?z }), 7) AS ?e) }""",
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


def test_not_a_number_beside_an_error() -> None:
    for sign in ("=", "!=", "<", ">="):
        for pair in ('"NaN"^^xsd:double {} xsd:decimal("A")', '?never + 1 {} "NaN"^^xsd:float'):
            asked = f"COALESCE(IF({pair.format(sign)}, 1, 2), 3)"
            assert _only(f"PREFIX xsd: <{XSD}> SELECT ({asked} AS ?x) {{}}") == "3"


def test_nul_in_a_literal() -> None:
    assert _only(r'SELECT ?x { VALUES ?x { "a\u0000b" } }') == "a\0b"
    assert _only(r'SELECT (STRLEN("a\u0000b") AS ?x) {}') == "3"
    assert _only(r'SELECT (CONCAT("a\u0000b", "c") AS ?x) {}') == "a\0bc"


def _count(pattern: str) -> int:
    return int(_only(f"SELECT (COUNT(*) AS ?x) {{ {pattern} }}") or 0)


@pytest.mark.parametrize("name", ["SUM", "AVG"])
def test_different_decimals_past_the_range_are_an_error_too(name: str) -> None:
    big = " ".join(f"9999999999999999999999999{digit}.5" for digit in range(6))
    assert _only(f"SELECT ({name}(DISTINCT ?v) AS ?x) {{ VALUES ?v {{ {big} }} }}") is None


def test_sums_of_different_decimals() -> None:
    assert _only("SELECT (SUM(DISTINCT ?v) AS ?x) { VALUES ?v { 1.25 1.25 -3.5 } }") == "-2.25"
    assert _only("SELECT (AVG(DISTINCT ?v) AS ?x) { VALUES ?v { 1.25 1.25 2.75 } }") == "2"
    assert _only("SELECT (SUM(DISTINCT ?v) AS ?x) { VALUES ?v { 1 1.0 UNDEF } }") is None


EMPTY = '"POINT EMPTY"^^geo:wktLiteral'
POINT = '"POINT (1 1)"^^geo:wktLiteral'


@pytest.mark.standard("GeoSPARQL 1.1 §9.3-9.5, DE-9IM TFFFTFFFT of equal geometries")
@pytest.mark.parametrize(
    ("name", "equal", "count"),
    [("sfEquals", "true", 2), ("ehEquals", "true", 2), ("rcc8eq", "false", 0)],
)
def test_empty_geometries_are_equal_but_no_areas(name: str, equal: str, count: int) -> None:
    assert _only(f"SELECT (geof:{name}({EMPTY}, {EMPTY}) AS ?x) {{}}") == equal
    values = f"{{ {EMPTY} {POINT} }}"
    for pattern in ("VALUES ?a {0} VALUES ?b {0}", "{{ VALUES ?a {0} }} {{ VALUES ?b {0} }}"):
        assert _count(pattern.format(values) + f"FILTER(geof:{name}(?a, ?b))") == count


@pytest.mark.standard("GeoSPARQL 1.1 §9.1.2 geof:distance")
def test_distance_join_around_the_pole() -> None:
    crs = f"{EPSG}3413"
    places = np.random.default_rng(5).uniform(-400_000, 400_000, (2, 20, 2)).round(3)
    tables = [
        " ".join(
            f'({at} "<{crs}> POINT ({x} {y})"^^geo:wktLiteral)' for at, (x, y) in enumerate(side)
        )
        for side in places
    ]
    text = f"""SELECT ?a ?b {{ {{ VALUES (?a ?g) {{ {tables[0]} }} }}
      {{ VALUES (?b ?h) {{ {tables[1]} }} }}
      FILTER(geof:distance(?g, ?h, uom:metre) <= 250000) }}"""
    assert "recognise_spatial_joins" in explain(None, text).fired
    first, second = (shapely.points(side) for side in places)
    apart = metres_distance(np.repeat(first, 20), np.tile(second, 20), crs).reshape(20, 20)
    wanted = {(int(a), int(b)) for a, b in np.argwhere(apart <= 250_000)}
    assert 0 < len(wanted) < 400
    for optimise in (True, False):
        rows = run_query(None, text, optimise=optimise).rows()
        assert {(int(r["a"].lexical), int(r["b"].lexical)) for r in rows} == wanted  # type: ignore[union-attr]


def test_many_rows_of_values_answer_like_few() -> None:
    few = '1 01 1.50 2.5e0 "a" "a"@en true <http://ex/a> "odd"^^<http://ex/k> UNDEF ' + POINT + " "
    assert _count(f"VALUES ?x {{ {few * 30} }} VALUES ?x {{ {few} }}") == 30 * _count(
        f"VALUES ?x {{ {few} }} VALUES ?x {{ {few} }}"
    )
    rows = " ".join(f'("{at}" UNDEF)' for at in range(300))
    found = list(run_query(None, f"SELECT * {{ VALUES (?x ?y) {{ {rows} }} }}").rows())
    assert {row["x"].lexical for row in found} == {str(at) for at in range(300)}  # type: ignore[union-attr]
    assert all("y" not in row for row in found)
    assert _count(f"VALUES ?x {{ {'UNDEF ' * 300} }}") == 300


def test_large_tables_are_planned_in_time() -> None:
    numbers = " ".join(map(str, range(100_000)))
    start = perf_counter()
    assert _count(f"VALUES ?x {{ {numbers} }}") == 100_000
    assert perf_counter() - start < 10
    kinds = " ".join(f'""^^<x:{at}>' for at in range(300))
    with pytest.raises(UnsupportedError, match="datatypes"):
        _count(f"VALUES ?x {{ {kinds} }}")


@pytest.mark.parametrize(
    "text",
    [
        'SELECT DISTINCT ("x" AS ?v) { ?a ?b ?c }',
        'SELECT DISTINCT ("x" AS ?v) { ?a :none ?c }',
        'SELECT DISTINCT ("x" AS ?v) (9 AS ?w) ?a { ?a ?b ?c }',
        'SELECT * { ?a :age ?b { SELECT DISTINCT ("x" AS ?v) { ?a :in ?c } } }',
    ],
)
def test_constants_that_are_told_apart(agree: Check, text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    "test", ["STRLEN(STRUUID()) = 36", "- ABS(RAND()) <= 0", "BNODE(?n) = BNODE(?n)"]
)
def test_what_is_drawn_in_an_optional_filter(agree: Check, test: str) -> None:
    agree(f"SELECT * {{ ?a :knows ?b OPTIONAL {{ ?a :name ?n FILTER({test}) }} }}")


def test_an_unbound_variable_is_not_described(agree: Check) -> None:
    agree("DESCRIBE ?never { ?a :knows ?b }")
    agree("DESCRIBE ?c { ?a :age ?b OPTIONAL { ?a :val ?c } }")


@pytest.mark.standard("SPARQL 1.1 §17.4.1.9 IN")
def test_nothing_after_in(agree: Check) -> None:
    agree("SELECT (1 IN () AS ?x) ((?never IN ()) AS ?y) ((?never NOT IN ()) AS ?z) {}")
    assert _only("SELECT (<x:a> IN () AS ?x) {}") == "false"


@pytest.mark.standard("SPARQL 1.1 §17.4.1.9 IN")
def test_lists_after_in() -> None:
    iris = ", ".join(f"<x:{at}>" for at in range(20_000))
    rows = 'VALUES ?x { <x:7> <x:no> "x:7" 7 }'
    assert _count(f"{rows} FILTER(?x IN ({iris}))") == 1
    assert _count(f"{rows} FILTER(?x NOT IN ({iris}))") == 3
    assert _count(f"{rows} FILTER(?x IN ({iris}, 7, 1/0))") == 2
    assert _count(f"{rows} FILTER(?x NOT IN ({iris}, 1/0))") == 0
    assert _count(f"{rows} FILTER(?never IN ({iris}))") == 0
    assert _count(f"{rows} FILTER(!(?never IN (<x:1>)))") == 0
    assert _count("VALUES ?x { 7 } FILTER(?x NOT IN (<x:1>))") == 1
    with pytest.raises(UnsupportedError, match="VALUES"):
        _count(f"{rows} FILTER(?x IN ({', '.join(map(str, range(1001)))}))")


@pytest.mark.parametrize(
    "text",
    [
        "ASK { " + " ".join(f"?s{at} <x:p> ?s{at + 1} ." for at in range(1001)) + " }",
        "ASK { " + " UNION ".join("{ VALUES ?x { 1 } }" for _ in range(1001)) + " }",
        "SELECT " + " ".join(f"(SUM(?x) + {at} AS ?v{at})" for at in range(1001)) + " {}",
    ],
    ids=["triples", "union", "aggregates"],
)
def test_queries_of_too_many_parts_are_refused_at_once(text: str) -> None:
    start = perf_counter()
    with pytest.raises(GeoloomError):
        run_query(None, text)
    assert perf_counter() - start < 5


@pytest.mark.parametrize("depth", [28, 29, 40, 127])
def test_nested_collections_do_not_end_the_process(depth: int) -> None:
    nested = "GEOMETRYCOLLECTION (" * depth + "MULTIPOINT (1 1)" + ")" * depth
    found = _only(f'SELECT (geof:sfIntersects("{nested}"^^geo:wktLiteral, {POINT}) AS ?x) {{}}')
    assert found == ("true" if depth <= 28 else None)


@pytest.mark.parametrize("north", ["1e308", "1e300", "91", "-1e9"])
def test_buffer_of_a_place_that_is_not_on_the_earth(north: str) -> None:
    literal = f'"POINT (1 {north})"^^geo:wktLiteral'
    run_query(None, f"SELECT (geof:buffer({literal}, 1e9, uom:metre) AS ?x) {{}}")


@pytest.mark.standard("SPARQL 1.1 §18.5.1.2 Count")
def test_equal_solutions_are_counted_once(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    nan = f'"NaN"^^<{XSD}double>'
    store.update(f"INSERT DATA {{ <x:a> <x:p> {nan} ; <x:q> {nan} . }}")
    for pattern in ("?b !^<x:r> <x:a>", "<x:a> !<x:r> ?b", "[] !<x:r> ?b . _:a <x:p>|<x:q> ?b"):
        found = run_query(store.snapshot(), f"SELECT (COUNT(DISTINCT *) AS ?x) {{ {pattern} }}")
        assert [row["x"].lexical for row in found.rows()] == ["1"]  # type: ignore[union-attr]


@pytest.mark.standard("SPARQL 1.1 §18.5.1.5 Min, §18.5.1.6 Max, §15.1 ORDER BY")
@pytest.mark.parametrize(
    ("rows", "least", "greatest"),
    [
        ("(1) (2)", "1", "2"),
        ("(1) (UNDEF) (2)", None, "2"),
        ('("a") (UNDEF) (<x:a>) (3)', None, "a"),
        ("(UNDEF)", None, None),
        ("", None, None),
    ],
)
def test_what_is_missing_comes_first(rows: str, least: str | None, greatest: str | None) -> None:
    for distinct in ("", "DISTINCT "):
        values = f"{{ VALUES (?a) {{ {rows} }} }}"
        assert _only(f"SELECT (MIN({distinct}?a) AS ?x) {values}") == least
        assert _only(f"SELECT (MAX({distinct}?a) AS ?x) {values}") == greatest


@pytest.mark.standard("SPARQL 1.1 §18.5.1 ListEval")
def test_errors_come_first() -> None:
    values = '{ VALUES (?a) { ("1") ("two") ("3") } }'
    assert _only(f"SELECT (MIN(<{XSD}integer>(?a)) AS ?x) {values}") is None
    assert _only(f"SELECT (MAX(<{XSD}integer>(?a)) AS ?x) {values}") == "3"


@pytest.mark.standard("SPARQL 1.1 §17.3 operators over integers of any size")
@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("123456789012345678901234567890 = ?n", "false"),
        ("123456789012345678901234567890 > ?n", "true"),
        ("?n IN (123456789012345678901234567890, 1)", "true"),
    ],
)
def test_an_integer_no_machine_word_holds_is_compared(expression: str, found: str) -> None:
    """A copy of TRY_CAST was made a CAST, which threw."""
    assert _only(f"SELECT ({expression} AS ?x) {{ VALUES ?n {{ 1 }} }}") == found


@pytest.mark.parametrize(
    "condition", ["{}", "COALESCE({}, true)", "!{}", "{} || false", "IF({}, 1, 2)"]
)
def test_truth_of_a_computed_value_is_small(condition: str) -> None:
    computed = "(xsd:float(?c) - '4'^^xsd:positiveInteger)"
    rows = "{ VALUES ?c { 4 5.5 true 'x' <x:a> 'a'@en '7'^^xsd:byte '1e1'^^xsd:double } }"
    text = f"PREFIX xsd: <{XSD}> SELECT ?c {{ {rows} FILTER({condition.format(computed)}) }}"
    assert len(explain(None, text).sql) < 40_000
    assert run_query(None, text).rows() is not None
