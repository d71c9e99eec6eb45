from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyoxigraph as ox
import pytest

from ontology import IRI, PREFIXES, BlankNode, Literal, Term
from store import lower
from store.algebra import Call, Expr, Extend, Unit, Var
from store.engine.connection import connect
from store.results.terms import plain_terms
from store.sparql import parse_query

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    connection = connect(threads=1)
    lower.register(connection)
    yield connection
    connection.close()


def parsed(text: str) -> Expr:
    plan: Any = parse_query(f"{PROLOGUE} SELECT ({text} AS ?x) {{}}").plan
    bound = {}
    while not isinstance(plan, Unit):
        if isinstance(plan, Extend):
            bound[plan.variable] = plan.expr
        plan = plan.child
    return _inlined(bound["x"], bound)


def _inlined(expr: Expr, bound: Mapping[str, Expr]) -> Expr:
    """The expression with what it draws (RAND, …) written where it is used."""
    if isinstance(expr, Var) and expr.name in bound:
        return bound[expr.name]
    if isinstance(expr, Call):
        return replace(expr, args=tuple(_inlined(arg, bound) for arg in expr.args))
    return expr


def struct_of(engine: Any, column: str, source: str = "") -> pa.StructArray:
    return plain_terms(
        engine.execute(f"SELECT {column} AS t {source}")
        .to_arrow_table()
        .column("t")
        .combine_chunks()
    )


@pytest.fixture
def ours(engine: Any) -> Callable[[str], Term | None]:
    """Evaluate an expression without variables through DuckDB."""

    def evaluate(text: str) -> Term | None:
        value = lower.expression(parsed(text), {})
        (cell,) = struct_of(engine, lower.to_struct(value).sql("duckdb")).to_pylist()
        return None if cell is None else _term(cell)

    return evaluate


def _term(cell: dict[str, Any]) -> Term:
    if cell["kind"] == 1:
        return IRI(cell["value"])
    if cell["kind"] == 2:
        return BlankNode(cell["value"])
    return Literal(cell["value"], cell["datatype"], cell["lang"])


def oracle(text: str) -> Term | None:
    """Evaluate the same expression with pyoxigraph."""
    (row,) = ox.Store().query(f"{PROLOGUE} SELECT ({text} AS ?x) {{}}")
    term = row["x"]
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    return Literal(term.value, term.datatype.value, term.language)


def same(left: Term | None, right: Term | None) -> bool:
    """Equal, numbers by datatype and value."""
    if left == right:
        return True
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return False
    if left.datatype != right.datatype or (left.lang or "").lower() != (right.lang or "").lower():
        return False
    try:
        one, two = float(left.lexical), float(right.lexical)
    except ValueError:
        return left.lexical == right.lexical and left.lang is not None
    return one == two or abs(one - two) <= 1e-9 * max(abs(one), abs(two)) or one != one


TERMS = """
1|2|"01"^^xsd:integer|1.0|2.5|1e0|2.5e0|"1"^^xsd:float|"1"^^xsd:int|"300"^^xsd:int|"NaN"^^xsd:double|"INF"^^xsd:double
"a"|"b"|""|"1"|"a"@en|"b"@en|"a"@fr|true|false|<u:a>|<u:b>|"x"^^<u:d>|"y"^^<u:d>|"abc"^^xsd:integer
"2018-01-01"^^xsd:date|"2018-01-02"^^xsd:date|"2018-01-01T00:00:00"^^xsd:dateTime
"2018-01-01T00:00:00Z"^^xsd:dateTime|"2018-01-01T02:00:00+02:00"^^xsd:dateTime|"2019-01-01T00:00:00Z"^^xsd:dateTime
"""


def terms() -> list[str]:
    """Terms of every lane, as SPARQL writes them."""
    return [text for line in TERMS.strip().splitlines() for text in line.split("|")]
