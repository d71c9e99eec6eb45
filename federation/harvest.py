"""Harvesting a description with a handful of queries any SPARQL 1.1 source can answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, RDF_TYPE, Lane, Literal, RemoteError, UnsupportedError
from store import LaneTable, Snapshot

from .descriptions import (
    LITERALS,
    PREFIX_PATTERN,
    Description,
    PredicateFacts,
    blank_class,
)
from .writer import write_term

Select = Callable[[str], pa.Table]

_LIMIT: Final = 5001  # longer prefix lists cost more than they prune
_PATTERN: Final = write_term(Literal(PREFIX_PATTERN))
_COUNTS: Final = "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p"
_CLASSES: Final = f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ ?s <{RDF_TYPE}> ?p }} GROUP BY ?p"
_PREFIXES: Final = (
    "SELECT DISTINCT {head} WHERE {{ ?s {predicate} ?o "
    'BIND(IF(isBlank({end}), "_:", IF(isLiteral({end}), "\\"", '
    'REPLACE(STR({end}), {pattern}, "$1"))) AS ?x) }} LIMIT {limit}'
)


def _values(table: pa.Table, column: str) -> list[str]:
    values: list[str] = pc.struct_field(table.column(column), "value").to_pylist()
    return values


def _counts(select: Select, query: str) -> dict[str, int]:
    table = select(query)
    return dict(zip(_values(table, "p"), map(int, _values(table, "n")), strict=True))


def prefix_query(end: str, predicate: str = "?p") -> str:
    """Return the query for the prefixes of ``?s`` or ``?o``, by predicate."""
    head = "?p ?x" if predicate == "?p" else "?x"
    return _PREFIXES.format(head=head, predicate=predicate, end=end, pattern=_PATTERN, limit=_LIMIT)


def _summaries(select: Select, end: str, source: str) -> dict[str, frozenset[str]] | None:
    try:
        table = select(prefix_query(end))
    except RemoteError:
        return None
    if len(table) >= _LIMIT or table.column("x").null_count:
        return None
    found: dict[str, set[str]] = defaultdict(set)
    for predicate, entry in zip(_values(table, "p"), _values(table, "x"), strict=True):
        found[predicate].add(blank_class(source) if entry == "_:" else entry)
    return {predicate: frozenset(entries) for predicate, entries in found.items()}


def harvest(source: str, select: Select) -> Description:
    """Describe a source by its own answers: predicates, classes, prefixes of both ends.

    A part that the source cannot answer, or that looks cut off, stays unknown; nothing is
    ever pruned by what is unknown.

    Raises
    ------
    RemoteError
        If the source answers nothing at all.
    """
    try:
        counts = _counts(select, _COUNTS)
    except RemoteError:
        select("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")  # raises when the source is dead
        return Description(source)
    try:
        classes: dict[str, int] | None = _counts(select, _CLASSES) if RDF_TYPE in counts else {}
    except RemoteError:
        classes = None
    subjects, objects = (_summaries(select, end, source) for end in ("?s", "?o"))
    facts = {
        predicate: PredicateFacts(
            count,
            None if subjects is None else subjects.get(predicate),
            None if objects is None else objects.get(predicate),
        )
        for predicate, count in counts.items()
    }
    return Description(source, facts, classes)


def describe_snapshot(name: str, snapshot: Snapshot, select: Select) -> Description:
    """Describe a local store: predicates and counts from its lanes, the rest by query."""
    lanes: dict[str, list[LaneTable]] = defaultdict(list)
    for table in snapshot.lanes:
        lanes[table.predicate].append(table)
    facts = {p: _lane_facts(name, p, found, select) for p, found in lanes.items()}
    classes = _counts(select, _CLASSES) if RDF_TYPE in facts else {}
    return Description(name, facts, classes, version=str(snapshot.number))


def _lane_facts(
    name: str, predicate: str, lanes: list[LaneTable], select: Select
) -> PredicateFacts:
    facts = PredicateFacts(sum(lane.rows for lane in lanes))
    ends = {"subjects": "?s", "objects": "?o"}
    if all(lane.lane is not Lane.NODE for lane in lanes):
        facts = replace(facts, objects=frozenset({LITERALS}))
        del ends["objects"]
    for side, end in ends.items():
        try:
            table = select(prefix_query(end, write_term(IRI(predicate))))
        except UnsupportedError:
            continue
        if len(table) < _LIMIT and not table.column("x").null_count:
            entries = frozenset(blank_class(name) if x == "_:" else x for x in _values(table, "x"))
            facts = (
                replace(facts, subjects=entries)
                if side == "subjects"
                else replace(facts, objects=entries)
            )
    return facts
