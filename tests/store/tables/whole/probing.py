"""Questions made from the data itself, asked of two stores that hold the same.

A third of them each time, in turn; ``GEOLOOM_NIGHTLY=1`` asks all of them every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from store import Store
from tests.store.tables.whole.answers import dumped, rows_of
from tests.store.tables.whole.attacks import NIGHTLY

TURNS = 3
_STARS = 2
_WIDE = 7


def questions(quads: Sequence[Any]) -> Iterator[str]:
    """Everything, one predicate after the other, stars over what subjects have, constants."""
    yield "SELECT * { ?s ?p ?o }"
    yield "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    yield "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o } GROUP BY ?p"
    predicates = sorted({str(quad.predicate) for quad in quads})
    for predicate in predicates[:: len(predicates) // 2 + 1]:
        yield f"SELECT * {{ ?s {predicate} ?o }}"
        yield f"SELECT * {{ ?s {predicate} ?o . ?o ?p ?x }}"
    for star in _stars(quads):
        pairs = [f"{predicate} ?v{at}" for at, predicate in enumerate(star)]
        yield f"SELECT * {{ ?s {' ; '.join(pairs)} }}"
        yield f"SELECT * {{ GRAPH ?g {{ ?s {' ; '.join(pairs[:2])} }} }}"
        optional = " ".join(f"OPTIONAL {{ ?s {pair} }}" for pair in pairs[1:3])
        yield f"SELECT * {{ ?s {pairs[0]} {optional} }}"
        yield f"SELECT * {{ ?s {pairs[0]} FILTER NOT EXISTS {{ ?s {pairs[-1]} }} }}"
    for quad in quads[:: len(quads) // 2 + 1]:
        if not isinstance(quad.subject, ox.BlankNode):
            yield f"DESCRIBE {quad.subject}"
        if not isinstance(quad.object, ox.BlankNode) and len(str(quad.object)) < 10_000:
            yield f"SELECT * {{ ?s ?p {quad.object} }}"
            yield f"SELECT * {{ ?s {quad.predicate} {quad.object} ; ?p ?o }}"


def _stars(quads: Sequence[Any]) -> list[list[str]]:
    """The predicates that most subjects have together."""
    held: dict[Any, set[str]] = {}
    for quad in quads:
        held.setdefault((quad.subject, quad.graph_name), set()).add(str(quad.predicate))
    sets = Counter(frozenset(each) for each in held.values())
    return [sorted(star)[:_WIDE] for star, _ in sets.most_common(_STARS)]


def compare(lanes: Store, tables: Store, folder: Path, *, turn: int | None = None) -> None:
    """Both hold the same and, asked if it is somebody's turn, say the same."""
    wanted = dumped(lanes, folder)
    assert dumped(tables, folder) == wanted
    if turn is None:
        return
    quads = list(ox.parse("\n".join(wanted).encode(), ox.RdfFormat.N_QUADS))
    first, step = (0, 1) if NIGHTLY else (turn, TURNS)
    for text in islice(questions(quads) if quads else (), first, None, step):
        found, right = (Counter(rows_of(store.query(text))) for store in (tables, lanes))
        assert found == right, text
    assert tables.verify().ok
