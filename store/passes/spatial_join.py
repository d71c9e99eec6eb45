"""Joins by a spatial condition on two geometries, whatever it is spelt like.

The geometries may be made of variables, such as a buffer. A disjunction of conditions on different
pairs becomes a union of joins, each without the solutions of those before it. Preserves: the
answer. May drop: nothing. Applies where the two geometries lie in parts of the
pattern that nothing else connects, or only equal objects with few different values (a class): those
equalities are tested after the spatial join, since a hash join on few values would be a near
cross product.
"""

from __future__ import annotations

from functools import partial, reduce
from itertools import chain
from typing import Final

from ontology import XSD_STRING, Literal

from ..algebra import (
    Call,
    Const,
    Expr,
    Filter,
    Join,
    Plan,
    SpatialJoin,
    Union,
    child_plans,
    expression_variables,
    visible,
)
from ..catalog import Snapshot
from ..conditions import conjuncts, disjuncts, is_settled
from .sides import bound, connected, parts_of, reaches, split, weak_links
from .spatial_calls import Meeting, is_spatial, meeting
from .walk import certain, everywhere, filtered, is_repeatable, joined

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
        made = _spatial(found, rest, parts_of(node.child), snapshot)
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
    for ignored in (frozenset[str](), weak_links(parts, snapshot)):
        sides = split(parts, first, second, ignored)
        if sides is not None:
            left, others = sides
            right, _ = connected(others, second, frozenset())
            if not (reaches(left, first) and reaches(right, second)):
                continue
            if not any(_limits(found) <= bound(side) for side in (left, right)):
                continue
            aside = [part for part in others if part not in right]
            return _beside(found, rest, left, right, aside)
    return None


def _limits(found: Meeting) -> frozenset[str]:
    """Variables that say how far apart the geometries may be."""
    return frozenset() if found.limit is None else frozenset(expression_variables(found.limit))


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
