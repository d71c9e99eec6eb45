"""Answers of both engines in one form, and whether they are the same as far as it is defined.

Numbers are equal by value and datatype, doubles to nine digits; other literals by term after
pyoxigraph's canonical form, which it gives every literal. Blank nodes of the data are told apart
by their labels, those a query makes by isomorphism.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyoxigraph as ox

from store import Result, Store
from store.query import run_query

from .order import out_of_order
from .queries import Query
from .rewriting import plain
from .terms import BLANKS, PREFIXES, PROLOGUE

XSD = PREFIXES["xsd"]
_LABELS = tuple(label.removeprefix("_:") for label in BLANKS)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A truth value, or rows of oxigraph terms by variable; a triple is a row too."""

    truth: bool | None
    rows: tuple[Row, ...] = ()


def ours(store: Store, text: str, *, optimise: bool = True) -> Answer:
    result = run_query(store.snapshot(), PROLOGUE + text, optimise=optimise, timeout=3600)
    if result.form == "ASK":
        return Answer(bool(result.boolean))
    return Answer(None, tuple(our_rows(result)))


def our_rows(result: Result) -> list[Row]:
    names = result.variables
    return [
        {name: _our_term(row[name]) for name in names if row[name] is not None}
        for row in result.terms().to_pylist()
    ]


def _our_term(cell: dict[str, Any]) -> Any:
    value: str = cell["value"]
    if cell["kind"] == 1:
        return ox.NamedNode(value)
    if cell["kind"] == 2:
        return _blank(value)
    return _literal(value, cell["datatype"], cell["lang"])


def _blank(label: str) -> Any:
    """A node of the data as an IRI, so that it is known again; a new one as it is."""
    for known in _LABELS:
        if label.endswith(known):
            return ox.NamedNode(f"x:{known}")
    return ox.BlankNode("n" + "".join(c if c.isalnum() else "-" for c in label))


def theirs(graph: ox.Store, query: Query) -> Answer:
    """The oracle's answer, of a slice the whole."""
    return oracle(graph, plain(query.defined or query.text))


def oracle(graph: ox.Store, text: str) -> Answer:
    found = graph.query(PROLOGUE + text)
    if isinstance(found, ox.QueryBoolean):
        return Answer(bool(found))
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        rows = ({n: _their_term(row[n]) for n in names if row[n] is not None} for row in found)
        return Answer(None, tuple(rows))
    sides = ("subject", "predicate", "object")
    triples = dict.fromkeys(found)  # it gives those with blank nodes more than once
    return Answer(None, tuple({s: _their_term(getattr(t, s)) for s in sides} for t in triples))


def _their_term(term: Any) -> Any:
    if isinstance(term, ox.BlankNode):
        return _blank(term.value)
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.datatype.value, term.language)
    return term


@cache
def _literal(value: str, datatype: str | None, lang: str | None) -> Any:
    if lang:
        return ox.Literal(value, language=lang)
    kind = ox.NamedNode(datatype or XSD + "string")
    name = kind.value.replace(XSD, "xsd:")
    if name not in ("xsd:double", "xsd:float", "xsd:decimal"):
        return _canonical(ox.Literal(value, datatype=kind))
    try:
        number = float(value) + 0.0
    except ValueError:
        return ox.Literal(value, datatype=kind)
    digits = 6 if name == "xsd:float" else 9
    return ox.Literal(f"{number:.{digits}g}", datatype=kind)


_CANONICAL = ox.Store()


def _canonical(literal: Any) -> Any:
    """The literal as a store of pyoxigraph's gives it back."""
    node = ox.NamedNode("x:x")
    _CANONICAL.add(ox.Quad(node, node, literal))
    (found,) = _CANONICAL.quads_for_pattern(None, None, None)
    _CANONICAL.clear()
    return found.object


def difference(query: Query, mine: Answer, whole: Answer) -> str | None:
    """What is wrong with our answer to a query, given the oracle's answer without the slice."""
    if mine.truth is not whole.truth:
        return f"{mine.truth} instead of {whole.truth}"
    if query.letters:
        mine, whole = (_letters_sorted(answer, query.letters) for answer in (mine, whole))
    if query.limit is not None or query.offset:
        return _sliced(query, mine, whole)
    if query.reduced:
        return _reduced(mine.rows, whole.rows)
    if query.keys and (at := out_of_order(mine.rows, query.keys)):
        return f"out of order: {at}"
    if canonical(mine.rows) == canonical(whole.rows):
        return None
    left, right = (Counter(map(_frozen, rows)) for rows in (mine.rows, whole.rows))
    return f"ours only: {_shown(left - right)}; theirs only: {_shown(right - left)}"


def _letters_sorted(answer: Answer, names: Sequence[str]) -> Answer:
    def row(cells: Row) -> Row:
        return {
            n: ox.Literal("".join(sorted(t.value))) if n in names else t for n, t in cells.items()
        }

    return Answer(answer.truth, tuple(map(row, answer.rows)))


def _sliced(query: Query, mine: Answer, whole: Answer) -> str | None:
    left, right = (Counter(map(_frozen, answer.rows)) for answer in (mine, whole))
    most = len(whole.rows) if query.limit is None else query.limit
    wanted = max(0, min(most, len(whole.rows) - query.offset))
    if len(mine.rows) != wanted:
        return f"{len(mine.rows)} rows instead of {wanted}"
    if left - right:
        return f"rows that are none: {_shown(left - right)}"
    if not query.keys:
        return None
    if at := out_of_order(mine.rows, query.keys):
        return f"out of order: {at}"
    for row in mine.rows:
        before = sum(bool(out_of_order((row, other), query.keys)) for other in whole.rows)
        after = sum(bool(out_of_order((other, row), query.keys)) for other in whole.rows)
        if before >= query.offset + wanted or after >= len(whole.rows) - query.offset:
            return f"a row outside the slice: {_shown(Counter([_frozen(row)]))}"
    return None


def _reduced(mine: Sequence[Row], whole: Sequence[Row]) -> str | None:
    left, right = (Counter(map(_frozen, rows)) for rows in (mine, whole))
    if set(left) != set(right):
        return f"ours only: {_shown(left - right)}; theirs only: {_shown(right - left)}"
    return None


def _frozen(row: Row) -> frozenset[tuple[str, str]]:
    """The row with new blank nodes alike."""
    return frozenset(
        (name, "_:" if isinstance(term, ox.BlankNode) else str(term)) for name, term in row.items()
    )


def _shown(rows: Counter[frozenset[tuple[str, str]]]) -> str:
    return str([(dict(sorted(row)), count) for row, count in rows.items()][:3])


def canonical(rows: Sequence[Row]) -> Any:
    """A form in which equal bags of rows are equal, up to the names of new blank nodes.

    A blank node that stands in one place only is like every other such one, and equal rows are
    counted: what is left is small enough for graph isomorphism.
    """
    places = Counter(
        term for row in rows for term in row.values() if isinstance(term, ox.BlankNode)
    )
    once = ox.NamedNode("x:once")
    plain = [
        {name: once if places.get(term) == 1 else term for name, term in row.items()}
        for row in rows
    ]
    bag = Counter(frozenset((name, term) for name, term in row.items()) for row in plain)
    if not any(isinstance(term, ox.BlankNode) for row in bag for _, term in row):
        return bag
    quads = []
    for number, (row, count) in enumerate(bag.items()):
        node = ox.BlankNode(f"row{number}")
        quads.append(ox.Quad(node, ox.NamedNode("x:count"), ox.Literal(count)))
        quads += [ox.Quad(node, ox.NamedNode(f"x:{name}"), term) for name, term in row]
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset
