"""Expressions against the solutions of a relation, with EXISTS and the solutions around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlglot import exp

from ..algebra import Exists, Expr, Given, expression_variables, mentioned
from ..conditions import conjuncts
from ..lower import condition, expression, sql, without_captures
from ..values import Value
from .context import Context
from .decode import decode, demand
from .naming import named_before
from .optional import exists, row_number
from .relation import Relation, Scope, Sql, relations_of
from .substitution import Substitution, needs_rows


def evaluate(context: Context, expr: Expr, scope: Scope) -> Value:
    """Lower an expression over the variables of a relation and those around an EXISTS."""
    full = {**context.outer, **scope}
    value = expression(expr, full, exists=exists_in(context, full))
    around = relations_of(context.outer)
    facets = {name: without_captures(node, around) for name, node in value.facets.items()}
    return replace(value, facets=facets, packed=None) if around else value


def exists_in(context: Context, scope: Scope) -> Callable[[Exists], Sql]:
    """How an EXISTS within a scope becomes SQL."""
    full = {**context.outer, **scope}

    def lowered(expr: Exists) -> Sql:
        if context.rows is not None and needs_rows(expr, frozenset(full)):
            found = _numbered_exists(context, expr, scope, context.rows)
        else:
            inner = context.emit(expr.plan, replace(context, outer=full, seeds={}, rows=None))
            found = exists(context, full, inner)
        return sql.negate(found) if expr.negated else found

    return lowered


def _numbered_exists(context: Context, expr: Exists, scope: Scope, rows: Given) -> Sql:
    """Return whether the row's number is among those the pattern has solutions for."""
    number, *names = rows.variables
    substitution = Substitution(rows, frozenset(names) & mentioned(expr.plan))
    plan = substitution.bound(expr.plan)
    inner = context.emit(plan, replace(context, outer={}, seeds={}, rows=None)).unordered()
    if number not in inner.shape:
        return sql.boolean(False)
    inner = context.opened(inner)
    found = inner.select([sql.own(inner.shape[number].get("integer"))])
    return exp.In(this=sql.own(scope[number].get("integer")), query=exp.Subquery(this=found))


def with_rows(
    context: Context, relation: Relation, exprs: Iterable[Expr | None]
) -> tuple[Context, Relation]:
    """Number the rows that expressions are evaluated over, where an EXISTS in them needs it."""
    outer = frozenset(relation.shape) | context.outer.keys()
    needing = [expr for expr in exprs if expr is not None and needs_rows(expr, outer)]
    if not needing:
        return context, relation
    number = f"#{context.alias()}"
    relation = context.opened(relation.unordered())
    values = {number: row_number(), **relation.shape}
    name, rows = named_before(context, Relation(relation.body, values, relation.undecoded))
    used = frozenset[str]().union(*map(expression_variables, needing))
    given = Given(name, (number, *(v for v in relation.shape if v in used)))
    return replace(context, rows=given, given={**context.given, name: rows}), rows


def without_rows(context: Context, relation: Relation) -> Relation:
    """The relation without the numbers of its rows."""
    if context.rows is None or context.rows.variables[0] not in relation.shape:
        return relation
    number = context.rows.variables[0]
    return relation.with_shape({n: v for n, v in relation.shape.items() if n != number})


def tests(context: Context, expr: Expr, scope: Scope) -> list[Sql]:
    """Conditions that all hold exactly where the expression is true."""
    full = {**context.outer, **scope}
    lower_exists = exists_in(context, scope)
    around = relations_of(context.outer)
    return [
        lower_exists(part)
        if isinstance(part, Exists)
        else without_captures(condition(part, full, exists=lower_exists), around)
        for part in conjuncts(expr)
    ]


def restrict(context: Context, relation: Relation, expr: Expr) -> Relation:
    """FILTER."""
    relation = decode(context, relation.unordered(), demand(expr))
    inside, relation = with_rows(context, relation, [expr])
    relation = context.opened(relation)
    return without_rows(inside, relation.where(tests(inside, expr, relation.shape)))
