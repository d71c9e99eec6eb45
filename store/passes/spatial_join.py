"""Joins by a spatial condition on two geometries, whatever it is spelt like.

The geometries may be made of variables, such as a buffer. A disjunction of conditions on different
pairs becomes a union of joins, each without the solutions of those before it. Preserves: the
answer. May drop: nothing. Applies where the two geometries lie in parts of the
pattern that nothing else connects, or only equal objects with few different values (a class): those
equalities are tested after the spatial join, since a hash join on few values would be a near
cross product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from functools import partial, reduce
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, XSD_STRING, Literal

from ..algebra import (
    Bgp,
    Call,
    Const,
    Expr,
    Filter,
    Join,
    Plan,
    SpatialJoin,
    TermTable,
    Union,
    Var,
    child_plans,
    expression_variables,
    visible,
)
from ..catalog import Snapshot
from ..conditions import conjuncts, disjuncts, is_settled
from .spatial_calls import Meeting, is_spatial, meeting
from .walk import certain, everywhere, filtered, is_repeatable, joined, leaves

_FEW = 1000
_OFTEN = 4
_MOST_BRANCHES: Final = 4
"""Conditions of a disjunction that become joins."""
_TRUE: Final = Const(Literal("true", XSD_STRING.replace("string", "boolean")))


def recognise_spatial_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Turn filters over inner joins into spatial joins."""
    return everywhere(plan, partial(_recognised, snapshot))


def _recognised(snapshot: Snapshot | None, node: Plan) -> Plan:
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
            return _recognised(snapshot, made)
    for part in parts:
        if isinstance(part, Call) and part.op == "||" and is_spatial(part):
            rest = [other for other in parts if other is not part]
            united = _united(part, rest, node.child, snapshot)
            if united is not None:
                return united
    return node


def _united(either: Call, rest: list[Expr], child: Plan, snapshot: Snapshot | None) -> Plan | None:
    """A union of joins, one for each condition of a disjunction; None if one is no join.

    What a later branch repeats of an earlier one is left out of it, errors being false.
    """
    made: list[Plan] = []
    before: list[Expr] = []
    branches = list(disjuncts(either))
    if len(branches) > _MOST_BRANCHES or not is_settled(either) or not is_repeatable(child):
        return None
    for branch in branches:
        node = filtered(child, [*rest, *before, branch])
        recognised = _recognised(snapshot, node)
        if recognised is node or not _joins(recognised, branch):
            return None
        made.append(recognised)
        before.append(Call("COALESCE", (Call("!", (branch,)), _TRUE)))
    return reduce(Union, made)


def _joins(plan: Plan, branch: Expr) -> bool:
    """Whether a plan is a spatial join by a condition, perhaps with something around it."""
    match plan:
        case SpatialJoin(_, _, condition, residual):
            return branch == condition or branch in residual
        case Filter() | Join():
            return any(_joins(child, branch) for child in child_plans(plan))
    return False


def _spatial(
    found: Meeting, rest: list[Expr], parts: list[Plan], snapshot: Snapshot | None
) -> Plan | None:
    first, second = (frozenset(expression_variables(e)) for e in (found.first, found.second))
    if not (first and second) or first & second or not is_settled(found.call):
        return None
    for ignored in (frozenset[str](), _weak_links(parts, snapshot)):
        sides = _split(parts, first, second, ignored)
        if sides is not None:
            left, others = sides
            right, _ = _connected(others, second, frozenset())
            if not (_reaches(left, first) and _reaches(right, second)):
                continue
            if not any(_limits(found) <= _bound(side) for side in (left, right)):
                continue
            aside = [part for part in others if part not in right]
            return _beside(found, rest, left, right, aside)
    return None


def _limits(found: Meeting) -> frozenset[str]:
    """Variables that say how far apart the geometries may be."""
    return frozenset() if found.limit is None else frozenset(expression_variables(found.limit))


def _bound(parts: Sequence[Plan]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(certain, parts)))


def _reaches(parts: Sequence[Plan], names: frozenset[str]) -> bool:
    """Whether the parts bind all of these, and belong together."""
    linked, _ = _connected(parts, set(sorted(names)[:1]), frozenset())
    return names <= _bound(parts) and len(linked) == len(parts)


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
    parts: Sequence[Plan], first: frozenset[str], second: frozenset[str], ignored: frozenset[str]
) -> tuple[list[Plan], list[Plan]] | None:
    """The parts connected to the first geometry, and the rest, which holds the second."""
    reached, names = _connected(parts, first, ignored)
    if second & names or not reached:
        return None
    others = [part for part in parts if part not in reached]
    if not (second <= _bound(others) and first <= _bound(reached)):
        return None
    crossing = {name for part in others for name in visible(part)} & names
    sure = all(_certain_on_both(name, reached, others) for name in crossing)
    return (reached, others) if sure else None


def _certain_on_both(name: str, reached: Sequence[Plan], others: Sequence[Plan]) -> bool:
    return all(any(name in certain(part) for part in side) for side in (reached, others))


def _connected(
    parts: Sequence[Plan], names: Set[str], ignored: frozenset[str]
) -> tuple[list[Plan], Set[str]]:
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
