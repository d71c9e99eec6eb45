"""What a plan surely binds, and rewriting that enters EXISTS (SPARQL 1.1, section 18.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from store import algebra as al


def pattern_variables(pattern: al.TriplePattern) -> frozenset[str]:
    """Return the variables of a triple pattern."""
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    return frozenset(node.name for node in nodes if isinstance(node, al.Var))


def certain(plan: al.Plan) -> frozenset[str]:
    """Return the variables that every solution of the plan binds."""
    match plan:
        case al.Bgp() | al.Closure() | al.Empty():
            return frozenset(al.visible(plan))
        case al.Values():
            columns = range(len(plan.variables))
            bound = (i for i in columns if all(row[i] is not None for row in plan.rows))
            return frozenset(plan.variables[i] for i in bound)
        case al.TermTable():
            return frozenset(v for v in plan.variables if not plan.table.column(v).null_count)
        case al.RemoteScan():
            return certain(plan.plan) & frozenset(plan.variables)
        case al.Join() | al.SpatialJoin() | al.IntervalJoin():
            return certain(plan.left) | certain(plan.right)
        case al.LeftJoin() | al.Minus():
            return certain(plan.left)
        case al.Union():
            return certain(plan.left) & certain(plan.right)
        case al.Filter() | al.OrderBy() | al.Distinct() | al.Slice() | al.Extend() | al.Nearest():
            return certain(plan.child)
        case al.Project():
            return certain(plan.child) & frozenset(plan.variables)
        case al.Group():
            sure = certain(plan.child)
            return frozenset(
                name for name, expr in plan.keys if isinstance(expr, al.Var) and expr.name in sure
            )
        case al.Service():
            return frozenset() if plan.silent else certain(plan.plan)
        case al.Unit() | al.Given():
            return frozenset()
    assert_never(plan)


def conjuncts(expr: al.Expr) -> tuple[al.Expr, ...]:
    """Split ``a && b && c``; a filter by each in turn keeps the same solutions."""
    if isinstance(expr, al.Call) and expr.op == "&&":
        return tuple(part for argument in expr.args for part in conjuncts(argument))
    return (expr,)


Rewrite = Callable[[al.Plan], al.Plan]


def rewrite_below(plan: al.Plan, rewrite: Rewrite) -> al.Plan:
    """Apply a rewrite to the plans directly below a node, those of its EXISTS included."""

    def enter(expr: al.Expr) -> al.Expr:
        return replace(expr, plan=rewrite(expr.plan)) if isinstance(expr, al.Exists) else expr

    return al.map_expressions(al.map_plans(plan, rewrite), enter)


def nodes(plan: al.Plan) -> Iterator[al.Plan]:
    """Yield the plan's nodes from the top, plans inside EXISTS included."""
    below: list[al.Plan] = []

    def note(child: al.Plan) -> al.Plan:
        below.append(child)
        return child

    rewrite_below(plan, note)
    yield plan
    for child in below:
        yield from nodes(child)
