"""A triple pattern as scans of all that can match it: lanes, and columns of entity tables."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ontology import IRI, BlankNode, Lane, Literal

from ..algebra import Bgp, TriplePattern, Var
from ..catalog import LaneTable
from ..lower import constant, sql
from .binding import Bindings, id_sql
from .context import Context
from .lookup import LookUp, look_up, object_end, read_rows, subject_end
from .relation import Body, Relation, Sql, make, select
from .row_scan import Match, scan_row
from .row_triples import gathered
from .stored import graph_of, node, object_of, subject_of
from .target import Target, target_of
from .union import union_all
from .windows import box_conditions, files_in


def scan(context: Context, bgp: Bgp) -> Relation:
    """The solutions of one triple pattern in one graph."""
    (pattern,) = bgp.patterns
    target = target_of(context, bgp)
    merged = scan_pattern(context, target, pattern)
    return _distinct(merged) if target.merges else merged


def scan_pattern(context: Context, target: Target, pattern: TriplePattern) -> Relation:
    """The triples of every graph of the target, wherever they lie."""
    alias = context.alias()
    lanes = matching_lanes(target, pattern)
    branches = [_branch(context, target, lane, pattern, alias) for lane in lanes]
    found = [branch for branch in branches if branch is not None]
    return union_all(context, gathered(context, found))


def matching_lanes(target: Target, pattern: TriplePattern) -> list[LaneTable]:
    """Lanes, and columns of tables, that may have triples of a pattern."""
    never = isinstance(pattern.subject, Literal) or isinstance(
        pattern.predicate, Literal | BlankNode
    )
    if never or target.graphs == ():
        return []
    lanes: Sequence[LaneTable] = target.lanes.lanes
    if isinstance(pattern.predicate, IRI):
        lanes = target.lanes.of(pattern.predicate.value)
    return [lane for lane in lanes if can_match(lane, pattern)]


def can_match(lane: LaneTable, pattern: TriplePattern) -> bool:
    """Whether predicate and kind of object are those of the pattern."""
    if isinstance(pattern.predicate, IRI) and pattern.predicate.value != lane.predicate:
        return False
    if isinstance(pattern.object, Var):
        node_only = pattern.object in (pattern.subject, pattern.predicate)
        return lane.lane is Lane.NODE or not node_only
    if isinstance(pattern.object, Literal) and lane.place is not None and pattern.object.lang:
        lang = lane.place.column.lang
        if lang is not None and lang.lower() != pattern.object.lang.lower():
            return False
    return constant(pattern.object).only_lane is lane.lane and lane.holds(pattern.object)


def scan_lanes(context: Context, target: Target, pattern: TriplePattern) -> Relation | None:
    """The triples of a pattern outside of entity tables; None if there are none."""
    lanes = [lane for lane in matching_lanes(target, pattern) if lane.place is None]
    alias = context.alias()
    branches = [_branch(context, target, lane, pattern, alias) for lane in lanes]
    found = [branch for branch in branches if branch is not None]
    return union_all(context, found) if found else None


def _distinct(relation: Relation) -> Relation:
    query = relation.query
    if isinstance(query, exp.Select):
        query.set("distinct", exp.Distinct())
    else:
        query = select([exp.Star()], exp.Subquery(this=query))
        query.set("distinct", exp.Distinct())
    return Relation(query, relation.shape, relation.undecoded)


def _branch(
    context: Context, target: Target, lane: LaneTable, pattern: TriplePattern, alias: str
) -> Relation | None:
    if lane.place is not None:
        match = Match(pattern, lane)
        return scan_row(context, target, [match], texts=not target.merges, alias=alias)
    bindings = Bindings(target)
    held = object_of(lane, alias)
    bindings.take(pattern.subject, subject_of(lane, alias))
    bindings.take(pattern.object, held)
    if isinstance(pattern.predicate, Var):
        bindings.take(pattern.predicate, constant(IRI(lane.predicate)))
    if isinstance(target.graph, Var):
        bindings.take(target.graph, node(graph_of(lane, alias), sql.boolean(False)))
    bindings.tests += _graph_conditions(lane, target, alias)
    files = lane.files
    for window in target.windows:
        if pattern.object != Var(window.variable):
            continue
        if window.empty and lane.lane is not Lane.GEOMETRY:
            return None
        if lane.lane is Lane.GEOMETRY:
            files = files_in(files, lane, window)
            bindings.tests += box_conditions(lane.crs, window, held)
    if not files or not bindings.possible:
        return None
    ends = (subject_end(pattern, lane), object_end(pattern, lane))
    found = look_up(target, LookUp(tuple(file.path for file in files)), ends)
    if not found.files:
        return None
    context.notes.files |= {file.path: file.rows for file in files if file.path in found.files}
    origin = read_rows(context, found, alias)
    body = Body(origin, where=tuple(bindings.tests))
    return make(bindings.values, body, bindings.lacking_text())


def _graph_conditions(lane: LaneTable, target: Target, alias: str) -> list[Sql]:
    graph = graph_of(lane, alias)
    if target.graphs is None:
        return [sql.is_null(graph)] if lane.has_graphs else []
    return [sql.one_of(graph, [id_sql(one) for one in target.graphs])]
