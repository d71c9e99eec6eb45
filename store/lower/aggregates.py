"""Aggregates: SPARQL 1.1 section 18.5.1.

An error or an unbound value makes SUM, AVG, GROUP_CONCAT and MIN an error; COUNT, MAX and SAMPLE
leave it out: MIN and MAX take what ORDER BY puts first and last, and what is missing comes first.
SUM and AVG of nothing are 0, GROUP_CONCAT of nothing is the empty string.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlglot import exp

from ontology import Lane, UnsupportedError

from ..algebra import Aggregate
from ..values import Facet, Value
from . import numbers, sql
from .binding import named
from .casts import printable
from .identity import term_key
from .numbers import DECIMAL, Kind
from .order import order_keys
from .scope import Scope
from .shapes import OWN_FACET, integer, is_bound, single
from .spatial_aggregates import is_spatial, spatial_aggregate
from .sql import Sql

_PLAIN: Final = frozenset(
    {Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.STRING, Lane.BOOLEAN, Lane.DATE}
)

_ADDABLE: Final = "4e25"

_HIDDEN: Final = ".#"
"""How variables begin that stand for blank nodes, steps of paths and numbers of rows."""


def count_rows(scope: Scope, *, distinct: bool) -> Value:
    """``COUNT(*)``; what solutions are distinct by are variables of the query, not blank nodes."""
    if not distinct:
        return integer(sql.func("count", exp.Star()))
    shown = [value for name, value in scope.items() if name[0] not in _HIDDEN]
    keys = [term_key(value) for value in shown] or [sql.number(1)]
    return integer(_distinct("count", sql.func("row", *keys)))


def _distinct(name: str, *args: Sql) -> Sql:
    return sql.func(name, exp.Distinct(expressions=[sql.own(args[0])]), *args[1:])


def _apply(name: str, node: Sql, *, distinct: bool) -> Sql:
    return _distinct(name, node) if distinct else sql.func(name, node)


def _all_fit(*nodes: Sql) -> Sql:
    """Every row of the group has one of the nodes."""
    counted = [sql.func("count", node) for node in nodes]
    total = counted[0]
    for one in counted[1:]:
        total = sql.binary("+", total, one)
    return sql.binary("=", sql.func("count", exp.Star()), total)


def _count(value: Value, aggregate: Aggregate) -> Value:
    if not aggregate.distinct:
        return integer(sql.func("count", value.get("tag")))
    return integer(_distinct("count", distinct_key(value)))


def distinct_key(value: Value) -> Sql:
    """A key of natural type where one column is enough, else :func:`term_key`."""
    only = value.only_lane
    if only is Lane.NODE:
        return value.get("id")
    plain = only in _PLAIN and (OWN_FACET[only] == "text" or not value.has("text"))
    if only is not None and plain:
        return value.get(OWN_FACET[only])
    return term_key(value)


def _sum(value: Value, aggregate: Aggregate) -> Value:
    parts = numbers.parts(value)
    if not parts:
        return _zero_if_empty()
    totals = {
        kind: _summed(kind, node, distinct=aggregate.distinct) for kind, node in parts.items()
    }
    return _folded(parts, lambda kind: _total(totals, kind))


def _summed(kind: Kind, node: Sql, *, distinct: bool) -> Sql:
    """Sum of one kind, 0 of none, NULL past the range: DuckDB throws where decimals overflow."""
    zero = sql.number(0)
    if kind != "decimal":
        return sql.first_of([_apply("sum", node, distinct=distinct), zero])
    total = _sum_of_distinct if distinct else _sum_of_all
    wholes = total(node, lambda one: sql.cast(sql.func("floor", one), "HUGEINT"))
    rest = total(node, lambda one: sql.binary("-", one, sql.func("floor", one)))
    return sql.binary("+", _addable(sql.first_of([wholes, zero])), sql.first_of([rest, zero]))


def _sum_of_all(node: Sql, part: Callable[[Sql], Sql]) -> Sql:
    return sql.func("sum", part(node))


def _sum_of_distinct(node: Sql, part: Callable[[Sql], Sql]) -> Sql:
    function = exp.Lambda(this=part(named("one")), expressions=[named("one").this])
    return sql.func("list_sum", sql.func("list_transform", _distinct("list", node), function))


def _addable(node: Sql) -> Sql:
    """A sum as a decimal that another can be added to, else NULL; TRY takes no aggregates."""
    small = sql.binary("<", sql.func("abs", node), sql.cast(sql.number(_ADDABLE), "DOUBLE"))
    return sql.when(small, sql.try_cast(node, DECIMAL))


def _total(totals: dict[Kind, Sql], kind: Kind) -> Sql:
    """Sum of all kinds up to this one, promoted to it."""
    wide = {"integer": "HUGEINT", "decimal": DECIMAL, "float": "DOUBLE", "double": "DOUBLE"}
    lower = [k for k in numbers.ORDER[: numbers.ORDER.index(kind) + 1] if k in totals]
    fit = _addable if kind == "decimal" else lambda node: sql.try_cast(node, wide[kind])
    summands = [fit(totals[k]) for k in lower]
    total = summands[0]
    for one in summands[1:]:
        total = sql.binary("+", total, one)
    return sql.try_cast(total, "BIGINT" if kind == "integer" else wide[kind])


def _average(value: Value, aggregate: Aggregate) -> Value:
    parts = numbers.parts(value)
    if not parts:
        return _zero_if_empty()
    totals = {
        kind: _summed(kind, node, distinct=aggregate.distinct) for kind, node in parts.items()
    }
    counts = [_apply("count", node, distinct=aggregate.distinct) for node in parts.values()]
    size = counts[0]
    for one in counts[1:]:
        size = sql.binary("+", size, one)

    def mean(kind: Kind) -> Sql:
        exact = "decimal" if kind == "integer" else kind
        total = sql.cast(_total(totals, kind), "DOUBLE")
        quotient = exp.Div(
            this=total, expression=sql.func("nullif", size, sql.number(0)), typed=True
        )
        return sql.try_cast(quotient, DECIMAL) if exact == "decimal" else quotient

    return _folded(parts, mean, integers_to="decimal")


def _folded(
    parts: dict[Kind, Sql], result: Callable[[Kind], Sql], integers_to: Kind = "integer"
) -> Value:
    """The result of the highest kind that occurs in the group; integer 0 of an empty group."""
    fits = _all_fit(*parts.values())
    empty = sql.binary("=", sql.func("count", exp.Star()), sql.number(0))
    by_kind: dict[Kind, Sql] = {}
    for kind in parts:
        higher = [parts[k] for k in parts if numbers.ORDER.index(k) > numbers.ORDER.index(kind)]
        tests = [fits, sql.binary(">", sql.func("count", parts[kind]), sql.number(0))]
        tests += [sql.binary("=", sql.func("count", node), sql.number(0)) for node in higher]
        target = integers_to if kind == "integer" else kind
        node = sql.when(sql.every(tests), result(kind))
        by_kind[target] = sql.first_of([by_kind[target], node]) if target in by_kind else node
    nothing = sql.when(empty, sql.cast(sql.number(0), "BIGINT"))
    if "integer" in by_kind:
        nothing = sql.first_of([by_kind["integer"], nothing])
    by_kind["integer"] = nothing
    return numbers.number({kind: by_kind[kind] for kind in numbers.ORDER if kind in by_kind})


def _zero_if_empty() -> Value:
    empty = sql.binary("=", sql.func("count", exp.Star()), sql.number(0))
    return integer(sql.when(empty, sql.number(0)))


def _extreme(name: str, value: Value) -> Value:
    only = value.only_lane
    if only in _PLAIN and not (value.has("text") and OWN_FACET[only] != "text"):
        made = sql.func(name, value.get(OWN_FACET[only]))
        return replace(single(only, _known(name, value, made)), maybe_nan=value.maybe_nan)
    keys = order_keys(value)
    order = sql.when(is_bound(value), sql.func("row", *keys))
    return _whole(value, lambda packed: _known(name, value, sql.func(f"arg_{name}", packed, order)))


def _known(name: str, value: Value, made: Sql) -> Sql:
    """The least value is an error where one is missing, since that comes first."""
    if name == "max" or not value.maybe_unbound:
        return made
    return sql.when(_all_fit(value.get("tag")), made)


def _sample(value: Value) -> Value:
    only = value.only_lane
    if only in _PLAIN and not (value.has("text") and OWN_FACET[only] != "text"):
        return single(only, sql.func("any_value", value.get(OWN_FACET[only])))
    return _whole(value, lambda packed: sql.func("any_value", packed))


def _whole(value: Value, choose: Callable[[Sql], Sql]) -> Value:
    """All facets of one chosen row."""
    packed = sql.struct(list(value.facets.items()))
    chosen = choose(sql.when(is_bound(value), packed))
    facets: dict[Facet, Sql] = {name: sql.field(chosen, name) for name in value.facets}
    return replace(value, facets=facets, maybe_unbound=True)


def _concatenated(value: Value, aggregate: Aggregate) -> Value:
    written = printable(value)
    args = (written, sql.string(aggregate.separator))
    joined = _distinct("string_agg", *args) if aggregate.distinct else sql.func("string_agg", *args)
    made = sql.when(_all_fit(written), sql.first_of([joined, sql.string("")]))
    return single(Lane.STRING, made)


_AGGREGATES: Final[dict[str, Callable[[Value, Aggregate], Value]]] = {
    "COUNT": _count,
    "SUM": _sum,
    "AVG": _average,
    "MIN": lambda value, _: _extreme("min", value),
    "MAX": lambda value, _: _extreme("max", value),
    "SAMPLE": lambda value, _: _sample(value),
    "GROUP_CONCAT": _concatenated,
}


def apply_aggregate(aggregate: Aggregate, value: Value) -> Value:
    """Aggregate one lowered expression.

    Raises
    ------
    UnsupportedError
        The aggregate is unknown.
    """
    if is_spatial(aggregate.name):
        return spatial_aggregate(value, aggregate)
    found = _AGGREGATES.get(aggregate.name.upper())
    if found is None:
        raise UnsupportedError(
            f"The aggregate {aggregate.name} is not known",
            remedy=f"use one of {', '.join(sorted(_AGGREGATES))}",
        )
    if not value.lanes and aggregate.name.upper() in ("MIN", "MAX", "SAMPLE"):
        return Value(frozenset(), {"tag": sql.func("any_value", sql.null("UTINYINT"))})
    return found(value, aggregate)
