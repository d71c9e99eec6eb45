"""Result formats parsed back by pyoxigraph and others."""

# ruff: noqa: E501 -- tables of cases read better in long lines
from __future__ import annotations

import csv
import io
import json
from typing import Any

import geopandas
import pyarrow as pa
import pyoxigraph as ox
import pytest
import shapely

from ontology import IRI, WKT_LITERAL, BlankNode, GeoloomError, Literal, Term, UsageError
from store.results import NotAcceptableError, Result, format_named, formats_for, negotiate
from store.values import TERM_STRUCT

XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS: list[Term | None] = [
    IRI("http://example.org/a?b=c&d=é"),
    BlankNode("b0"),
    Literal("plain"),
    Literal('quo"te, comma\nline\ttab \\ back <tag> & \U0001f600'),
    Literal("hallo", lang="de"),
    Literal("3", XSD + "integer"),
    Literal("", XSD + "string"),
    Literal("x", "http://example.org/type"),
    None,
]


def cell(term: Term | None) -> dict[str, Any] | None:
    match term:
        case None:
            return None
        case IRI(value):
            return {"kind": 1, "value": value, "datatype": None, "lang": None}
        case BlankNode(label):
            return {"kind": 2, "value": label, "datatype": None, "lang": None}
        case Literal(lexical, datatype, lang):
            return {"kind": 3, "value": lexical, "datatype": datatype, "lang": lang}


def solutions(**columns: list[Term | None]) -> Result:
    table = {
        name: pa.array([cell(t) for t in terms], TERM_STRUCT) for name, terms in columns.items()
    }
    return Result.select(tuple(columns), pa.table(table))


def _back(term: Any) -> Term | None:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(term.value)
    return Literal(term.value, term.datatype.value, term.language)


@pytest.fixture
def result() -> Result:
    return solutions(x=TERMS, y=list(reversed(TERMS)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("json", ox.QueryResultsFormat.JSON, marks=pytest.mark.standard("SPARQL 1.1 Results JSON §3")),
        pytest.param("xml", ox.QueryResultsFormat.XML, marks=pytest.mark.standard("SPARQL Results XML §2")),
        pytest.param("tsv", ox.QueryResultsFormat.TSV, marks=pytest.mark.standard("SPARQL 1.1 Results CSV/TSV §4")),
    ],
)  # fmt: skip
def test_formats_read_back_as_written(name: str, kind: Any, result: Result) -> None:
    parsed = ox.parse_query_results(b"".join(result.serialize(name)), kind)
    rows = [(_back(row["x"]), _back(row["y"])) for row in parsed]
    assert len(rows) == len(TERMS)
    blanks = [(type(a), type(b)) for a, b in rows]
    expected = list(zip(TERMS, reversed(TERMS), strict=True))
    assert blanks == [(type(a), type(b)) for a, b in expected]
    for found, wanted in zip(rows, expected, strict=True):
        for one, two in zip(found, wanted, strict=True):
            assert isinstance(two, BlankNode) or one == two


@pytest.mark.standard("SPARQL 1.1 Results CSV/TSV §3")
def test_csv(result: Result) -> None:
    text = b"".join(result.serialize("csv")).decode()
    assert text.startswith("x,y\r\n")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows[1:]] == [
        "" if t is None else t.lexical if isinstance(t, Literal) else t.n3 if isinstance(t, BlankNode) else t.value
        for t in TERMS
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["json", "xml"])
@pytest.mark.parametrize("answer", [True, False])
def test_ask(name: str, answer: bool) -> None:
    kind = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}[name]
    result = Result.ask(answer)
    assert bool(ox.parse_query_results(b"".join(result.serialize(name)), kind)) is answer
    assert result.boolean is bool(result) is answer


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "geojson", "table"])
def test_nothing_found(name: str) -> None:
    assert b"".join(solutions(x=[]).serialize(name))


def test_rows_that_bind_nothing_are_rows() -> None:
    result = solutions(x=[None, None, Literal("a")])
    assert result.json()["results"]["bindings"] == [
        {},
        {},
        {"x": {"type": "literal", "value": "a"}},
    ]
    assert list(result.rows()) == [{}, {}, {"x": Literal("a")}]
    assert len(result) == 3


def test_a_control_character_is_refused_in_xml_only() -> None:
    result = solutions(x=[Literal("a\x01b")])
    assert result.json()["results"]["bindings"][0]["x"]["value"] == "a\x01b"
    with pytest.raises(GeoloomError, match="XML"):
        b"".join(result.serialize("xml"))
    assert b"\x01" not in b"".join(result.serialize("table"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("ttl", ox.RdfFormat.TURTLE),
        ("rdf", ox.RdfFormat.RDF_XML),
        ("jsonld", ox.RdfFormat.JSON_LD),
    ],
)
def test_graphs(name: str, kind: Any) -> None:
    subject, predicate = (
        IRI("http://example.org/s"),
        IRI("http://www.w3.org/2000/01/rdf-schema#label"),
    )
    objects = [t for t in TERMS if t is not None and not isinstance(t, BlankNode)]
    table = pa.table(
        {
            "subject": pa.array([cell(subject)] * len(objects), TERM_STRUCT),
            "predicate": pa.array([cell(predicate)] * len(objects), TERM_STRUCT),
            "object": pa.array([cell(t) for t in objects], TERM_STRUCT),
        }
    )
    result = Result.graph(table)
    found = {_back(q.object) for q in ox.parse(b"".join(result.serialize(name)), kind)}
    assert found == set(objects)
    assert {triple[2] for triple in result.triples()} == set(objects)


def _places() -> Result:
    texts = [
        "POINT (10 52)",
        "<http://www.opengis.net/def/crs/EPSG/0/3035> POINT (3210000 4321000)",
    ]
    return solutions(
        place=[Literal(t, WKT_LITERAL) for t in texts],
        n=[Literal("1", XSD + "integer"), Literal("2", XSD + "integer")],
        share=[Literal("0.5", XSD + "double"), Literal("INF", XSD + "double")],
        seen=[Literal("2018-06-01T10:00:00Z", XSD + "dateTime"), None],
        name=[Literal("a"), IRI("u:b")],
    )


@pytest.mark.standard("RFC 7946")
def test_geojson_is_wgs84_longitude_first() -> None:
    found = json.loads(b"".join(_places().serialize("geojson")))
    for feature in found["features"]:
        assert feature["geometry"]["coordinates"] == pytest.approx([10, 52])
    assert found["features"][0]["properties"] == {
        "n": 1,
        "share": 0.5,
        "seen": "2018-06-01T10:00:00Z",
        "name": "a",
    }
    assert found["features"][1]["properties"]["share"] == "INF"


def test_arrow_and_frames_are_natively_typed() -> None:
    table = _places().arrow()
    assert [str(table.schema.field(n).type) for n in ("n", "share", "seen", "name")] == [
        "int64", "double", "timestamp[us, tz=UTC]", "string",
    ]  # fmt: skip
    assert _places().df()["n"].tolist() == [1, 2]
    frame = _places().gdf()
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.name == "place"
    assert shapely.distance(frame.geometry.iloc[0], frame.geometry.iloc[1]) < 1e-6
    assert _places().gdf(crs="EPSG:3035").geometry.iloc[0].x == pytest.approx(4321000)
    with pytest.raises(UsageError, match="several"):
        _places().gdf(crs=None)
    with pytest.raises(UsageError, match="not in the answer"):
        _places().gdf("nowhere")
    with pytest.raises(UsageError, match="No variable"):
        solutions(x=[Literal("a")]).gdf()


def test_geoparquet_reads_back() -> None:
    one = solutions(
        g=[Literal("<http://www.opengis.net/def/crs/EPSG/0/3035> POINT (2 1)", WKT_LITERAL)]
    )
    frame = geopandas.read_parquet(io.BytesIO(b"".join(one.serialize("parquet"))))
    assert frame.crs.to_epsg() == 3035
    assert frame.geometry.iloc[0].wkt == "POINT (1 2)"


def test_geometries_travel_as_wkb_and_are_written_when_asked() -> None:
    kind = pa.struct([*TERM_STRUCT, pa.field("wkb", pa.binary()), pa.field("crs", pa.string())])
    row = {**(cell(Literal("", WKT_LITERAL)) or {}), "value": None, "wkb": shapely.Point(10, 52).wkb,
           "crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}  # fmt: skip
    result = Result.select(("g",), pa.table({"g": pa.array([row, None], kind)}))
    (first, second) = result.rows()
    assert first["g"] == Literal(
        "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (52 10)", WKT_LITERAL
    )
    assert second == {}
    assert result.terms().schema.types == [TERM_STRUCT]
    assert result.gdf().geometry.iloc[0].wkt == "POINT (10 52)"


@pytest.mark.standard("RFC 9110 §12.5.1")
@pytest.mark.parametrize(
    ("accept", "form", "name"),
    [
        (None, "SELECT", "json"), ("*/*", "SELECT", "json"), ("", "CONSTRUCT", "ttl"),
        ("text/csv", "SELECT", "csv"), ("text/csv;q=0.5, application/sparql-results+xml", "SELECT", "xml"),
        ("application/json", "ASK", "json"), ("text/*;q=0.3, text/turtle;q=0.1, application/n-triples;q=0.2", "CONSTRUCT", "table"),
        ("application/geo+json", "SELECT", "geojson"), ("text/csv;q=0, */*;q=0.1", "SELECT", "json"),
    ],
)  # fmt: skip
def test_negotiation(accept: str | None, form: str, name: str) -> None:
    assert negotiate(accept, form).name == name


def test_nothing_acceptable() -> None:
    with pytest.raises(NotAcceptableError, match="accepted media types"):
        negotiate("image/png", "SELECT")
    with pytest.raises(NotAcceptableError):
        negotiate("text/csv;q=0", "ASK")


def test_unknown_and_unfit_formats() -> None:
    with pytest.raises(UsageError, match="did you mean json"):
        format_named("jsn", "SELECT")
    with pytest.raises(UsageError, match="cannot be written as csv"):
        format_named("csv", "ASK")
    assert (
        format_named(".srj", "ASK").name
        == format_named("application/json; q=1", "ASK").name
        == "json"
    )
    assert {f.name for f in formats_for("DESCRIBE")} == {"ttl", "nt", "rdf", "jsonld", "table"}


def test_views_that_do_not_fit_the_form() -> None:
    with pytest.raises(UsageError):
        Result.ask(True).df()
    with pytest.raises(UsageError):
        list(solutions(x=[]).triples())
