"""Dates and times: SPARQL 1.1 section 17.4.5; parts are those of the value's own zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ontology import LANE_DATATYPES, Lane

from ..layout.lexical_sql import ZONE_FORM
from ..values import Value
from . import sql
from .casts import zone_minutes_of
from .numbers import DECIMAL
from .printing import local_time, zone_text
from .shapes import TIME_LANES, XSD, has_lane, integer, of_lane, other, single, text
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


_DAY: Final = r"(-?[0-9]{4,})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"T([01][0-9]|2[0-4]):([0-5][0-9]):([0-5][0-9](?:\.[0-9]+)?)"
_FAR: Final = "(-|[0-9]{5})"


def _odd(value: Value, group: int, *, clock: bool) -> Sql | None:
    """Part of a date or time of lane OTHER: a zoned date, or a year DuckDB does not have."""
    if Lane.OTHER not in value.lanes:
        return None
    text, name = of_lane(value, Lane.OTHER), value.get("datatype")
    pattern = _DAY + _CLOCK + f"({ZONE_FORM})?"
    names = [LANE_DATATYPES[Lane.DATETIME]]
    if not clock:
        pattern = f"{_DAY}({_CLOCK})?({ZONE_FORM})?"
        names.append(LANE_DATATYPES[Lane.DATE])
    far = sql.func("regexp_matches", text, sql.string(f"^{_FAR}"))
    valid = [
        sql.one_of(name, [sql.string(iri) for iri in names]),
        sql.any_of([sql.not_null(value.get("time")), far]),
        sql.func("regexp_full_match", text, sql.string(pattern)),
    ]
    found = sql.func("regexp_extract", text, sql.string(pattern), sql.number(group))
    return sql.when(sql.every(valid), found)


def _part(name: str, group: int, *, clock: bool) -> Callable[[Value], Value]:
    def lowered(value: Value) -> Value:
        plain = sql.func(name, _local(value, clock=clock))
        odd = _odd(value, group, clock=clock)
        return integer(plain if odd is None else sql.first_of([plain, sql.try_cast(odd, "BIGINT")]))

    return lowered


year = _part("year", 1, clock=False)
month = _part("month", 2, clock=False)
day = _part("day", 3, clock=False)
hours = _part("hour", 4, clock=True)
minutes = _part("minute", 5, clock=True)


def seconds(value: Value) -> Value:
    """``SECONDS`` with fraction, a decimal."""
    micros = sql.cast(sql.func("microsecond", _local(value, clock=True)), DECIMAL)
    plain = sql.cast(sql.binary("*", micros, sql.number("0.000001")), DECIMAL)
    odd = _odd(value, 6, clock=True)
    found = plain if odd is None else sql.first_of([plain, sql.try_cast(odd, DECIMAL)])
    return single(Lane.DECIMAL, found)


def _odd_zone(value: Value) -> Sql | None:
    day = _odd(value, 0, clock=False)
    return None if day is None else sql.func("regexp_extract", day, sql.string(f"{ZONE_FORM}$"))


def timezone(value: Value) -> Value:
    """``TIMEZONE``: an xsd:dayTimeDuration, an error without a zone."""
    zone = sql.when(has_lane(value, TIME_LANES), value.get("zone"))
    odd = _odd_zone(value)
    if odd is not None:
        zone = sql.first_of([zone, zone_minutes_of(odd)])
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
    plain = sql.when(has_lane(value, TIME_LANES), zone_text(value))
    odd = _odd_zone(value)
    return text(plain if odd is None else sql.first_of([plain, odd]))


def now() -> Value:
    """``NOW``: one instant a query, UTC."""
    micros = sql.func("epoch_us", sql.func("now"))
    return single(
        Lane.DATETIME, sql.func("make_timestamp", micros), zone=sql.cast(sql.number(0), "SMALLINT")
    )
