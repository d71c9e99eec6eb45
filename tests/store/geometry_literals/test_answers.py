"""Queries over geometry literals of every datatype, in lanes and in tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ontology import GEO
from store import Store

Make = Callable[[str], Store]
Rows = Callable[[Store, str], list[tuple[str | None, ...]]]

GML_POINT = (
    "<gml:Point xmlns:gml='http://www.opengis.net/ont/gml'"
    " srsName='http://www.opengis.net/def/crs/EPSG/0/4326'><gml:pos>{y} {x}</gml:pos></gml:Point>"
)
KML_POINT = (
    "<Point xmlns='http://www.opengis.net/kml/2.2'><coordinates>{x},{y}</coordinates></Point>"
)
TEXTS = {
    "asWKT": ("wktLiteral", "POINT ({x} {y})"),
    "asGML": ("gmlLiteral", GML_POINT),
    "asGeoJSON": ("geoJSONLiteral", '{{\\"type\\":\\"Point\\",\\"coordinates\\":[{x},{y}]}}'),
    "asKML": ("kmlLiteral", KML_POINT),
}
"""Predicate: local name of the datatype, and a point at x and y."""


def _term(name: str, x: float, y: float) -> str:
    datatype, text = TEXTS[name]
    return f'"{text.format(x=x, y=y)}"^^geo:{datatype}'


def _prefixed(query: str) -> str:
    return (
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX ex: <http://ex/>"
        " PREFIX geof: <http://www.opengis.net/def/function/geosparql/>"
        " PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> " + query
    )


def _places(name: str, count: int = 5) -> str:
    """Points at (0, 50), (1, 51) …, each of a feature."""
    return "".join(
        f"ex:{name}{k} a geo:Feature ; geo:hasGeometry ex:{name}g{k} ."
        f" ex:{name}g{k} a geo:Geometry ; geo:{name} {_term(name, k, 50 + k)} .\n"
        for k in range(count)
    )


EVERY = "\n".join(map(_places, TEXTS))
KINDS = sorted(TEXTS)


@pytest.mark.parametrize("name", KINDS)
def test_a_constant_matches_its_own_text_and_datatype_only(
    make: Make, rows: Rows, name: str
) -> None:
    store = make(EVERY)
    found = rows(store, f"SELECT ?g {{ ?g ?p {_term(name, 2, 52)} }}")
    assert found == [(f"<http://ex/{name}g2>",)]
    text = TEXTS[name][1].format(x=2, y=52)
    for kind in {TEXTS[other][0] for other in KINDS} - {TEXTS[name][0]}:
        assert rows(store, f'SELECT ?g {{ ?g ?p "{text}"^^geo:{kind} }}') == []
    spaced = TEXTS[name][1].format(x=2, y=52) + " "
    assert rows(store, f'SELECT ?g {{ ?g ?p "{spaced}"^^geo:{TEXTS[name][0]} }}') == []


@pytest.mark.parametrize("name", KINDS)
def test_functions_over_terms_see_text_and_datatype(make: Make, rows: Rows, name: str) -> None:
    store = make(EVERY)
    datatype, text = TEXTS[name]
    own = text.format(x=3, y=53).replace("\\", "")
    query = (
        f"SELECT (DATATYPE(?w) AS ?d) (STR(?w) = {_plain(own)} AS ?t) (isLiteral(?w) AS ?l)"
        f" (?w = {_term(name, 3, 53)} AS ?e) (sameTerm(?w, {_term(name, 3, 53)}) AS ?s)"
        f" {{ ex:{name}g3 geo:{name} ?w }}"
    )
    true = '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    assert rows(store, query) == [(f"<{GEO}{datatype}>", true, true, true, true)]


def _plain(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def test_the_same_place_in_two_serialisations_is_two_terms(make: Make, rows: Rows) -> None:
    store = make(EVERY)
    pairs = "{ ?a ?p ?v . ?b ?q ?w FILTER(?p != rdf:type && ?q != rdf:type && isLiteral(?v))"
    pairs = pairs.replace("rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")
    same = rows(store, f"SELECT (COUNT(*) AS ?n) {pairs} FILTER(sameTerm(?v, ?w)) }}")
    joined = rows(store, "SELECT (COUNT(*) AS ?n) { ?a ?p ?v . ?b ?q ?v FILTER(isLiteral(?v)) }")
    distinct = rows(store, "SELECT (COUNT(DISTINCT ?v) AS ?n) { ?a ?p ?v FILTER(isLiteral(?v)) }")
    assert same == joined == distinct == [('"20"^^<http://www.w3.org/2001/XMLSchema#integer>',)]


def test_geometries_of_all_serialisations_meet(make: Make, rows: Rows) -> None:
    store = make(EVERY)
    query = """SELECT ?b { ex:asGMLg2 geo:asGML ?v . ?b ?p ?w
        FILTER(geof:sfEquals(?v, ?w)) }"""
    assert rows(store, query) == [(f"<http://ex/{name}g2>",) for name in KINDS]


@pytest.mark.parametrize("name", KINDS)
def test_a_window_of_any_serialisation(make: Make, rows: Rows, name: str) -> None:
    store = make(EVERY)
    for constant in KINDS:
        near = f"geof:distance(?w, {_term(constant, 2, 52)}, uom:metre) < 200000"
        found = rows(store, f"SELECT ?g {{ ?g geo:{name} ?w FILTER({near}) }}")
        assert found == [(f"<http://ex/{name}g{k}>",) for k in (1, 2, 3)]
    shown = str(store.explain(_prefixed(f"SELECT ?g {{ ?g geo:{name} ?w FILTER({near}) }}")))
    assert "window" in shown


@pytest.mark.parametrize("name", KINDS)
def test_what_a_function_makes_has_the_datatype_of_its_argument(
    make: Make, rows: Rows, name: str
) -> None:
    store = make(EVERY)
    made = f"ex:{name}g1 geo:{name} ?w BIND(geof:envelope(?w) AS ?e)"
    assert rows(store, f"SELECT (DATATYPE(?e) AS ?d) {{ {made} }}") == [
        (f"<{GEO}{TEXTS[name][0]}>",)
    ]
    (((text,),)) = [rows(store, f"SELECT ?e {{ {made} }}")]
    assert text[0] is not None
    assert text[0].endswith(f"^^<{GEO}{TEXTS[name][0]}>")
    again = f"SELECT (sameTerm(?e, {text[0]}) AS ?s) (geof:sfEquals(?e, ?w) AS ?t) {{ {made} }}"
    true = '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    assert rows(store, again) == [(true, true)]
    assert rows(store, f"SELECT ?e {{ {made} VALUES ?e {{ {text[0]} }} }}") == [(text[0],)]


@pytest.mark.parametrize("name", KINDS)
def test_what_is_made_can_be_inserted_and_deleted(make: Make, rows: Rows, name: str) -> None:
    store = make(EVERY)
    where = f"{{ ex:{name}g1 geo:{name} ?w BIND(geof:envelope(?w) AS ?e) }}"
    store.update(_prefixed(f"INSERT {{ ex:new geo:{name} ?e }} WHERE {where}"))
    ((text,),) = rows(store, f"SELECT ?e {{ ex:new geo:{name} ?e }}")
    assert rows(store, f"SELECT ?s {{ ?s geo:{name} {text} }}")[-1] == ("<http://ex/new>",)
    store.update(_prefixed(f"DELETE DATA {{ ex:new geo:{name} {text} }}"))
    assert rows(store, f"SELECT ?e {{ ex:new geo:{name} ?e }}") == []


@pytest.mark.parametrize("name", KINDS)
def test_texts_become_literals_while_running(make: Make, rows: Rows, name: str) -> None:
    store = make(EVERY)
    datatype = TEXTS[name][0]
    query = f"""SELECT ?g {{ ?g geo:{name} ?w BIND(STRDT(STR(?w), geo:{datatype}) AS ?v)
        FILTER(sameTerm(?v, ?w) && ?v = ?w && geof:sfEquals(?v, ?w)) }}"""
    assert len(rows(store, query)) == 5
    query = f"""SELECT ?g {{ ?g geo:{name} ?w BIND(STRDT(STR(?w), DATATYPE(?w)) AS ?v)
        ?g geo:{name} ?v FILTER(DATATYPE(?v) = geo:{datatype}) }}"""
    assert len(rows(store, query)) == 5


def test_terms_in_values_and_group_by(make: Make, rows: Rows) -> None:
    store = make(EVERY)
    listed = " ".join(_term(name, 4, 54) for name in KINDS)
    query = f"SELECT ?g {{ VALUES ?w {{ {listed} }} ?g ?p ?w }}"
    assert rows(store, query) == [(f"<http://ex/{name}g4>",) for name in KINDS]
    query = "SELECT (COUNT(*) AS ?n) { ?g ?p ?w FILTER(isLiteral(?w)) } GROUP BY (DATATYPE(?w))"
    assert rows(store, query) == [('"5"^^<http://www.w3.org/2001/XMLSchema#integer>',)] * 4


def test_formats_write_every_serialisation(make: Make) -> None:
    store = make(EVERY)
    result = store.query(_prefixed("SELECT ?w { ?g ?p ?w FILTER(isLiteral(?w)) }"))
    frame = result.gdf()
    assert sorted(frame.geometry.x) == sorted([0.0, 1.0, 2.0, 3.0, 4.0] * 4)
    assert b'"coordinates":[4.0,54.0]' in b"".join(result.serialize("geojson")).replace(b" ", b"")
    made = store.query(_prefixed("SELECT (geof:envelope(?w) AS ?e) { ?g ?p ?w }"))
    assert len([row for row in made.rows() if row.get("e") is not None]) == 20


MEASURED = """
ex:m1 geo:asWKT "POINT M (1 2 3)"^^geo:wktLiteral .
ex:m2 geo:asWKT "POINT ZM (1 2 3 4)"^^geo:wktLiteral .
ex:m3 geo:asWKT "<http://www.opengis.net/def/crs/OGC/1.3/CRS83> POINT (1 2)"^^geo:wktLiteral .
ex:m4 geo:asWKT "POINT (1 2)"^^geo:wktLiteral .
ex:m5 geo:asWKT "POINT (50 60)"^^geo:wktLiteral .
ex:m6 geo:asWKT "POINT M (50 60 7)"^^geo:wktLiteral .
ex:m7 geo:asWKT "POYNT (1 2)"^^geo:wktLiteral .
"""


def test_measured_geometries_are_read_where_they_are_used(make: Make, rows: Rows) -> None:
    store = make(MEASURED)
    area = '"POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0))"^^geo:wktLiteral'
    query = f"SELECT ?g {{ ?g geo:asWKT ?w FILTER(geof:sfWithin(?w, {area})) }}"
    assert rows(store, query) == [(f"<http://ex/m{k}>",) for k in (1, 2, 3, 4)]
    query = "SELECT ?g { ?g geo:asWKT ?w FILTER(!geof:isEmpty(?w)) }"
    assert len(rows(store, query)) == 6
    query = """SELECT ?g { ?g geo:asWKT "POINT M (50 60 7)"^^geo:wktLiteral }"""
    assert rows(store, query) == [("<http://ex/m6>",)]
    query = """SELECT ?g ?h { ?g geo:asWKT ?v . ?h geo:asWKT ?w
        FILTER(?g != ?h && geof:sfEquals(?v, ?w)) }"""
    found = {(g, h) for g, h in rows(store, query)}
    assert ("<http://ex/m5>", "<http://ex/m6>") in found
    assert ("<http://ex/m1>", "<http://ex/m4>") in found


def test_measured_constants_and_texts(make: Make, rows: Rows) -> None:
    store = make(MEASURED)
    query = """SELECT ?g { ?g geo:asWKT ?w
        FILTER(geof:sfEquals(?w, "POINT M (50 60 1)"^^geo:wktLiteral)) }"""
    assert rows(store, query) == [("<http://ex/m5>",), ("<http://ex/m6>",)]
    query = """SELECT ?g { ?g geo:asWKT ?w BIND(STRDT(STR(?w), geo:wktLiteral) AS ?v)
        FILTER(sameTerm(?v, ?w)) }"""
    assert len(rows(store, query)) == 7


BAD = {
    "gmlLiteral": "<gml:Point",
    "geoJSONLiteral": "{",
    "kmlLiteral": "<Point>",
    "dggsLiteral": "nowhere",
    "wktLiteral": "POYNT (1 2)",
}


def test_what_cannot_be_read_is_kept_and_an_error_in_functions(make: Make, rows: Rows) -> None:
    bad = " ".join(
        f'ex:{name} geo:hasSerialization "{text}"^^geo:{name} .' for name, text in BAD.items()
    )
    store = make(_places("asGML", 2) + bad)
    for name, text in BAD.items():
        found = rows(store, f"SELECT ?w {{ ex:{name} geo:hasSerialization ?w }}")
        assert found == [(f'"{text}"^^<{GEO}{name}>',)]
        query = f'SELECT ?g {{ ?g geo:hasSerialization "{text}"^^geo:{name} }}'
        assert rows(store, query) == [(f"<http://ex/{name}>",)]
    for condition in ("geof:isEmpty(?w)", "!geof:isEmpty(?w)", "geof:sfIntersects(?w, ?w)"):
        query = f"SELECT ?g {{ ?g geo:hasSerialization ?w FILTER({condition}) }}"
        assert rows(store, query) == []


def test_a_load_names_datatype_and_reason(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    path = tmp_path / "bad.nt"
    lines = (
        f'<http://x/s> <{GEO}hasSerialization> "{text}"^^<{GEO}{name}> .\n'
        for name, text in BAD.items()
    )
    path.write_text("".join(lines))
    report = store.load(path)
    assert report.new == len(BAD)
    remarks = [one for one in report.remarks if "geometry literal" in one]
    assert len(remarks) == len(BAD)
    for name in BAD:
        told = f"1 geometry literal (geo:{name}) kept as text only, the first because "
        (remark,) = [one for one in remarks if told in one]
        assert len(remark.partition(told)[2]) > 5
