"""Which variables a plan can bind, surely binds, and an expression reads (SPARQL 1.1, 18.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from store import algebra as al


def pattern_variables(pattern: al.TriplePattern) -> frozenset[str]:
    """Return the variables of a triple pattern."""
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    return frozenset(node.name for node in nodes if isinstance(node, al.Var))


def _bgp(plan: al.Bgp) -> frozenset[str]:
    graph = {plan.graph.name} if isinstance(plan.graph, al.Var) else set()
    return frozenset(graph).union(*(pattern_variables(p) for p in plan.patterns))


def variables(plan: al.Plan) -> frozenset[str]:
    """Return every variable that a solution of the plan may bind."""
    match plan:
        case al.Unit():
            return frozenset()
        case al.Empty() | al.Values() | al.TermTable() | al.RemoteScan() | al.Project():
            return frozenset(plan.variables)
        case al.Bgp():
            return _bgp(plan)
        case al.Service():
            endpoint = {plan.endpoint.name} if isinstance(plan.endpoint, al.Var) else set()
            return variables(plan.plan) | endpoint
        case al.Join() | al.SpatialJoin() | al.LeftJoin() | al.Union():
            return variables(plan.left) | variables(plan.right)
        case al.Minus():
            return variables(plan.left)
        case al.Filter() | al.OrderBy() | al.Distinct() | al.Slice():
            return variables(plan.child)
        case al.Extend():
            return variables(plan.child) | {plan.variable}
        case al.Group():
            return frozenset(name for name, _ in (*plan.keys, *plan.aggregates))
    assert_never(plan)


def certain(plan: al.Plan) -> frozenset[str]:
    """Return the variables that every solution of the plan binds."""
    match plan:
        case al.Bgp():
            return _bgp(plan)
        case al.Empty():
            return frozenset(plan.variables)
        case al.Values():
            columns = range(len(plan.variables))
            bound = (i for i in columns if all(row[i] is not None for row in plan.rows))
            return frozenset(plan.variables[i] for i in bound)
        case al.TermTable():
            return frozenset(v for v in plan.variables if not plan.table.column(v).null_count)
        case al.RemoteScan():
            return certain(plan.plan) & frozenset(plan.variables)
        case al.Join() | al.SpatialJoin():
            return certain(plan.left) | certain(plan.right)
        case al.LeftJoin() | al.Minus():
            return certain(plan.left)
        case al.Union():
            return certain(plan.left) & certain(plan.right)
        case al.Filter() | al.OrderBy() | al.Distinct() | al.Slice() | al.Extend():
            return certain(plan.child)
        case al.Project():
            return certain(plan.child) & frozenset(plan.variables)
        case al.Group():
            sure = certain(plan.child)
            return frozenset(
                name for name, expr in plan.keys if isinstance(expr, al.Var) and expr.name in sure
            )
        case al.Unit() | al.Service():
            return frozenset()
    assert_never(plan)


def walk(expr: al.Expr) -> Iterator[al.Expr]:
    """Yield the expression and everything below it, plans of EXISTS not entered."""
    yield expr
    if isinstance(expr, al.Call):
        for argument in expr.args:
            yield from walk(argument)


def expression_variables(expr: al.Expr) -> frozenset[str]:
    """Return the variables an expression reads, those inside EXISTS included."""
    found: set[str] = set()
    for part in walk(expr):
        if isinstance(part, al.Var):
            found.add(part.name)
        elif isinstance(part, al.Exists):
            found |= variables(part.plan)
    return frozenset(found)


def conjuncts(expr: al.Expr) -> tuple[al.Expr, ...]:
    """Split ``a && b && c``; a filter by each in turn keeps the same solutions."""
    if isinstance(expr, al.Call) and expr.op == "&&":
        return tuple(part for argument in expr.args for part in conjuncts(argument))
    return (expr,)


Rewrite = Callable[[al.Plan], al.Plan]


def rewrite_expression(expr: al.Expr, rewrite: Rewrite) -> al.Expr:
    """Apply a rewrite to the plans of EXISTS inside an expression."""
    if isinstance(expr, al.Exists):
        return replace(expr, plan=rewrite(expr.plan))
    if isinstance(expr, al.Call):
        return replace(expr, args=tuple(rewrite_expression(a, rewrite) for a in expr.args))
    return expr


def rewrite_children(plan: al.Plan, rewrite: Rewrite) -> al.Plan:
    """Apply a rewrite to the plans directly below a node, those in its expressions included."""
    match plan:
        case al.Join() | al.Union() | al.Minus() | al.SpatialJoin():
            return replace(plan, left=rewrite(plan.left), right=rewrite(plan.right))
        case al.LeftJoin():
            condition = plan.condition and rewrite_expression(plan.condition, rewrite)
            return al.LeftJoin(rewrite(plan.left), rewrite(plan.right), condition)
        case al.Filter():
            return al.Filter(rewrite_expression(plan.condition, rewrite), rewrite(plan.child))
        case al.Extend():
            expr = rewrite_expression(plan.expr, rewrite)
            return al.Extend(plan.variable, expr, rewrite(plan.child))
        case al.Group() | al.OrderBy() | al.Project() | al.Distinct() | al.Slice():
            return replace(plan, child=rewrite(plan.child))
        case _:
            return plan


def nodes(plan: al.Plan) -> Iterator[al.Plan]:
    """Yield the plan's nodes from the top, plans inside EXISTS included."""
    below: list[al.Plan] = []

    def note(child: al.Plan) -> al.Plan:
        below.append(child)
        return child

    rewrite_children(plan, note)
    yield plan
    for child in below:
        yield from nodes(child)
