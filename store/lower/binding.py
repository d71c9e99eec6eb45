"""Computing an argument once: large values are bound to a name before they are used many times.

SQL has no ``let``, so a value whose facets are large expressions is packed into a struct that a
lambda takes: ``list_extract(list_transform([packed], lambda v: …), 1)``, about 30 ns a row. Columns
and constants stay as they are, so simple comparisons stay simple and can be pushed into scans.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from sqlglot import exp

from ..values import Facet, Value
from . import sql
from .sql import Sql

_SMALL = 24
"""Nodes an expression may have to be written more than once."""


def with_bound(values: Sequence[Value], lower: Callable[..., Value]) -> Value:
    """Lower a function of values, each large one computed once.

    Parameters
    ----------
    values : sequence of Value
    lower : callable
        Takes as many values and gives a value.
    """
    names = {at: f"v{at + 1}" for at, value in enumerate(values) if _is_large(value)}
    if not names:
        return lower(*values)
    asking = (at for at, value in enumerate(values) if at not in names and _asks(value))
    names |= {at: f"v{at + 1}" for at in asking}
    made = lower(*(_named(v, names[at]) if at in names else v for at, v in enumerate(values)))
    packed = let({name: pack(values[at]) for at, name in names.items()}, pack(made))
    return unpacked(made, packed)


def with_bound_sql(value: Value, lower: Callable[[Value], Sql]) -> Sql:
    """The same for one value and an SQL expression."""
    if not _is_large(value):
        return lower(value)
    return let({"v1": pack(value)}, lower(_named(value, "v1")))


def pack(value: Value) -> Sql:
    """All facets as one struct."""
    if value.packed is not None:
        return value.packed
    return sql.struct(list(value.facets.items()))


def unpacked(model: Value, packed: Sql) -> Value:
    """A value like the model whose facets are the fields of a struct."""
    facets: dict[Facet, Sql] = {name: sql.field(packed, name) for name in model.facets}
    return replace(model, facets=facets, packed=packed)


def let(bindings: Mapping[str, Sql], body: Sql) -> Sql:
    """The body with names for expressions; each is computed once a row.

    DuckDB has no sub-query inside a lambda: where there is one, all are computed in front of it.
    """
    if len(bindings) > 1 and any(node.find(exp.Query) for node in bindings.values()):
        each = {name: sql.field(named("all"), name) for name in bindings}
        return let({"all": sql.struct(list(bindings.items()))}, let(each, body))
    for name, node in reversed(list(bindings.items())):
        parameter = exp.to_identifier(name, quoted=True)
        function = exp.Lambda(this=sql.own(body), expressions=[parameter])
        given = exp.Array(expressions=[sql.own(node)])
        body = sql.func("list_extract", sql.func("list_transform", given, function), sql.number(1))
    return body


def without_captures(node: Sql, relations: Collection[str]) -> Sql:
    """The same with no lambda that captures a column, where it reads one of these relations.

    DuckDB loses columns from within a lambda's body once a sub-query reads those around it.
    """
    if isinstance(node, exp.Query) or not _capturing(node):
        return node
    if not any(column.table in relations for column in node.find_all(exp.Column)):
        return node
    if node.find(exp.Query) is not None:
        node = node.copy()
        for child in list(node.iter_expressions()):
            child.replace(without_captures(child.copy(), relations))
        return node
    columns = {column.sql("duckdb"): column.copy() for column in _columns(node)}
    places = {text: f"c{at}" for at, text in enumerate(columns)}
    given = sql.struct([(places[text], column) for text, column in columns.items()])

    def held(part: Sql) -> Sql:
        text = part.sql("duckdb") if isinstance(part, exp.Column) else ""
        return sql.field(named("around"), places[text]) if text in places else part

    return let({"around": given}, node.transform(held))


def _capturing(node: Sql) -> bool:
    return any(_columns(function.this) for function in node.find_all(exp.Lambda))


def _columns(node: Sql) -> list[exp.Column]:
    """Columns of relations; names that a lambda binds have none."""
    return [column for column in node.find_all(exp.Column) if column.table]


def named(name: str) -> Sql:
    """A bound name."""
    return exp.column(exp.to_identifier(name, quoted=True))


def _named(value: Value, name: str) -> Value:
    return replace(unpacked(value, named(name)), packed=None)


def _asks(value: Value) -> bool:
    """Return whether a small value holds a sub-query."""
    return any(node.find(exp.Query) is not None for node in value.facets.values())


def _is_large(value: Value) -> bool:
    if value.packed is not None:
        return True
    return any(_exceeds(node) for facet, node in value.facets.items() if facet != "tag")


def _exceeds(node: Sql) -> bool:
    return next(islice(node.walk(), _SMALL, None), None) is not None
