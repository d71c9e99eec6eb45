"""Expressions against the solutions of a relation, with EXISTS and the solutions around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..algebra import Call, Exists, Expr
from ..lower import condition, expression, sql, without_captures
from ..values import Value
from .context import Context
from .decode import decode, demand
from .optional import exists
from .relation import Relation, Scope, Sql, relations_of


def conjuncts(expr: Expr) -> Iterator[Expr]:
    """The parts of a conjunction; each must be true for the whole to be true."""
    if isinstance(expr, Call) and expr.op == "&&":
        for part in expr.args:
            yield from conjuncts(part)
    else:
        yield expr


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
        inner = context.emit(expr.plan, replace(context, outer=full, seeds={}))
        found = exists(context, full, inner)
        return sql.negate(found) if expr.negated else found

    return lowered


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
    relation = context.opened(decode(context, relation.unordered(), demand(expr)))
    return relation.where(tests(context, expr, relation.shape))
