"""Cases of ours: where pyoxigraph differs from the standard, bad input, shape of the SQL."""

# ruff: noqa: E501 -- tables of cases read better in long lines
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlglot import exp

from ontology import IRI, WKT_LITERAL, GeoloomError, Lane, Literal, Term, UnsupportedError
from store import lower
from store.algebra import Aggregate, Call, Exists, Unit, Var
from store.values import Value

from .conftest import parsed

XSD = "http://www.w3.org/2001/XMLSchema#"
TRUE, FALSE = Literal("true", XSD + "boolean"), Literal("false", XSD + "boolean")
Ours = Callable[[str], Term | None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"a"@en && true', TRUE, marks=pytest.mark.standard("SPARQL 1.1 §17.2.2")),
        pytest.param('!""@en', TRUE, marks=pytest.mark.standard("SPARQL 1.1 §17.2.2")),
        pytest.param("true > false", TRUE, marks=pytest.mark.standard("SPARQL 1.1 §17.3")),
        pytest.param('"a"@en < "b"@en', None, marks=pytest.mark.standard("SPARQL 1.1 §17.3")),
        pytest.param('isNumeric("300"^^xsd:byte)', FALSE, marks=pytest.mark.standard("SPARQL 1.1 §17.4.2.4")),
        pytest.param('STR("01"^^xsd:integer)', Literal("01"), marks=pytest.mark.standard("SPARQL 1.1 §17.4.2.5")),
        pytest.param('REPLACE("abc", "x*", "-")', None, marks=pytest.mark.standard("XPath F&O §7.6.3, FORX0003")),
        pytest.param('"NaN"^^xsd:double < 1', FALSE, marks=pytest.mark.standard("XPath F&O §4.3")),
        pytest.param("STR(1e3 * 1)", Literal("1000.0"), marks=pytest.mark.standard("SPARQL 1.1 §17.4.2.5")),
        pytest.param('REGEX("a b", "a[ ]b", "x")', TRUE, marks=pytest.mark.standard("XPath F&O §7.6.1.1")),
        pytest.param('REPLACE("abab", "(a)(b)", "$12")', Literal("a2a2"), marks=pytest.mark.standard("XPath F&O §7.6.3")),
        pytest.param('REPLACE("ab", "a", "\\\\$")', Literal("$b"), marks=pytest.mark.standard("XPath F&O §7.6.3")),
        pytest.param('REPLACE("ab", "a", "$")', None, marks=pytest.mark.standard("XPath F&O §7.6.3, FORX0004")),
        pytest.param('"2006-08-23"^^xsd:date = "2006-08-23Z"^^xsd:date', None, marks=pytest.mark.standard("XML Schema 2 §3.2.7.4")),
        pytest.param('"2006-08-23"^^xsd:date != "2006-08-23Z"^^xsd:date', None, marks=pytest.mark.standard("XML Schema 2 §3.2.7.4")),
        pytest.param("xsd:string(1e10)", Literal("1.0E10"), marks=pytest.mark.standard("XPath F&O §17.1.2")),
        pytest.param("xsd:string(-1.25e-7)", Literal("-1.25E-7"), marks=pytest.mark.standard("XPath F&O §17.1.2")),
        pytest.param("xsd:string(1234567.5e0)", Literal("1.2345675E6"), marks=pytest.mark.standard("XPath F&O §17.1.2")),
        pytest.param("xsd:string(1.5e300)", Literal("1.5E300"), marks=pytest.mark.standard("XPath F&O §17.1.2")),
        pytest.param("isBlank(BNODE())", TRUE, marks=pytest.mark.standard("SPARQL 1.1 §17.4.2.9")),
    ],
)  # fmt: skip
def test_by_the_standard(text: str, expected: Term | None, ours: Ours) -> None:
    assert ours(text) == expected


def _double(name: str = "area") -> Value:
    column = exp.column(exp.to_identifier("o", quoted=True))
    tag = exp.column(exp.to_identifier("t", quoted=True))
    return Value(frozenset({Lane.DOUBLE}), {"tag": tag, "double": column}, maybe_unbound=False)


def test_a_comparison_of_a_typed_column_is_plain_sql() -> None:
    sql = lower.condition(parsed("?area > 3000"), {"area": _double()}).sql("duckdb")
    assert sql == '"o" > CAST(3000 AS DOUBLE)'


def test_text_is_demanded_only_where_it_is_read() -> None:
    assert lower.text_demand(parsed("STR(?a) = ?b && isIRI(?c)")) == {"a"}
    assert lower.text_demand(Var("a"), whole=True) == {"a"}
    assert lower.text_demand(parsed("COALESCE(?a, ?b)"), whole=True) == {"a", "b"}
    assert not lower.text_demand(Aggregate("COUNT", Var("a")))


def test_deep_arithmetic_on_mixed_columns_stays_small(engine: Any) -> None:
    deep = parsed("?a" + " + ?a" * 30)
    facets = {f: exp.column(exp.to_identifier(f)) for f in ("tag", "integer", "decimal", "double")}
    mixed = Value(frozenset({Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE}), facets)
    assert len(lower.to_struct(lower.expression(deep, {"a": mixed})).sql("duckdb")) < 200_000


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (Call("STRLN", ()), "did you mean STRLEN"),
        (Call("STRLEN", ()), "takes 1 arguments, but 0"),
        (Call("SUBSTR", (Var("a"),)), "takes 2 to 3 arguments, but 1"),
        (Call("http://www.opengis.net/def/function/geosparql/sfWithinn", ()), "geof:sfWithin?"),
        (Call("http://www.opengis.net/def/function/geosparql/asGML", ()), "takes 1 to 2 arguments"),
        (Call("http://example.org/f", ()), "functions.md"),
    ],
)
def test_what_is_not_there_is_refused_by_name(call: Call, words: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        lower.expression(call, {})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r'REGEX("aa", "(a)\\1")', "back-reference"),
        ('REGEX("ab", "[a-z-[b]]b")', "class"),
        (r'REGEX("ab", "\\p{IsGreek}")', "block"),
    ],
)
def test_what_re2_cannot_do_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        lower.expression(parsed(text), {})


def test_exists_needs_the_emitter() -> None:
    with pytest.raises(UnsupportedError):
        lower.expression(Exists(Unit()), {})
    made = lower.condition(Exists(Unit()), {}, exists=lambda _: exp.true())
    assert made.sql("duckdb") == "TRUE"


def test_an_unknown_aggregate_is_refused() -> None:
    with pytest.raises(GeoloomError, match="MEDIAN"):
        lower.aggregate(Aggregate("MEDIAN", Var("a")), {})


@pytest.mark.parametrize(
    ("text", "datatype", "lane"),
    [
        ("1", "integer", Lane.INTEGER), ("99999999999999999999", "integer", Lane.OTHER),
        ("x", "integer", Lane.OTHER), ("1.5", "decimal", Lane.DECIMAL),
        ("1.1234567890123", "decimal", Lane.OTHER), ("NaN", "double", Lane.OTHER),
        ("-0.0", "double", Lane.OTHER), ("0.1", "float", Lane.FLOAT), ("1", "boolean", Lane.BOOLEAN),
        ("TRUE", "boolean", Lane.OTHER), ("2018-01-01Z", "date", Lane.OTHER),
        ("2018-02-30", "date", Lane.OTHER), ("2018-01-01T00:00:00+02:00", "dateTime", Lane.DATETIME),
        ("5", "byte", Lane.OTHER),
    ],
)  # fmt: skip
def test_a_constant_lies_where_a_load_would_put_it(text: str, datatype: str, lane: Lane) -> None:
    assert lower.constant(Literal(text, XSD + datatype)).only_lane is lane


def test_constants_of_nodes_and_geometries() -> None:
    assert lower.constant(IRI("u:a")).only_lane is Lane.NODE
    here = lower.constant(Literal("POINT (1 2)", WKT_LITERAL))
    assert here.only_lane is Lane.GEOMETRY
    assert not here.has("text")
    assert lower.constant(Literal("POINT (1", WKT_LITERAL)).only_lane is Lane.OTHER
