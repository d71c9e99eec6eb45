"""Walking plans, and what is certainly bound in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce

from ..algebra import (
    Bgp,
    Call,
    Closure,
    Exists,
    Expr,
    Extend,
    Filter,
    Group,
    IntervalJoin,
    Join,
    LeftJoin,
    Minus,
    Plan,
    Project,
    RemoteScan,
    Service,
    Slice,
    SpatialJoin,
    TermTable,
    Union,
    Unit,
    Values,
    Var,
    child_plans,
    map_expressions,
    map_plans,
    own_expressions,
    visible,
)
from ..conditions import conjunction, conjuncts, is_drawn


def everywhere(plan: Plan, change: Callable[[Plan], Plan]) -> Plan:
    """Change every node, inner ones first, also inside EXISTS."""

    def inside(expr: Expr) -> Expr:
        if isinstance(expr, Exists):
            return Exists(everywhere(expr.plan, change), expr.negated)
        return expr

    return change(map_expressions(map_plans(plan, lambda p: everywhere(p, change)), inside))


def substituted(expr: Expr, made: Mapping[Expr, Expr]) -> Expr:
    """An expression with others in the place of some of its parts; EXISTS stays as it is."""
    if expr in made:
        return made[expr]
    if isinstance(expr, Call):
        return Call(expr.op, tuple(substituted(arg, made) for arg in expr.args))
    return expr


def is_repeatable(plan: Plan) -> bool:
    """Return whether a plan has the same solutions each time it is evaluated."""
    drawn: list[Expr] = []

    def note(expr: Expr) -> None:
        if is_drawn(expr) or not all(map(is_repeatable, patterns_in(expr))):
            drawn.append(expr)

    own_expressions(plan, note)
    if drawn or isinstance(plan, Slice | Service | RemoteScan | Group):
        return False
    return all(map(is_repeatable, child_plans(plan)))


def patterns_in(expr: Expr) -> Iterator[Plan]:
    """The plans of the EXISTS in an expression."""
    if isinstance(expr, Exists):
        yield expr.plan
    if isinstance(expr, Call):
        for arg in expr.args:
            yield from patterns_in(arg)


def filtered(plan: Plan, conditions: Iterable[Expr]) -> Plan:
    """The plan under all the conditions, as one Filter."""
    parts = list(conditions)
    if not parts:
        return plan
    if isinstance(plan, Filter):
        return filtered(plan.child, [*conjuncts(plan.condition), *parts])
    return Filter(conjunction(parts), plan)


def leaves(plan: Plan) -> Iterator[Plan]:
    """What a tree of inner joins joins; a basic graph pattern counts triple by triple."""
    match plan:
        case Join(left, right):
            yield from leaves(left)
            yield from leaves(right)
        case Bgp(patterns) if len(patterns) > 1:
            yield from (replace(plan, patterns=(pattern,)) for pattern in patterns)
        case _:
            yield plan


def joined(plans: Iterable[Plan]) -> Plan:
    """The inner join of plans; triples of one graph become one basic graph pattern again."""
    made: list[Plan] = []
    for plan in plans:
        match made[-1] if made else None, plan:
            case Bgp() as first, Bgp() as second if first.graph == second.graph:
                windows = dict.fromkeys((*first.windows, *second.windows))
                ranges = dict.fromkeys((*first.ranges, *second.ranges))
                patterns = first.patterns + second.patterns
                made[-1] = Bgp(patterns, first.graph, tuple(windows), tuple(ranges))
            case _:
                made.append(plan)
    return reduce(Join, made) if made else Unit()


def told(plan: Plan, variable: str, tell: Callable[[Bgp], Bgp]) -> Plan:
    """Tell basic graph patterns what a filter above the plan lets through for a variable.

    Only those are told in which a solution that the filter refuses may be left out: not those of
    the right side of OPTIONAL and MINUS, nor below another binding of the variable.
    """
    match plan:
        case Bgp():
            return tell(plan)
        case Join() | SpatialJoin() | IntervalJoin() | Union():
            return map_plans(plan, lambda child: told(child, variable, tell))
        case LeftJoin() | Minus():
            return replace(plan, left=told(plan.left, variable, tell))
        case Filter():
            return replace(plan, child=told(plan.child, variable, tell))
        case Extend() if plan.variable != variable:
            return replace(plan, child=told(plan.child, variable, tell))
    return plan


def certain(plan: Plan) -> frozenset[str]:
    """Variables bound in every solution of the plan."""
    match plan:
        case Bgp() | Closure():
            return frozenset(visible(plan))
        case Values(variables, rows):
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(variables)
            pairs = zip(variables, columns, strict=True)
            return frozenset(name for name, terms in pairs if None not in terms)
        case TermTable(variables, table):
            held = (name for name in variables if name in table.column_names)
            return frozenset(name for name in held if not table[name].null_count)
        case Join(left, right) | SpatialJoin(left, right) | IntervalJoin(left, right):
            return certain(left) | certain(right)
        case Union(left, right):
            return certain(left) & certain(right)
        case LeftJoin(left) | Minus(left):
            return certain(left)
        case Project(variables, child):
            return certain(child) & frozenset(variables)
        case Group(keys):
            bound = certain(plan.child)
            return frozenset(name for name, _ in keys if name in bound)
        case Filter(condition, child):
            asked = (part for part in conjuncts(condition) if isinstance(part, Call))
            tested = (one for part in asked if part.op == "BOUND" for one in part.args)
            return certain(child) | {one.name for one in tested if isinstance(one, Var)}
        case Extend(child=child):
            return certain(child)
    return certain(plan.child) if hasattr(plan, "child") else frozenset()
