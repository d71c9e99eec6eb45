"""Dates and times: SPARQL 1.1 section 17.4.5; parts are those of the value's own zone."""

from __future__ import annotations

from collections.abc import Callable

from ontology import Lane

from ..values import Value
from . import sql
from .numbers import DECIMAL
from .printing import local_time, zone_text
from .shapes import TIME_LANES, XSD, has_lane, integer, other, single, text
from .sql import Sql


def _local(value: Value, *, clock: bool) -> Sql:
    """Local time where the row is a time (with a clock), else NULL."""
    lanes = frozenset({Lane.DATETIME}) if clock else TIME_LANES
    wanted = value.lanes & lanes
    if not wanted:
        return sql.null("TIMESTAMP")
    return (
        local_time(value)
        if wanted == value.lanes
        else sql.when(has_lane(value, wanted), local_time(value))
    )


def _part(name: str, *, clock: bool) -> Callable[[Value], Value]:
    def lowered(value: Value) -> Value:
        return integer(sql.func(name, _local(value, clock=clock)))

    return lowered


year = _part("year", clock=False)
month = _part("month", clock=False)
day = _part("day", clock=False)
hours = _part("hour", clock=True)
minutes = _part("minute", clock=True)


def seconds(value: Value) -> Value:
    """``SECONDS`` with fraction, a decimal."""
    micros = sql.cast(sql.func("microsecond", _local(value, clock=True)), DECIMAL)
    return single(Lane.DECIMAL, sql.cast(sql.binary("*", micros, sql.number("0.000001")), DECIMAL))


def timezone(value: Value) -> Value:
    """``TIMEZONE``: an xsd:dayTimeDuration, an error without a zone."""
    zone = sql.when(has_lane(value, TIME_LANES), value.get("zone"))
    size = sql.func("abs", sql.cast(zone, "INTEGER"))
    hour, minute = sql.func("divide", size, sql.number(60)), sql.func("mod", size, sql.number(60))
    sign = sql.case([(sql.binary("<", zone, sql.number(0)), sql.string("-"))], sql.string(""))
    parts = [_unit(hour, "H"), _unit(minute, "M")]
    written = sql.case(
        [
            (sql.binary("=", zone, sql.number(0)), sql.string("PT0S")),
            (sql.not_null(zone), sql.func("concat", sign, sql.string("PT"), *parts)),
        ]
    )
    return other(written, XSD + "dayTimeDuration")


def _unit(node: Sql, letter: str) -> Sql:
    some = sql.binary(">", node, sql.number(0))
    return sql.case([(some, sql.func("concat", node, sql.string(letter)))], sql.string(""))


def zone_name(value: Value) -> Value:
    """``TZ``: the zone as written, the empty string without one."""
    return text(sql.when(has_lane(value, TIME_LANES), zone_text(value)))


def now() -> Value:
    """``NOW``: one instant a query, UTC."""
    micros = sql.func("epoch_us", sql.func("now"))
    return single(
        Lane.DATETIME, sql.func("make_timestamp", micros), zone=sql.cast(sql.number(0), "SMALLINT")
    )
