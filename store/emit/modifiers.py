"""Projection, DISTINCT, ORDER BY, LIMIT and grouping."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ..algebra import Aggregate, Expr, Group, OrderKey, Var
from ..lower import aggregate, order_keys, sql
from ..values import Facet, Value
from .context import Context
from .decode import decode, demand, undecoded_result
from .expressions import evaluate, exists_in
from .keys import identity
from .relation import (
    OrderColumn,
    Relation,
    Sql,
    make,
    named,
    order_items,
    order_terms,
    outputs,
    select,
    source,
)


def project(context: Context, relation: Relation, variables: Sequence[str]) -> Relation:
    """Keep some variables."""
    alias = context.alias()
    values = relation.read(alias)
    kept = {name: values[name] for name in variables if name in values}
    query = select(
        [*outputs(kept), *order_items(relation.order, alias)], source(relation.query, alias)
    )
    return Relation(query, kept, relation.undecoded & kept.keys(), relation.order)


def extend(context: Context, relation: Relation, variable: str, expr: Expr) -> Relation:
    """Bind a variable to an expression."""
    demanded = demand(expr, whole=False)
    relation = decode(context, relation.unordered(), demanded)
    alias = context.alias()
    values = relation.read(alias)
    made = evaluate(context, expr, values)
    values[variable] = made
    undecoded = set(relation.undecoded)
    if undecoded_result(made, demand(expr, whole=True) - demanded, relation):
        undecoded.add(variable)
    return make(values, select(outputs(values), source(relation.query, alias)), undecoded)


def distinct(context: Context, relation: Relation) -> Relation:
    """Keep one of equal solutions."""
    alias = context.alias()
    values = relation.read(alias)
    if not values:
        return limit(context, relation, 0, 1)
    query = select(
        [*outputs(values), *order_items(relation.order, alias)], source(relation.query, alias)
    )
    keys = [sql.own(identity(value)) for value in values.values()]
    query.set("distinct", exp.Distinct(on=exp.Tuple(expressions=keys)))
    if relation.order:
        query.set("order", exp.Order(expressions=order_terms(relation.order, alias)))
    return Relation(query, values, relation.undecoded, relation.order)


def limit(
    context: Context,
    relation: Relation,
    offset: int,
    count: int | None,
    per: Sequence[str] = (),
) -> Relation:
    """OFFSET and LIMIT, in the order the solutions have; with ``per`` of each binding of it."""
    if per:
        return _limit_per(context, relation, offset, count, per)
    alias = context.alias()
    values = relation.read(alias)
    query = select(
        [*outputs(values), *order_items(relation.order, alias)], source(relation.query, alias)
    )
    if relation.order:
        query.set("order", exp.Order(expressions=order_terms(relation.order, alias)))
    if count is not None:
        query.set("limit", exp.Limit(expression=sql.number(count)))
    if offset:
        query.set("offset", exp.Offset(expression=sql.number(offset)))
    return Relation(query, values, relation.undecoded, relation.order)


def _limit_per(
    context: Context, relation: Relation, offset: int, count: int | None, per: Sequence[str]
) -> Relation:
    alias = context.alias()
    values = relation.read(alias)
    number = exp.Window(
        this=sql.func("row_number"),
        partition_by=[sql.own(identity(values[name])) for name in per if name in values],
        order=exp.Order(expressions=order_terms(relation.order, alias)) if relation.order else None,
    )
    tests = [sql.binary(">", number, sql.number(offset))]
    if count is not None:
        tests.append(sql.binary("<=", number, sql.number(offset + count)))
    items = [*outputs(values), *order_items(relation.order, alias)]
    query = select(items, source(relation.query, alias))
    query.set("qualify", exp.Qualify(this=sql.every(tests)))
    return Relation(query, values, relation.undecoded, relation.order)


def order(context: Context, relation: Relation, keys: Sequence[OrderKey]) -> Relation:
    """Add sort columns; the sorting itself happens where the order is needed."""
    for key in keys:
        relation = decode(context, relation, demand(key.expr, whole=True))
    alias = context.alias()
    values = relation.read(alias)
    columns: list[OrderColumn] = []
    items = outputs(values)
    for key in keys:
        for node in order_keys(evaluate(context, key.expr, values)):
            name = f"#{context.alias()}"
            columns.append(OrderColumn(name, key.descending))
            items.append(named(node, name))
    query = select(items, source(relation.query, alias))
    return Relation(query, values, relation.undecoded, tuple(columns))


def group(context: Context, relation: Relation, node: Group) -> Relation:
    """GROUP BY with aggregates; without keys one group, even of nothing."""
    relation = relation.unordered()
    keys: dict[str, Value] = {}
    for name, expr in node.keys:
        if expr != Var(name):
            relation = extend(context, relation, name, expr)
    for _, call in node.aggregates:
        relation = decode(context, relation, demand(call))
    alias = context.alias()
    values = relation.read(alias)
    keys = {name: values[name] for name, _ in node.keys if name in values}
    scope = {name: _any_of_group(value) for name, value in keys.items()}
    undecoded = relation.undecoded & keys.keys()
    for name, call in node.aggregates:
        made = aggregate(call, values, exists=exists_in(context, values))
        scope[name] = made
        if undecoded_result(made, _aggregated(call), relation):
            undecoded |= {name}
    rows = named(sql.func("count", exp.Star()), "#rows")
    query = select([*outputs(scope), rows], source(relation.query, alias))
    if keys:
        terms = [sql.own(identity(value)) for value in keys.values()]
        query.set("group", exp.Group(expressions=terms))
    elif node.keys:
        query.set("having", exp.Having(this=_some_row()))
    return make(scope, query, undecoded)


def _some_row() -> Sql:
    return sql.binary(">", sql.func("count", exp.Star()), sql.number(0))


def _any_of_group(value: Value) -> Value:
    facets: dict[Facet, Sql] = {
        facet: sql.func("any_value", node) for facet, node in value.facets.items()
    }
    return Value(value.lanes, facets, value.maybe_unbound, value.crs, value.maybe_nan)


def _aggregated(call: Aggregate) -> frozenset[str]:
    return frozenset() if call.expr is None else demand(call.expr, whole=True)
