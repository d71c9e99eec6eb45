"""Joins by conditions on when two things are: DuckDB answers them by sorting, as a range join.

Preserves: the answer. May drop: nothing. Applies where the two periods lie in parts of the pattern
that nothing else connects, or, for relations of periods near each other, only equal objects with
few different values (a class): those equalities are tested after the join. Comparisons of two
variables are conditions, too. Spatial conditions come first: :mod:`.spatial_join` runs before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from ..algebra import (
    Call,
    Expr,
    Filter,
    IntervalJoin,
    Plan,
    expression_variables,
    visible,
)
from ..catalog import Snapshot
from ..conditions import conjuncts
from .interval_calls import Timing, timing
from .sides import connected, parts_of, reaches, shown, split, weak_links
from .walk import certain, everywhere, filtered, joined


def recognise_interval_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Turn filters over inner joins into interval joins."""
    return everywhere(plan, partial(_recognised, snapshot))


def _recognised(snapshot: Snapshot | None, node: Plan) -> Plan:
    if not isinstance(node, Filter):
        return node
    conditions = list(conjuncts(node.condition))
    timings = [found for one in conditions if (found := timing(one)) is not None]
    if not timings:
        return node
    parts = parts_of(node.child)
    for found in sorted(timings, key=lambda one: (not one.near, one.compares)):
        sides = _sides(found, parts, snapshot)
        if sides is not None:
            rest = [one for one in conditions if one is not found.call]
            return _recognised(snapshot, sides.joined(found, rest))
    return node


@dataclass(frozen=True, slots=True)
class _Sides:
    left: list[Plan]
    right: list[Plan]
    aside: list[Plan]

    def joined(self, found: Timing, rest: list[Expr]) -> Plan:
        """The interval join, and what nothing connects to it outside: never a product inside."""
        if not self.aside:
            return _assembled(found, rest, self.left, self.right)
        held = set(chain(shown(self.left), shown(self.right)))
        inside = [one for one in rest if expression_variables(one) <= held]
        made = _assembled(found, inside, self.left, self.right)
        outside = [one for one in rest if one not in inside]
        return filtered(joined([made, *self.aside]), outside)


def _sides(found: Timing, parts: Sequence[Plan], snapshot: Snapshot | None) -> _Sides | None:
    ignorable = [frozenset[str]()]
    if found.near:
        ignorable.append(weak_links(parts, snapshot) - found.first - found.second)
    for ignored in ignorable:
        two = split(parts, found.first, found.second, ignored, surely=False)
        if two is None:
            continue
        left, others = two
        right, _ = connected(others, found.second, frozenset())
        if not (
            reaches(left, found.first, surely=False) and reaches(right, found.second, surely=False)
        ):
            continue
        return _Sides(left, right, [part for part in others if part not in right])
    return None


def _assembled(found: Timing, rest: list[Expr], left: list[Plan], right: list[Plan]) -> Plan:
    sides = [joined(left), joined(right)]
    names = [frozenset(visible(side)) for side in sides]
    conditions: list[Call] = [found.call]
    residual: list[Expr] = []
    for expr in rest:
        used = expression_variables(expr)
        home = next((k for k in (0, 1) if used <= certain(sides[k])), None)
        other = timing(expr)
        if home is not None:
            sides[home] = filtered(sides[home], [expr])
        elif other is not None and other.compares == found.compares and _decided(other, names):
            conditions.append(other.call)
        else:
            residual.append(expr)
    return IntervalJoin(sides[0], sides[1], tuple(conditions), tuple(residual))


def _decided(other: Timing, names: Sequence[frozenset[str]]) -> bool:
    """Whether each side alone has the variables of one of the two."""
    left, right = names
    return other.across(left - right, right - left)
