"""Estimates of single triple patterns from the lanes that can match them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ontology import IRI, RDF_TYPE, BlankNode, Lane, Literal, term_id

from ..algebra import TriplePattern, Var, Window
from ..catalog import LaneTable
from .characteristic import Sets, Vector
from .constants import Key, object_key
from .estimate import Estimate, capped, left_over
from .lanes import (
    distinct_objects,
    distinct_subjects,
    share_equal,
    share_in_graphs,
    share_in_window,
)
from .spread import Link, Spread

_KNOWN: Final = 0.9
"""Share of a pattern's triples whose lanes must have been measured."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one lane gives to a pattern.

    The subjects of a class are a domain of their own: what one class has, others lack.
    """

    lane: LaneTable
    rows: float
    subjects: float
    objects: float
    subjects_before: float
    objects_before: float


def matching(lanes: Iterable[LaneTable], pattern: TriplePattern) -> list[LaneTable]:
    """The lanes that can hold triples of a pattern."""
    found = list(lanes)
    if isinstance(pattern.predicate, IRI):
        found = [lane for lane in found if lane.predicate == pattern.predicate.value]
    if not isinstance(pattern.object, Var):
        wanted, _ = object_key(pattern.object)
        found = [lane for lane in found if lane.lane is wanted and lane.holds(pattern.object)]
    elif pattern.object in (pattern.subject, pattern.predicate):
        found = [lane for lane in found if lane.lane is Lane.NODE]
    return found


def pattern_estimate(
    lanes: Iterable[LaneTable],
    pattern: TriplePattern,
    graphs: Collection[int] | None,
    windows: Sequence[Window] = (),
    sets: Sets | None = None,
) -> Estimate:
    """Solutions of a triple pattern in some named graphs, or in the default graph if None."""
    if isinstance(pattern.subject, Literal) or isinstance(pattern.predicate, Literal | BlankNode):
        return _bound(pattern, [])
    key = None if isinstance(pattern.object, Var) else object_key(pattern.object)[1]
    own = [window for window in windows if pattern.object == Var(window.variable)]
    parts = [_part(lane, pattern, graphs, key, own) for lane in matching(lanes, pattern)]
    held = [part for part in parts if part.rows > 0]
    found = _bound(pattern, held, bool(own))
    spread = None if sets is None or found.rows <= 0 else _spread(sets, pattern, held, graphs)
    return replace(found, spread=spread)


def _spread(
    sets: Sets, pattern: TriplePattern, parts: Sequence[_Part], graphs: Collection[int] | None
) -> Spread | None:
    """Over which sets subject and object lie; None where too much of the lanes is not measured."""
    if pattern.subject == pattern.object or pattern.predicate in (pattern.subject, pattern.object):
        return None
    links, present = np.zeros((len(sets), len(sets))), np.zeros(len(sets))
    total = known = 0.0
    for part in parts:
        total += part.rows
        if (weights := _weights(sets, part, pattern)) is None:
            continue
        known += part.rows
        weights = weights * (part.rows / weights.sum())
        present += weights * share_in_graphs(part.lane, graphs)
        links += weights[:, None] * sets.steps(part.lane)
    if known < _KNOWN * total:
        return None
    return _of_pattern(sets, pattern, links / known, present / known)


def _weights(sets: Sets, part: _Part, pattern: TriplePattern) -> Vector | None:
    node = None
    if part.lane.predicate == RDF_TYPE and isinstance(pattern.object, IRI):
        node = term_id(pattern.object.n3)
    weights = sets.of_lane(part.lane, node)
    return weights if weights is not None and weights.sum() > 0 else None


def _of_pattern(sets: Sets, pattern: TriplePattern, links: Vector, present: Vector) -> Spread:
    subject, target = pattern.subject, pattern.object
    starts, ends = links.sum(axis=1), links.sum(axis=0)
    if not isinstance(subject, Var):
        return Spread(sets, {target.name: ends} if isinstance(target, Var) else {})
    parts = {subject.name: np.clip(present / np.maximum(starts, 1e-300), 0.0, 1.0)}
    if not isinstance(target, Var):
        return Spread(sets, {subject.name: starts}, parts)
    shares = {subject.name: starts, target.name: ends}
    return Spread(sets, shares, parts, (Link(subject.name, target.name, links),))


def _part(
    lane: LaneTable,
    pattern: TriplePattern,
    graphs: Collection[int] | None,
    key: Key | None,
    windows: Sequence[Window],
) -> _Part:
    subjects, objects = distinct_subjects(lane), distinct_objects(lane)
    share = share_in_graphs(lane, graphs)
    if not isinstance(pattern.subject, Var):
        share /= subjects
    if not isinstance(pattern.object, Var):
        share *= share_equal(lane, key)
    elif pattern.object == pattern.subject:
        share /= max(subjects, objects)
    if lane.lane is Lane.GEOMETRY:
        for window in windows:
            share *= share_in_window(lane, window)
    kept = left_over(subjects, lane.rows, share)
    is_class = lane.predicate == RDF_TYPE and not isinstance(pattern.object, Var)
    return _Part(
        lane,
        lane.rows * min(share, 1.0),
        kept,
        left_over(objects, lane.rows, share),
        kept if is_class else subjects,
        objects,
    )


def _bound(pattern: TriplePattern, parts: Sequence[_Part], windowed: bool = False) -> Estimate:
    """The pattern's variables over all lanes: one predicate's lanes add up, others overlap."""
    rows = sum(part.rows for part in parts)
    distinct: dict[str, float] = {}
    domain: dict[str, float] = {}
    lanes: dict[str, tuple[tuple[LaneTable, float], ...]] = {}
    if isinstance(pattern.predicate, Var):
        distinct[pattern.predicate.name] = float(len({part.lane.predicate for part in parts}))
    if isinstance(pattern.object, Var):
        distinct[pattern.object.name] = sum(part.objects for part in parts)
        domain[pattern.object.name] = sum(part.objects_before for part in parts)
        lanes[pattern.object.name] = tuple((part.lane, part.rows) for part in parts)
    if isinstance(pattern.subject, Var):
        name = pattern.subject.name
        merge = sum if isinstance(pattern.predicate, IRI) else _largest
        distinct[name] = merge([part.subjects for part in parts])
        domain[name] = merge([part.subjects_before for part in parts])
    narrowed = {pattern.object.name} if windowed and isinstance(pattern.object, Var) else set()
    return Estimate(
        rows, capped(distinct, rows), lanes, windowed=frozenset(narrowed), domain=domain
    )


def _largest(counts: Sequence[float]) -> float:
    return max(counts, default=0.0)
