"""Projection, DISTINCT, ORDER BY, LIMIT and grouping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ..algebra import Aggregate, Expr, Group, OrderKey, Var
from ..lower import aggregate, order_keys, sql
from ..values import Facet, Value, tag
from .context import Context
from .decode import decode, demand, undecoded_result
from .expressions import evaluate, exists_in, with_rows, without_rows
from .keys import identity
from .relation import OrderColumn, Relation, Sql, make, named, order_by, outputs
from .union import union_all


def project(context: Context, relation: Relation, variables: Sequence[str]) -> Relation:
    """Keep some variables."""
    if relation.branches:
        return union_all(context, [project(context, r, variables) for r in relation.branches])
    relation = context.opened(relation)
    kept = {name: relation.shape[name] for name in variables if name in relation.shape}
    return relation.with_shape(kept)


def extend(context: Context, relation: Relation, variable: str, expr: Expr) -> Relation:
    """Bind a variable to an expression, which is computed once."""
    demanded = demand(expr, whole=False)
    relation = decode(context, relation.unordered(), demanded)
    inside, relation = with_rows(context, relation, [expr])
    relation = context.opened(relation)
    made = evaluate(inside, expr, relation.shape)
    relation = without_rows(inside, relation)
    values = {**relation.shape, variable: made}
    undecoded = set(relation.undecoded)
    if undecoded_result(made, demand(expr, whole=True) - demanded, relation):
        undecoded.add(variable)
    if all(map(_is_leaf, made.facets.values())):
        return Relation(relation.body, values, frozenset(undecoded))
    return make(values, relation.select(outputs(values)), undecoded)


def _is_leaf(node: Sql) -> bool:
    """Return whether a column or a constant."""
    return _is_constant(node) or isinstance(node, exp.Column | exp.Literal | exp.Boolean)


def distinct(context: Context, relation: Relation) -> Relation:
    """Keep one of equal solutions."""
    if not relation.shape:
        return limit(context, relation, 0, 1)
    relation = context.opened(relation)
    query = relation.select(relation.items())
    keys = [identity(value) for value in relation.shape.values()]
    telling = [sql.own(key) for key in keys if not isinstance(key, exp.Literal)]
    if not telling:
        return limit(context, relation, 0, 1)
    query.set("distinct", exp.Distinct(on=exp.Tuple(expressions=telling)))
    return _sorted(relation, query)


def limit(
    context: Context,
    relation: Relation,
    offset: int,
    count: int | None,
    per: Sequence[str] = (),
) -> Relation:
    """OFFSET and LIMIT, in the order the solutions have; with ``per`` of each binding of it."""
    relation = context.opened(relation)
    if per:
        return _limit_per(relation, offset, count, per)
    query = relation.select(relation.items())
    if count is not None:
        query.set("limit", exp.Limit(expression=sql.number(count)))
    if offset:
        query.set("offset", exp.Offset(expression=sql.number(offset)))
    return _sorted(relation, query)


def _sorted(relation: Relation, query: exp.Select) -> Relation:
    """The closed relation of a query over an open one, in its order."""
    if relation.order:
        query.set("order", order_by(relation.order, selected=True))
    return replace(relation, source=query)


def _limit_per(relation: Relation, offset: int, count: int | None, per: Sequence[str]) -> Relation:
    values = relation.shape
    number = exp.Window(
        this=sql.func("row_number"),
        partition_by=[sql.own(identity(values[name])) for name in per if name in values],
        order=order_by(relation.order, selected=False) if relation.order else None,
    )
    tests = [sql.binary(">", number, sql.number(offset))]
    if count is not None:
        tests.append(sql.binary("<=", number, sql.number(offset + count)))
    query = relation.select(relation.items())
    query.set("qualify", exp.Qualify(this=sql.every(tests)))
    return replace(relation, source=query)


def order(context: Context, relation: Relation, keys: Sequence[OrderKey]) -> Relation:
    """Add sort columns; the sorting itself happens where the order is needed."""
    for key in keys:
        relation = decode(context, relation, demand(key.expr, whole=True))
    inside, relation = with_rows(context, relation, [key.expr for key in keys])
    relation = context.opened(relation)
    columns = tuple(
        OrderColumn(f"#{context.alias()}", key.descending, node)
        for key in keys
        for node in order_keys(evaluate(inside, key.expr, relation.shape))
    )
    return replace(without_rows(inside, relation), order=columns)


def group(context: Context, relation: Relation, node: Group) -> Relation:
    """GROUP BY with aggregates; without keys one group, even of nothing."""
    relation = relation.unordered()
    keys: dict[str, Value] = {}
    for name, expr in node.keys:
        if expr != Var(name):
            relation = extend(context, relation, name, expr)
    for _, call in node.aggregates:
        relation = decode(context, relation, demand(call))
    inside, relation = with_rows(context, relation, [call.expr for _, call in node.aggregates])
    relation = context.opened(relation)
    values = relation.shape
    keys = {name: values[name] for name, _ in node.keys if name in values}
    scope = {name: _any_of_group(value) for name, value in keys.items()}
    undecoded = relation.undecoded & keys.keys()
    for name, call in node.aggregates:
        made = aggregate(call, values, exists=exists_in(inside, values))
        scope[name] = made
        if undecoded_result(made, _aggregated(call), relation):
            undecoded |= {name}
    rows = named(sql.func("count", exp.Star()), "#rows")
    query = relation.select([*outputs(scope), rows])
    if keys:
        terms = [sql.own(identity(value)) for value in keys.values()]
        query.set("group", exp.Group(expressions=terms))
    elif node.keys:
        query.set("having", exp.Having(this=_some_row()))
    return make(scope, query, undecoded)


def _some_row() -> Sql:
    return sql.binary(">", sql.func("count", exp.Star()), sql.number(0))


def _any_of_group(value: Value) -> Value:
    key = identity(value)
    facets: dict[Facet, Sql] = {
        facet: node if node is key or _is_constant(node) else sql.func("any_value", node)
        for facet, node in value.facets.items()
    }
    if value.only_lane is not None and not value.maybe_unbound:
        facets["tag"] = tag(value.only_lane)
    return Value(value.lanes, facets, value.maybe_unbound, value.crs, value.maybe_nan)


def _is_constant(node: Sql) -> bool:
    return isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal | exp.Null)


def _aggregated(call: Aggregate) -> frozenset[str]:
    return frozenset() if call.expr is None else demand(call.expr, whole=True)
