"""STRDT over columns gives what the same literal gives when it is written in the query."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ontology import IRI, WKT_LITERAL, Literal
from store import lower
from store.values import TERM_STRUCT

from .conftest import _term, parsed, same, struct_of

XSD = "http://www.w3.org/2001/XMLSchema#"
TEXTS = (
    "1", "01", " 1", "abc", "1.50", "true", "2006-08-23", "2006-08-23Z", "-0.0", "INF", "1e30",
    "2006-08-23T00:00:00+01:00", "2006-02-30T00:00:00", "POINT (1 2)", "POINT(1 2)", "300",
)  # fmt: skip
TYPES = (
    *(XSD + name for name in (
        "string", "integer", "decimal", "double", "float", "boolean", "date", "dateTime", "byte",
    )),
    WKT_LITERAL, "u:x",
)  # fmt: skip
PAIRS = [(text, datatype) for text in TEXTS for datatype in TYPES]


def _column(terms: list[IRI] | list[Literal]) -> pa.Array:
    return pa.array(
        [
            {"kind": 1, "value": term.value}
            if isinstance(term, IRI)
            else {"kind": 3, "value": term.lexical, "datatype": term.datatype}
            for term in terms
        ],
        TERM_STRUCT,
    )


@pytest.mark.standard("SPARQL 1.1 §17.4.2.12")
@pytest.mark.parametrize("use", ["{}", "{} + 1", "xsd:string({})", "{} = {}", "YEAR({})"])
def test_a_column_of_datatypes(use: str, engine: Any) -> None:
    given = lower.prepare_terms(
        pa.table(
            {
                "text": _column([Literal(text) for text, _ in PAIRS]),
                "type": _column([IRI(datatype) for _, datatype in PAIRS]),
                "term": _column([Literal(text, datatype) for text, datatype in PAIRS]),
            }
        )
    )
    engine.register("given", given.table)
    made, stored = (
        struct_of(
            engine,
            lower.to_struct(lower.expression(parsed(text), given.values)).sql("duckdb"),
            "FROM given",
        ).to_pylist()
        for text in (use.replace("{}", "STRDT(?text, ?type)"), use.replace("{}", "?term"))
    )
    for pair, one, two in zip(PAIRS, made, stored, strict=True):
        terms = [None if cell is None else _term(cell) for cell in (one, two)]
        assert terms[0] == terms[1] or same(*terms), (pair, terms)


def test_not_a_datatype(engine: Any) -> None:
    for text in ('STRDT("1", "x")', "STRDT(1, xsd:integer)", 'STRDT("a", rdf:langString)'):
        made = lower.to_struct(lower.expression(parsed(text), {}))
        assert struct_of(engine, made.sql("duckdb")).to_pylist() == [None]
