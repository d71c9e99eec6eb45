"""Spatial and interval joins keep only the variables that something above them reads.

Preserves: the answer. May drop: nothing. A spatial join is materialised, so that no later
join is planned into it; a column nobody reads, a geometry above all, would cost memory a pair.
"""

from __future__ import annotations

from collections.abc import Set

from ..algebra import (
    Distinct,
    Extend,
    Filter,
    Group,
    IntervalJoin,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    Plan,
    Project,
    Slice,
    SpatialJoin,
    Union,
    expression_variables,
    map_plans,
    visible,
)
from ..catalog import Snapshot


def prune_spatial_joins(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Project every spatial or interval join to what is read above it."""
    return _pruned(plan, set(visible(plan)))


def _pruned(plan: Plan, wanted: Set[str]) -> Plan:
    match plan:
        case SpatialJoin(left, right) | IntervalJoin(left, right):
            names = tuple(name for name in visible(plan) if name in wanted)
            inside = wanted | (set(visible(left)) & set(visible(right))) | _read(plan)
            return Project(names, map_plans(plan, lambda child: _pruned(child, inside)))
        case Join(left, right) | LeftJoin(left, right) | Minus(left, right):
            shared = set(visible(left)) & set(visible(right))
            read = wanted | shared | _read(plan)
            return map_plans(plan, lambda child: _pruned(child, read))
        case Union() | Slice():
            return map_plans(plan, lambda child: _pruned(child, wanted))
        case Project(names, child):
            return Project(names, _pruned(child, set(names)))
        case Filter() | Extend() | OrderBy():
            return map_plans(plan, lambda child: _pruned(child, wanted | _read(plan)))
        case Group():
            return map_plans(plan, lambda child: _pruned(child, _read(plan)))
        case Distinct(child):
            return Distinct(_pruned(child, set(visible(child))))
    return map_plans(plan, lambda child: _pruned(child, set(visible(child))))


def _read(plan: Plan) -> Set[str]:
    """Variables the node's own expressions read."""
    match plan:
        case Filter(condition):
            return expression_variables(condition)
        case SpatialJoin(_, _, condition, residual):
            return set().union(*map(expression_variables, (condition, *residual)))
        case IntervalJoin(_, _, conditions, residual):
            return set().union(*map(expression_variables, (*conditions, *residual)))
        case LeftJoin(_, _, condition) if condition is not None:
            return expression_variables(condition)
        case Extend(_, expr):
            return expression_variables(expr)
        case OrderBy(keys):
            return set().union(*(expression_variables(key.expr) for key in keys))
        case Group(keys, aggregates):
            inputs = [expr for _, expr in keys]
            inputs += [call.expr for _, call in aggregates if call.expr is not None]
            read = set().union(*(expression_variables(expr) for expr in inputs))
            whole = any(call.expr is None and call.distinct for _, call in aggregates)
            return read | (set(visible(plan.child)) if whole else set())
    return frozenset()
