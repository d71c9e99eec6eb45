"""Expected and actual answers, compared up to blank nodes and equal numbers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib import Graph, Namespace

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float")}
FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}

Row = dict[str, Any]


def expected(path: Path) -> bool | list[Row] | list[ox.Triple]:
    """Read an answer file: result formats, or RDF (a result set in RDF, or a graph)."""
    if path.suffix in FORMATS:
        return _solutions(ox.parse_query_results(path.read_bytes(), FORMATS[path.suffix]))
    graph = Graph().parse(path, publicID=path.as_uri())
    if (None, None, RS.ResultSet) in graph:
        return _result_set(graph)
    text = graph.serialize(format="nt", encoding="utf-8")
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]


def _solutions(results: Any) -> bool | list[Row]:
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in results]


def _result_set(graph: Graph) -> bool | list[Row]:
    for answer in graph.objects(None, RS.boolean):
        return str(answer) == "true"
    rows = []
    for solution in graph.objects(None, RS.solution):
        row = {}
        for binding in graph.objects(solution, RS.binding):
            term = graph.value(binding, RS.value)
            row[str(graph.value(binding, RS.variable))] = _term(term.n3())
        rows.append(row)
    return rows


def _term(text: str) -> Any:
    quads = list(ox.parse(f"<x:s> <x:p> {text} .".encode(), ox.RdfFormat.TURTLE))
    return quads[0].object


def _normal(term: Any) -> Any:
    if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS:
        try:
            number = Decimal(term.value)
        except InvalidOperation:
            return term
        if number.is_finite():
            kind = ox.NamedNode(term.datatype.value)
            return ox.Literal(format(number.normalize(), "E"), datatype=kind)
    return term


def canonical(answer: Iterable[Any]) -> Any:
    """Return a canonical form in which equal bags of rows (or graphs) are equal."""
    quads = []
    for number, item in enumerate(answer):
        if isinstance(item, ox.Triple):
            quads.append(ox.Quad(item.subject, item.predicate, _normal(item.object)))
            continue
        row = ox.BlankNode(f"row{number}")
        quads.append(ox.Quad(row, ox.NamedNode("x:row"), ox.Literal("row")))
        for name, term in item.items():
            quads.append(ox.Quad(row, ox.NamedNode(f"x:{name}"), _normal(term)))
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def same(left: Any, right: Any, lax: bool = False) -> bool:
    """Compare two answers; ``lax`` ones (REDUCED) may repeat a row less often."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if lax:
        left, right = _once(left), _once(right)
    if len(left) != len(right):
        return False
    return bool(canonical(left) == canonical(right))


def _once(rows: list[Row]) -> list[Row]:
    seen = {tuple(sorted((name, str(term)) for name, term in row.items())): row for row in rows}
    return list(seen.values())
