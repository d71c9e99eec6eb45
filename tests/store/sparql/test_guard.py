"""Limits before parsing: size, depth, and a linear lexer."""

from __future__ import annotations

import time

import pytest

from ontology import GeoloomError, QuerySyntaxError, UnsupportedError
from store.sparql import parse_query


def test_size_limit() -> None:
    with pytest.raises(UnsupportedError, match=r"too long.*1048576"):
        parse_query("ASK {} #" + "x" * (1 << 20))


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{", "}"), ("FILTER(" + "(", "))"), ("?s ?p " + "[ ?q ", "]")],
)
def test_depth_limit(opening: str, closing: str) -> None:
    with pytest.raises(UnsupportedError, match="nested too deeply"):
        parse_query("ASK {" + opening * 130 + closing * 130 + "}")


@pytest.mark.parametrize("depth", [1, 60, 126])
def test_depth_within_the_limit(depth: int) -> None:
    assert parse_query("ASK { FILTER" + "(" * depth + "1" + ")" * depth + "}").form == "ASK"
    assert parse_query("ASK " + "{" * depth + "?s ?p ?o" + "}" * depth).form == "ASK"


@pytest.mark.parametrize(
    "inside",
    ['"((((" ', "'''{{{''' ", '"\\"((" ', "<http://ex/(((> "],
)
def test_brackets_in_strings_and_iris_do_not_count(inside: str) -> None:
    many = "".join(f"?s ?p {inside}. " for _ in range(100))
    assert parse_query("ASK {" + many + "}").form == "ASK"


def test_brackets_in_comments_do_not_count() -> None:
    assert parse_query("ASK { # " + "{" * 300 + "\n}").form == "ASK"


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p " + '"""' + "a" * 500_000,
        "ASK { " + "a." * 300_000,
        "ASK { " + "<" * 500_000,
        "ASK { ?s ?p a:b" + "." * 500_000,
        "ASK { " + "<a" * 300_000,
        "ASK { ?s ?p '" + "\\" * 500_000,
    ],
)
def test_hostile_texts_fail_fast(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(GeoloomError):
        parse_query(text)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("SELECT ?s {\n ?s ?p }", "line 2, column 8", "a term or a variable"),
        ("SELECT ?s { ?s :p ?o }", "line 1, column 16", "a declared prefix"),
        ("SELEC ?s { }", "line 1, column 1", "SELECT, CONSTRUCT, ASK or DESCRIBE"),
        ("ASK { ?s ?p ?o FILTR(?x) }", "line 1, column 16", "'}'"),
        ("ASK { FILTER(NOPE(1)) }", "line 1, column 14", "a built-in function"),
        ("ASK { FILTER(REGEX(?a)) }", "line 1, column 14", "at least 2 arguments"),
        ('ASK { ?s ?p "open }', "line 1, column 13", "a SPARQL token"),
        ("ASK { ?s ?p ?o } LIMIT x", "line 1, column 24", "a whole number"),
        ("ASK {} trailing", "line 1, column 8", "the end of the query"),
        ("SELECT (COUNT(?s) AS ?n) ?p { ?s ?p ?o }", "line 1", "grouped variables"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", "line 1, column 23", "no GROUP BY"),
        ("ASK { ?s ?p ?o BIND(1 AS ?o) }", "line 1, column 26", "not used before"),
        ("ASK { _:a ?p ?o OPTIONAL { _:a ?q ?r } }", "line 1, column 28", "blank node label"),
        ("ASK { VALUES (?a ?b) { (1) } }", "line 1, column 24", "2 values"),
        ("ASK { FILTER(COUNT(?s) > 1) }", "line 1, column 14", "no aggregate here"),
        ("ASK { ?s ?p ?o . . }", "line 1, column 18", "'}'"),
        ("ASK { ?s ?p ?o ?q }", "line 1, column 16", "between triples"),
        ("SELECT ?x (1 AS ?x) {}", "line 1, column 17", "not selected before"),
        ('ASK { ?s ?p "\\q" }', "line 1, column 13", "escapes"),
        ("ASK { ?s ?p '\\uD800' }", "line 1, column 14", "Unicode character"),
    ],
)
def test_syntax_errors_name_place_and_expectation(text: str, place: str, expected: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(text)
    assert place in str(caught.value)
    assert expected in (caught.value.why or "")
