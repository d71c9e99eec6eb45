"""Triple patterns in the order in which their join stays small, each connected to those before it.

Preserves: the answer. May drop: nothing. DuckDB orders equi-joins itself; this order keeps cross
products away and decides where one is unavoidable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..algebra import Bgp, Plan
from ..catalog import Snapshot
from ..engine.limits import check_limit
from ..estimates import Estimate, Estimator, joined
from .walk import everywhere

_JOINS_TRIED: Final = 20
"""Patterns up to which every next join is estimated; beyond, only the patterns themselves."""


def order_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Order the triples of every basic graph pattern."""
    if snapshot is None:
        return plan
    estimator = Estimator(snapshot)

    def ordered(node: Plan) -> Plan:
        return _ordered(node, estimator) if isinstance(node, Bgp) else node

    return everywhere(plan, ordered)


def _ordered(node: Bgp, estimator: Estimator) -> Bgp:
    """Greedily: the smallest pattern, then always what makes the smallest join."""
    if len(node.patterns) < 2:
        return node
    waiting = {
        k: estimator.pattern(pattern, node.graph, node.windows)
        for k, pattern in enumerate(node.patterns)
    }
    first = min(waiting, key=lambda k: (waiting[k].rows, k))
    so_far, order = waiting.pop(first), [first]
    while waiting:
        check_limit()
        connected = [k for k in waiting if so_far.distinct.keys() & waiting[k].distinct.keys()]
        among = connected or list(waiting)
        sizes = {k: _size(so_far, waiting[k], len(node.patterns)) for k in among}
        chosen = min(among, key=lambda k: (sizes[k], waiting[k].rows, k))
        so_far = joined(so_far, waiting.pop(chosen))
        order.append(chosen)
    return replace(node, patterns=tuple(node.patterns[k] for k in order))


def _size(so_far: Estimate, pattern: Estimate, patterns: int) -> float:
    """To three digits: what is nearly equal is decided by the pattern's own size."""
    rows = pattern.rows if patterns > _JOINS_TRIED else joined(so_far, pattern).rows
    return float(f"{rows:.3g}")
