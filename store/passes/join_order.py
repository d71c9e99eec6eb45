"""Triple patterns in the order of their estimated size, each connected to those before it.

Preserves: the answer. May drop: nothing. DuckDB orders equi-joins itself; this order keeps cross
products away and decides where one is unavoidable.
"""

from __future__ import annotations

from dataclasses import replace

from ontology import IRI

from ..algebra import Bgp, Plan, TriplePattern, Var
from ..catalog import LaneTable, Snapshot
from .walk import everywhere


def order_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Order the triples of every basic graph pattern."""
    if snapshot is None:
        return plan

    def ordered(node: Plan) -> Plan:
        if isinstance(node, Bgp) and len(node.patterns) > 1:
            return replace(node, patterns=_order(node.patterns, snapshot))
        return node

    return everywhere(plan, ordered)


def _order(patterns: tuple[TriplePattern, ...], snapshot: Snapshot) -> tuple[TriplePattern, ...]:
    waiting = {k: estimate(pattern, snapshot) for k, pattern in enumerate(patterns)}
    bound: set[str] = set()
    order: list[TriplePattern] = []
    while waiting:
        connected = [k for k in waiting if bound & _variables(patterns[k])]
        chosen = min(connected or waiting, key=lambda k: (waiting[k], k))
        order.append(patterns[chosen])
        bound |= _variables(patterns[chosen])
        del waiting[chosen]
    return tuple(order)


def _variables(pattern: TriplePattern) -> set[str]:
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    return {node.name for node in nodes if isinstance(node, Var)}


def estimate(pattern: TriplePattern, snapshot: Snapshot) -> float:
    """Estimated number of solutions of a triple pattern."""
    predicate = pattern.predicate
    found = (
        lane
        for lane in snapshot.lanes
        if not isinstance(predicate, IRI) or lane.predicate == predicate.value
    )
    return sum(_estimate(lane, pattern) for lane in found)


def _estimate(lane: LaneTable, pattern: TriplePattern) -> float:
    rows = float(lane.rows)
    if not isinstance(pattern.subject, Var):
        rows /= max(lane.distinct_subjects or lane.rows, 1)
    if not isinstance(pattern.object, Var):
        rows /= max(lane.distinct_objects or 10, 1)
    return rows
