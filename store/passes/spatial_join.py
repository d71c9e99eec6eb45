"""Joins by a spatial condition on two geometries, whatever it is spelt like.

Preserves: the answer. May drop: nothing. Applies where the two geometries lie in parts of the
pattern that nothing else connects, or only equal objects with few different values (a class): those
equalities are tested after the spatial join, since a hash join on few values would be a near
cross product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI

from ..algebra import (
    Bgp,
    Expr,
    Filter,
    Plan,
    SpatialJoin,
    TermTable,
    Var,
    expression_variables,
    visible,
)
from ..catalog import Snapshot
from ..conditions import conjuncts
from .spatial_calls import Meeting, meeting
from .walk import certain, everywhere, filtered, joined, leaves

_FEW = 1000
_OFTEN = 4


def recognise_spatial_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Turn filters over inner joins into spatial joins."""

    def recognise(node: Plan) -> Plan:
        if not isinstance(node, Filter):
            return node
        parts = list(conjuncts(node.condition))
        for part in parts:
            found = meeting(part)
            if found is None:
                continue
            rest = [other for other in parts if other is not part]
            if found.rest is not None:
                rest.append(found.rest)
            made = _spatial(found, rest, list(leaves(node.child)), snapshot)
            if made is not None:
                return recognise(made)
        return node

    return everywhere(plan, recognise)


def _spatial(
    found: Meeting, rest: list[Expr], parts: list[Plan], snapshot: Snapshot | None
) -> Plan | None:
    first, second = found.first, found.second
    if not (isinstance(first, Var) and isinstance(second, Var)) or first == second:
        return None
    for ignored in (frozenset[str](), _weak_links(parts, snapshot)):
        sides = _split(parts, first.name, second.name, ignored)
        if sides is not None:
            left, others = sides
            right, _ = _connected(others, {second.name}, frozenset())
            aside = [part for part in others if part not in right]
            return _beside(found, rest, left, right, aside)
    return None


def _beside(
    found: Meeting, rest: list[Expr], left: list[Plan], right: list[Plan], aside: list[Plan]
) -> Plan:
    """The spatial join, and what nothing connects to it outside: never a product inside."""
    if not aside:
        return _assembled(found, rest, left, right)
    held = set(chain.from_iterable(map(visible, [*left, *right])))
    inside = [expr for expr in rest if expression_variables(expr) <= held]
    outside = [expr for expr in rest if expr not in inside]
    return filtered(joined([_assembled(found, inside, left, right), *aside]), outside)


def _assembled(found: Meeting, rest: list[Expr], left: list[Plan], right: list[Plan]) -> Plan:
    sides = [joined(left), joined(right)]
    residual: list[Expr] = []
    for expr in rest:
        used = expression_variables(expr)
        home = next((k for k in (0, 1) if used <= certain(sides[k])), None)
        if home is None:
            residual.append(expr)
        else:
            sides[home] = filtered(sides[home], [expr])
    return SpatialJoin(sides[0], sides[1], found.call, tuple(residual))


def _split(
    parts: Sequence[Plan], first: str, second: str, ignored: frozenset[str]
) -> tuple[list[Plan], list[Plan]] | None:
    """The parts connected to the first geometry, and the rest, which holds the second."""
    reached, names = _connected(parts, {first}, ignored)
    if second in names or not reached:
        return None
    others = [part for part in parts if part not in reached]
    held = set(chain.from_iterable(certain(part) for part in others))
    if second not in held or first not in set(chain.from_iterable(map(certain, reached))):
        return None
    crossing = {name for part in others for name in visible(part)} & names
    sure = all(_certain_on_both(name, reached, others) for name in crossing)
    return (reached, others) if sure else None


def _certain_on_both(name: str, reached: Sequence[Plan], others: Sequence[Plan]) -> bool:
    return all(any(name in certain(part) for part in side) for side in (reached, others))


def _connected(
    parts: Sequence[Plan], names: set[str], ignored: frozenset[str]
) -> tuple[list[Plan], set[str]]:
    reached: list[Plan] = []
    waiting = list(parts)
    grown = True
    while grown:
        grown = False
        for part in list(waiting):
            if (names - ignored) & set(visible(part)):
                names = names | set(visible(part))
                reached.append(part)
                waiting.remove(part)
                grown = True
    order = [part for part in parts if part in reached]
    return order, names


def _weak_links(parts: Sequence[Plan], snapshot: Snapshot | None) -> frozenset[str]:
    """Variables that stand only as objects of predicates, or in tables, with few values."""
    counts = Counter(name for part in parts for name in visible(part))
    shared = {name for name, count in counts.items() if count > 1}
    strong: set[str] = set()
    weak: set[str] = set()
    for part in parts:
        match part:
            case Bgp((pattern,)) if isinstance(pattern.predicate, IRI):
                few = _few_objects(pattern.predicate.value, snapshot)
                for node in (pattern.subject, pattern.object):
                    if isinstance(node, Var):
                        (weak if node is pattern.object and few else strong).add(node.name)
            case TermTable(variables, table):
                for name in shared.intersection(variables):
                    (weak if _repeats(table, name) else strong).add(name)
            case _:
                strong |= set(visible(part))
    return frozenset(weak - strong)


def _repeats(table: pa.Table, name: str) -> bool:
    """Whether a column of terms has few different values, each of them often."""
    distinct = pc.count_distinct(pc.struct_field(table.column(name), "value")).as_py()
    return bool(distinct <= _FEW and distinct * _OFTEN <= len(table))


def _few_objects(predicate: str, snapshot: Snapshot | None) -> bool:
    if snapshot is None:
        return False
    counts = [lane.distinct_objects for lane in snapshot.lanes if lane.predicate == predicate]
    return bool(counts) and all(count is not None and count <= _FEW for count in counts)
