"""Solutions are counted by what they are joined on before the join multiplies them.

``COUNT`` over a join, grouped by one side's variables, becomes a sum of the counts of the other
side: a million fields are counted by their class, then the few classes meet the code list.
Preserves: the answer. May drop: nothing; only variables that are always bound are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

from ..algebra import Aggregate, Group, Join, Plan, Var, visible
from ..catalog import Snapshot
from ..estimates import Estimator
from .walk import certain, everywhere, joined, leaves

_FEWER: Final = 8
"""How many times fewer groups than solutions there must be, by estimate."""


def count_early(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Group one side of a join before it, where only counts of it are asked for."""
    if snapshot is None:
        return plan
    estimator = Estimator(snapshot)

    def early(node: Plan) -> Plan:
        return _early(node, estimator) if isinstance(node, Group) else node

    return everywhere(plan, early)


def _early(node: Group, estimator: Estimator) -> Group:
    keys = {expr.name for _, expr in node.keys if isinstance(expr, Var)}
    if not keys or len(keys) < len(node.keys) or not node.aggregates:
        return node
    parts = list(leaves(node.child))
    around = [part for part in parts if keys & visible(part)]
    inside = [part for part in parts if not keys & visible(part)]
    if not around or not inside or not _connected(inside):
        return node
    many, few = joined(inside), joined(around)
    shared = sorted(visible(many) & visible(few))
    always = certain(many)
    if not shared or not always & certain(few) >= set(shared):
        return node
    if not all(_counts(call, always) for _, call in node.aggregates):
        return node
    expected = estimator.of(many)
    groups = prod(expected.distinct.get(name, expected.rows) for name in shared)
    if groups * _FEWER > expected.rows:
        return node
    counts = tuple((f".count{k}", call) for k, (_, call) in enumerate(node.aggregates))
    sums = tuple(
        (name, Aggregate("SUM", Var(count)))
        for (name, _), (count, _) in zip(node.aggregates, counts, strict=True)
    )
    grouped = Group(tuple((name, Var(name)) for name in shared), counts, many)
    return Group(node.keys, sums, Join(grouped, few))


def _counts(call: Aggregate, always: frozenset[str]) -> bool:
    """Return whether the aggregate is the number of solutions."""
    if call.name != "COUNT" or call.distinct:
        return False
    return call.expr is None or (isinstance(call.expr, Var) and call.expr.name in always)


def _connected(parts: Sequence[Plan]) -> bool:
    """Return whether no product of unrelated solutions is among the parts."""
    names, waiting = set(visible(parts[0])), list(parts[1:])
    while waiting:
        more = next((part for part in waiting if names & visible(part)), None)
        if more is None:
            return False
        names |= visible(more)
        waiting.remove(more)
    return True
