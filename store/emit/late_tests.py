"""Relations to a constant geometry, tested for the rows that joins leave.

DuckDB tests a condition on one table before it joins it, which is right for all that is cheap: the
exact relation of two geometries costs more than the join of a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..algebra import (
    Bgp,
    Exists,
    Expr,
    IntervalJoin,
    Join,
    Plan,
    Var,
    child_plans,
    expression_variables,
    own_expressions,
)
from ..conditions import conjuncts
from ..passes.interval_calls import timing
from ..passes.spatial_calls import meeting
from .context import Context
from .naming import named_before, reads_outer
from .relation import Body, Relation

_FEWER: Final = 4
"""How many times fewer rows a join must leave, by estimate, for its rows to be kept first."""


def joined_first(context: Context, relation: Relation, child: Plan, condition: Expr) -> Relation:
    """The relation, its rows kept by name if few of them are left to test ``condition`` on."""
    source = relation.source
    if (
        context.snapshot is None
        or context.timed
        or not isinstance(source, Body)
        or not source.joins
    ):
        return relation
    patterns = list(_patterns(child))
    read = {name for part in conjuncts(condition) for name in _placed(part)}
    rows = [context.estimate(one).rows for one in patterns if _object(one) in read]
    if not rows or max(rows) < _FEWER * context.estimate(child).rows:
        return relation
    if reads_outer(context, relation):
        return relation
    return named_before(context, relation)[1]


def relates_times(plan: Plan) -> bool:
    """Whether conditions of a plan bring rows together by their times, at any depth."""
    if isinstance(plan, IntervalJoin):
        return True
    conditions: list[Expr] = []
    own_expressions(plan, conditions.append)
    parts = [part for condition in conditions for part in conjuncts(condition)]
    inner = [part.plan for part in parts if isinstance(part, Exists)]
    if any(timing(part) is not None for part in parts):
        return True
    return any(map(relates_times, (*child_plans(plan), *inner)))


def _placed(part: Expr) -> frozenset[str]:
    """The variable of a condition that relates one geometry to constants."""
    names = expression_variables(part) if meeting(part) is not None else frozenset()
    return frozenset(names) if len(names) == 1 else frozenset()


def _patterns(plan: Plan) -> Iterator[Bgp]:
    match plan:
        case Bgp(patterns):
            yield from (replace(plan, patterns=(pattern,)) for pattern in patterns)
        case Join(left, right):
            yield from _patterns(left)
            yield from _patterns(right)


def _object(bgp: Bgp) -> str | None:
    (pattern,) = bgp.patterns
    return pattern.object.name if isinstance(pattern.object, Var) else None
