"""Estimates of single triple patterns from the lanes that can match them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ontology import IRI, RDF_TYPE, BlankNode, Lane, Literal

from ..algebra import TriplePattern, Var, Window
from ..catalog import LaneTable
from .constants import Key, object_key
from .estimate import Estimate, capped, left_over
from .lanes import (
    distinct_objects,
    distinct_subjects,
    share_equal,
    share_in_graphs,
    share_in_window,
)


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
        found = [lane for lane in found if lane.lane is wanted]
    elif pattern.object in (pattern.subject, pattern.predicate):
        found = [lane for lane in found if lane.lane is Lane.NODE]
    return found


def pattern_estimate(
    lanes: Iterable[LaneTable],
    pattern: TriplePattern,
    graphs: Collection[int] | None,
    windows: Sequence[Window] = (),
) -> Estimate:
    """Solutions of a triple pattern in some named graphs, or in the default graph if None."""
    if isinstance(pattern.subject, Literal) or isinstance(pattern.predicate, Literal | BlankNode):
        return _bound(pattern, [])
    key = None if isinstance(pattern.object, Var) else object_key(pattern.object)[1]
    own = [window for window in windows if pattern.object == Var(window.variable)]
    parts = [_part(lane, pattern, graphs, key, own) for lane in matching(lanes, pattern)]
    return _bound(pattern, [part for part in parts if part.rows > 0], bool(own))


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
