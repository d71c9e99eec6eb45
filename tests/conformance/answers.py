"""Expected and actual answers, compared up to blank nodes and equal numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from rdflib import Graph, Namespace

RS: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
NUMBERS: Final = {XSD + name for name in ("integer", "decimal", "double", "float")}
FORMATS: Final = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Solutions; ``variables`` is None where the file does not say, as ``ordered`` may not."""

    rows: list[Row]
    variables: frozenset[str] | None = None
    ordered: bool = False


Answer = bool | Rows | list[ox.Triple]


def expected(path: Path) -> Answer:
    """Read an answer file: result formats, or RDF (a result set in RDF, or a graph)."""
    if path.suffix in FORMATS:
        return read_answer(path.read_bytes(), path.suffix)
    graph = Graph().parse(path, publicID=path.as_uri())
    if (None, None, RS.ResultSet) in graph:
        return _result_set(graph)
    return graph_answer(graph.serialize(format="nt", encoding="utf-8"))


def graph_answer(text: bytes) -> list[ox.Triple]:
    """Read N-Triples."""
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]


def read_answer(text: bytes, suffix: str) -> Answer:
    """Read a result format by its file extension: ``.srx``, ``.srj`` or ``.tsv``."""
    results = ox.parse_query_results(text, FORMATS[suffix])
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in results]
    return Rows(rows, frozenset(names), ordered=True)


def _result_set(graph: Graph) -> Answer:
    for answer in graph.objects(None, RS.boolean):
        return str(answer) == "true"
    rows, places = [], []
    for solution in graph.objects(None, RS.solution):
        row = {}
        for binding in graph.objects(solution, RS.binding):
            name, term = graph.value(binding, RS.variable), graph.value(binding, RS.value)
            assert term is not None
            row[str(name)] = _term(term.n3())
        rows.append(row)
        places += [int(str(place)) for place in graph.objects(solution, RS["index"])]
    if len(places) != len(rows):
        return Rows(rows)
    order = sorted(range(len(rows)), key=places.__getitem__)
    return Rows([rows[at] for at in order], ordered=True)


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


def canonical(answer: Iterable[Row | ox.Triple]) -> ox.Dataset:
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


def difference(
    found: Answer, wanted: Answer, *, lax: bool = False, ordered: bool = False
) -> str | None:
    """Say how two answers differ, None if they do not.

    ``lax`` answers (REDUCED) may repeat a row less often; with ``ordered`` the order counts where
    the expected answer has one.
    """
    if isinstance(found, Rows) and isinstance(wanted, Rows):
        return _rows_difference(found, wanted, lax, ordered)
    if isinstance(found, list) and isinstance(wanted, list):
        return None if canonical(found) == canonical(wanted) else f"other graph: {found}"
    return None if found is wanted else f"{found} instead of {wanted}"


def _rows_difference(found: Rows, wanted: Rows, lax: bool, ordered: bool) -> str | None:
    if wanted.variables is not None and found.variables != wanted.variables:
        return f"variables {found.variables} instead of {wanted.variables}"
    left, right = found.rows, wanted.rows
    if lax:
        left, right = _once(left), _once(right)
    if len(left) != len(right) or canonical(left) != canonical(right):
        return f"{len(left)} rows instead of {len(right)}, or others: {left}"
    if ordered and wanted.ordered and _sequence(left) != _sequence(right):
        return f"other order: {left}"
    return None


def _sequence(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [
        {n: "_:" if isinstance(t, ox.BlankNode) else str(_normal(t)) for n, t in row.items()}
        for row in rows
    ]


def _once(rows: list[Row]) -> list[Row]:
    seen = {tuple(sorted((name, str(term)) for name, term in row.items())): row for row in rows}
    return list(seen.values())
