from __future__ import annotations

import json

import pyarrow as pa
import pyoxigraph as ox
import pytest

from federation.answers import (
    AnswerFormatError,
    blank_columns,
    parse_answer,
    scope_blank_nodes,
)
from store.values import TERM_STRUCT

JSON = "application/sparql-results+json; charset=utf-8"
DATA = """
@prefix : <http://example.org/> .
:a :p "x", "x"@en, 1, _:b, :c . _:b :p "tab\\t" .
"""
QUERY = "SELECT ?s ?o ?never WHERE { ?s ?p ?o } ORDER BY ?s ?o"
FORMATS = {
    JSON: ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}


def answer(media: str, query: str = QUERY) -> bytes:
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    return store.query(query).serialize(format=FORMATS[media])


@pytest.mark.parametrize("media", FORMATS)
def test_every_format_gives_the_same_terms(media: str) -> None:
    table = parse_answer(answer(media), media)
    assert isinstance(table, pa.Table)
    assert table.schema.types == [TERM_STRUCT] * 3
    rows = [tuple(t.values()) for t in table["o"].to_pylist() if t["kind"] != 2]
    xsd = "http://www.w3.org/2001/XMLSchema#"
    lang = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    assert sorted(rows, key=str) == sorted(
        [
            (3, "x", xsd + "string", None),
            (3, "x", lang, "en"),
            (3, "1", xsd + "integer", None),
            (1, "http://example.org/c", None, None),
            (3, "tab\t", xsd + "string", None),
        ],
        key=str,
    )
    assert table["never"].null_count == len(table)
    assert blank_columns(table) == ("s", "o")


def test_ask() -> None:
    assert parse_answer(b'{"head": {}, "boolean": true}', JSON) is True
    assert parse_answer(answer("application/sparql-results+xml", "ASK {}"), "text/xml") is True


def test_blank_nodes_are_scoped_and_stay_linked() -> None:
    table = parse_answer(answer(JSON), JSON)
    one, two = scope_blank_nodes(table, "r1"), scope_blank_nodes(table, "r2")

    def labels(found: pa.Table) -> set[str]:
        cells = found["s"].to_pylist() + found["o"].to_pylist()
        return {c["value"] for c in cells if c["kind"] == 2}

    assert len(labels(one)) == 1
    assert labels(one).isdisjoint(labels(two))
    assert one["o"].filter(pa.compute.equal(pa.compute.struct_field(one["o"], "kind"), 3)) == table[
        "o"
    ].filter(pa.compute.equal(pa.compute.struct_field(table["o"], "kind"), 3))


def test_no_variables_keeps_the_number_of_rows() -> None:
    data = json.dumps({"head": {"vars": []}, "results": {"bindings": [{}, {}]}}).encode()
    assert len(parse_answer(data, JSON)) == 2


@pytest.mark.parametrize(
    ("data", "media", "said"),
    [
        (answer(JSON)[:-9], JSON, "does not parse"),
        (b"<html>", "text/html", "text/html"),
        (b"{}", "", "missing"),
        (b"[]", JSON, "does not parse"),
        (b'{"head": {"vars": ["s"]}}', JSON, "does not parse"),
        (b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"value":"x"}}]}}', JSON, "type"),
        (b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":"x"}]}}', JSON, "parse"),
        (answer("application/sparql-results+xml")[:-12], "application/xml", "parse"),
    ],
)
def test_broken_answers_are_refused(data: bytes, media: str, said: str) -> None:
    with pytest.raises(AnswerFormatError, match=said):
        parse_answer(data, media)
