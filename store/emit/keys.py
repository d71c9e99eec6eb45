"""When are two SQL values the same RDF term? Keys for joins, DISTINCT and GROUP BY."""

from __future__ import annotations

from typing import Final

from ontology import Lane

from ..lower import merged_crs, sql, term_key
from ..values import Facet, Value
from .relation import Sql

_SIMPLE: Final[dict[Lane, Facet]] = {
    Lane.NODE: "id",
    Lane.STRING: "text",
    Lane.INTEGER: "integer",
    Lane.DECIMAL: "decimal",
    Lane.BOOLEAN: "boolean",
    Lane.DATE: "time",
}
"""Lanes whose value is the whole identity, as long as no lexical form is kept beside it."""


def _simple(value: Value) -> Facet | None:
    lane = value.only_lane
    if lane is None or lane not in _SIMPLE:
        return None
    spelt = lane not in (Lane.NODE, Lane.STRING) and value.has("text")
    return None if spelt else _SIMPLE[lane]


def identity(value: Value) -> Sql:
    """Expression that is equal exactly for the same term; NULL when unbound."""
    facet = _simple(value)
    return value.get(facet) if facet is not None else term_key(value)


def same_term(left: Value, right: Value) -> Sql:
    """SQL that is true where both are bound to the same term, never true otherwise."""
    if Lane.NODE in (left.only_lane, right.only_lane):
        return sql.binary("=", left.get("id"), right.get("id"))
    facet = _simple(left)
    if facet is not None and facet == _simple(right) and left.lanes == right.lanes:
        return sql.binary("=", left.get(facet), right.get(facet))
    return sql.binary("=", term_key(left), term_key(right))


def bound(value: Value) -> Sql:
    """SQL: the variable is bound."""
    return sql.not_null(value.get("tag"))


def unbound(value: Value) -> Sql:
    """SQL: the variable is not bound."""
    return sql.is_null(value.get("tag"))


def compatible(left: Value, right: Value) -> Sql:
    """SQL that is true where the two are the same term or one of them is unbound."""
    parts = [unbound(value) for value in (left, right) if value.maybe_unbound]
    return sql.any_of([*parts, same_term(left, right)])


def certain(left: Value, right: Value) -> bool:
    """Return whether both are always bound, so that equality alone decides."""
    return not (left.maybe_unbound or right.maybe_unbound)


def merged(left: Value, right: Value) -> Value:
    """One value for a variable that two joined sides share."""
    facets = dict(left.facets)
    for facet, node in right.facets.items():
        if facet not in facets:
            facets[facet] = node
        elif left.maybe_unbound or facet == "text":
            facets[facet] = sql.first_of([facets[facet], node])
    maybe = left.maybe_unbound and right.maybe_unbound
    nan = left.maybe_nan or right.maybe_nan
    return Value(_merged_lanes(left, right), facets, maybe, merged_crs((left, right)), nan)


def _merged_lanes(left: Value, right: Value) -> frozenset[Lane]:
    if certain(left, right):
        return left.lanes & right.lanes
    if not left.maybe_unbound:
        return left.lanes
    return right.lanes if not right.maybe_unbound else left.lanes | right.lanes
