"""How each condition on places is answered: which operator, and why where no index helps."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from ..algebra import (
    Call,
    Const,
    Exists,
    Expr,
    Filter,
    LeftJoin,
    Nearest,
    OrderBy,
    Plan,
    Project,
    Slice,
    SpatialJoin,
    child_plans,
    expression_variables,
    visible,
)
from ..conditions import NEAR, conjuncts
from ..passes.spatial_bindings import bindings_of
from ..passes.spatial_calls import APART, DISTANCES, GEOF, Meeting, is_spatial, meeting, parts_of
from ..passes.spatial_window import has_window, listed_geometries, window_of
from ..passes.walk import substituted
from .labels import expression


@dataclass(frozen=True, slots=True)
class Place:
    """A condition on places.

    Attributes
    ----------
    operator : str
        What answers it: ``spatial join (…)``, ``spatial left join``, ``spatial semi join`` or
        ``anti join``, ``window``, ``nearest``, or how it is tested without an index.
    condition : str
    indexed : bool
        Whether boxes spare reading or comparing.
    reason : str
        Why not.
    """

    operator: str
    condition: str
    indexed: bool = True
    reason: str = ""


def places_of(plan: Plan) -> Iterator[Place]:
    """The conditions on places of a plan after the passes, from the top down."""
    match plan:
        case SpatialJoin(_, _, condition, residual):
            tested = residual if condition.op == NEAR else (condition,)
            named = tested[0] if tested else condition
            yield Place(f"spatial join ({relation(condition)})", expression(named))
        case Nearest():
            yield Place("nearest", expression(plan.key))
        case Filter(condition, child):
            for part in conjuncts(condition):
                yield from _tested(part, child)
        case LeftJoin(left, right, condition) if condition is not None:
            yield from _optional(condition, left, right)
        case Slice(child, limit=int()):
            yield from _sorted(child)
    for child in child_plans(plan):
        yield from places_of(child)


def _tested(part: Expr, child: Plan) -> Iterator[Place]:
    if isinstance(part, Exists):
        yield from _exists(part, visible(child))
        return
    for inner in parts_of(part):
        if isinstance(inner, Exists):
            yield from _exists(inner, frozenset())
    if not is_spatial(part):
        return
    window = window_of(part, listed_geometries(child))
    if window is not None and has_window(child, window):
        yield Place("window", expression(part))
    else:
        yield _without_index(part)


def _exists(part: Exists, outer: Set[str]) -> Iterator[Place]:
    kind = "anti" if part.negated else "semi"
    inner = part.plan
    if isinstance(inner, Filter):
        for test in conjuncts(inner.condition):
            found = meeting(test)
            if found is not None and _across(found, outer, visible(inner.child)):
                yield Place(f"spatial {kind} join ({relation(found.call)})", expression(test))
            elif is_spatial(test):
                yield from _tested(test, inner.child)
        inner = inner.child
    yield from places_of(inner)


def _optional(condition: Expr, left: Plan, right: Plan) -> Iterator[Place]:
    for test in filter(is_spatial, conjuncts(condition)):
        found = meeting(test)
        if found is not None and _across(found, visible(left), visible(right)):
            yield Place(f"spatial left join ({relation(found.call)})", expression(test))
        else:
            yield _without_index(test)


def _across(found: Meeting, left: Set[str], right: Set[str]) -> bool:
    one, other = (frozenset(expression_variables(e)) for e in (found.first, found.second))
    own, theirs = left - right, right - left
    return bool(one and other) and (
        (one <= own and other <= theirs) or (one <= theirs and other <= own)
    )


def _sorted(plan: Plan) -> Iterator[Place]:
    """A limit over an order by distance that no search for the nearest answers."""
    while isinstance(plan, Project):
        plan = plan.child
    if not isinstance(plan, OrderBy) or isinstance(plan.child, Nearest):
        return
    key = substituted(plan.keys[0].expr, bindings_of(plan.child))
    if isinstance(key, Call) and key.op in DISTANCES:
        reason = "a box would hold most rows, the limit is large, or the unit no length"
        if plan.keys[0].descending:
            reason = "the farthest come first"
        elif len(expression_variables(key)) > 1:
            reason = "the distance is from no constant place"
        yield Place("sort of all distances", expression(key), False, reason)


def _without_index(part: Expr) -> Place:
    shown = expression(part)
    names = {one.op for one in parts_of(part) if isinstance(one, Call)}
    variables = len(expression_variables(part))
    found = meeting(part)
    if found is None and names & APART and variables > 1:
        return Place("every pair, boxes first", shown, False, "most pairs are apart")
    if found is None and variables > 1:
        return Place("every row", shown, False, "it may hold for geometries that are far apart")
    if found is None:
        return Place("every row, boxes first", shown, False, "it may hold far from the constant")
    if found.limit is not None or _constants(found):
        reason = "how far it reaches is not known while planning"
        return Place("every row", shown, False, reason)
    reason = "the geometries belong to parts of the pattern that are joined anyway"
    return Place("every row of the join, boxes first", shown, False, reason)


def _constants(found: Meeting) -> bool:
    return not all(map(expression_variables, (found.first, found.second)))


def relation(call: Call) -> str:
    """A relation in words: ``intersects``, ``ehCovers``, ``within 10 m``."""
    found = meeting(call)
    if found is not None and found.limit is not None:
        return f"within {expression(found.limit)}"
    if call.op == NEAR or call.op in ("<", "<=", ">", ">="):
        metres = 0.0 if found is None else found.metres
        return f"within {_length(metres)}" if metres else "intersects"
    name = call.op.removeprefix(GEOF)
    if name == "relate" and isinstance(call.args[2], Const):
        return f"relate {expression(call.args[2])}"
    return name[2].lower() + name[3:] if name.startswith("sf") else name


def _length(metres: float) -> str:
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
