"""Lexical forms in SQL: the same bytes as :func:`ontology.lexical_forms` prints."""

from __future__ import annotations

from ontology import Lane

from ..values import Value
from . import sql
from .shapes import OWN_FACET, has_lane
from .sql import Sql


def lexical(value: Value, *, geometry: bool = True) -> Sql:
    """Lexical form of a literal, text of a node; NULL for errors.

    With ``geometry=False`` geometries that print canonically are NULL: they travel as WKB.
    """
    branches = [
        (has_lane(value, (lane,)), canonical(value, lane))
        for lane in Lane
        if lane in value.lanes and _prints(lane) and (geometry or lane is not Lane.GEOMETRY)
    ]
    if not branches:
        return value.get("text")
    only = value.only_lane is not None
    printed = branches[0][1] if only else sql.case(branches)
    return sql.first_of([value.get("text"), printed]) if value.has("text") else printed


def _prints(lane: Lane) -> bool:
    return OWN_FACET[lane] != "text" and lane is not Lane.NODE


def canonical(value: Value, lane: Lane) -> Sql:
    """Canonical lexical form of the rows of a lane whose own facet is not text."""
    own = value.get(OWN_FACET[lane])
    match lane:
        case Lane.DECIMAL:
            digits = sql.func("rtrim", sql.cast(own, "VARCHAR"), sql.string("0"))
            return sql.func("rtrim", digits, sql.string("."))
        case Lane.DOUBLE | Lane.FLOAT:
            return _real(own, lane)
        case Lane.DATE:
            return sql.binary("||", sql.cast(sql.cast(own, "DATE"), "VARCHAR"), _zone(value))
        case Lane.DATETIME:
            printed = sql.cast(local_time(value), "VARCHAR")
            iso = sql.func("replace", printed, sql.string(" "), sql.string("T"))
            return sql.binary("||", iso, _zone(value))
        case Lane.GEOMETRY:
            return _geometry(value)
        case _:
            return sql.cast(own, "VARCHAR")


def _geometry(value: Value) -> Sql:
    parts = (sql.func("ST_AsWKB", value.get("geometry")), value.get("crs"))
    wkt = sql.func("gl_wkt", *parts)
    if not value.has("datatype"):
        return wkt
    named = value.get("datatype")
    return sql.case([(sql.is_null(named), wkt)], sql.func("gl_text_of", *parts, named))


def _real(own: Sql, lane: Lane) -> Sql:
    plain = sql.cast(sql.cast(own, "FLOAT") if lane is Lane.FLOAT else own, "VARCHAR")
    zero = sql.number(0)
    infinite = sql.func("isinf", own)
    return sql.case(
        [
            (sql.func("isnan", own), sql.string("NaN")),
            (sql.every([infinite, sql.binary(">", own, zero)]), sql.string("INF")),
            (infinite, sql.string("-INF")),
        ],
        plain,
    )


def local_time(value: Value) -> Sql:
    """Time as the clock of its zone shows it."""
    if not value.has("zone"):
        return value.get("time")
    shift = sql.func("to_minutes", sql.cast(zone_minutes(value), "BIGINT"))
    return sql.binary("+", value.get("time"), shift)


def zone_minutes(value: Value) -> Sql:
    """Minutes east of UTC, 0 without a zone."""
    return sql.first_of([value.get("zone"), sql.number(0)])


def zone_text(value: Value) -> Sql:
    """``Z``, ``+02:00`` …, the empty string without a zone."""
    if not value.has("zone"):
        return sql.string("")
    zone = value.get("zone")
    size = sql.func("abs", sql.cast(zone, "INTEGER"))
    sign = sql.case([(sql.binary("<", zone, sql.number(0)), sql.string("-"))], sql.string("+"))
    hours = _two(sql.func("divide", size, sql.number(60)))
    minutes = _two(sql.func("mod", size, sql.number(60)))
    return sql.case(
        [
            (sql.is_null(zone), sql.string("")),
            (sql.binary("=", zone, sql.number(0)), sql.string("Z")),
        ],
        sql.func("concat", sign, hours, sql.string(":"), minutes),
    )


def _zone(value: Value) -> Sql:
    return zone_text(value)


def _two(node: Sql) -> Sql:
    return sql.func("lpad", sql.cast(node, "VARCHAR"), sql.number(2), sql.string("0"))
