"""Constructor functions: SPARQL 1.1 section 17.5; a value that does not fit is an error."""

from __future__ import annotations

from collections.abc import Callable

from ontology import LANE_DATATYPES, Lane

from ..values import Value
from . import numbers, sql
from .binding import let, named
from .printing import lexical, local_time
from .shapes import NUMBER_LANES, is_bound, just_after, of_lane, single, text
from .sql import Sql
from .strings import simple_text
from .written import written

_INTEGER = r"[+-]?[0-9]+"
_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_REAL = _DECIMAL + r"([eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_FLOAT_MAX = "3.4028235677973366e38"  # half-way to the next power of two rounds to infinity
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATETIME = _DATE + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"


def _fitting(value: Value, pattern: str) -> Sql:
    """Text of an xsd:string that has the form, white space around it dropped."""
    plain = sql.func("trim", simple_text(value))
    return sql.when(sql.func("regexp_full_match", plain, sql.string(pattern)), plain)


def _numeric(value: Value, type_name: str, *, trunc: bool = False) -> list[Sql]:
    found: list[Sql] = []
    for kind, node in numbers.parts(value).items():
        whole = sql.func("trunc", node) if trunc and kind != "integer" else node
        found.append(sql.try_cast(whole, type_name))
    return found


def _from(value: Value, type_name: str, pattern: str, *, trunc: bool = False) -> Sql:
    found: list[Sql] = []
    if Lane.STRING in value.lanes:
        found.append(sql.try_cast(_fitting(value, pattern), type_name))
    found.extend(_numeric(value, type_name, trunc=trunc))
    if Lane.BOOLEAN in value.lanes:
        found.append(sql.cast(value.get("boolean"), type_name))
    return sql.first_of(found) if found else sql.null(type_name)


def to_integer(value: Value) -> Value:
    """``xsd:integer``: towards zero."""
    return single(Lane.INTEGER, _from(value, "BIGINT", _INTEGER, trunc=True))


def to_decimal(value: Value) -> Value:
    """``xsd:decimal``."""
    return single(Lane.DECIMAL, _from(value, numbers.DECIMAL, _DECIMAL))


def to_double(value: Value) -> Value:
    """``xsd:double``."""
    return numbers.number({"double": _from(value, "DOUBLE", _REAL)})


def to_float(value: Value) -> Value:
    """``xsd:float``; what is past its range is infinite."""
    wide = named("wide")
    past = sql.binary(">", sql.func("abs", wide), sql.number(_FLOAT_MAX))
    infinite = sql.binary("*", sql.func("sign", wide), sql.cast(sql.string("inf"), "DOUBLE"))
    near = sql.cast(sql.try_cast(wide, "FLOAT"), "DOUBLE")
    made = let({"wide": _from(value, "DOUBLE", _REAL)}, sql.case([(past, infinite)], near))
    return numbers.number({"float": made})


def to_boolean(value: Value) -> Value:
    """``xsd:boolean``: numbers are true unless 0 or not-a-number."""
    found: list[Sql] = []
    if Lane.BOOLEAN in value.lanes:
        found.append(value.get("boolean"))
    if Lane.STRING in value.lanes:
        given = _fitting(value, "true|false|1|0")
        found.append(sql.one_of(given, [sql.string("true"), sql.string("1")]))
    if value.lanes & (NUMBER_LANES | {Lane.OTHER}):
        for kind, node in numbers.parts(value).items():
            nonzero = sql.binary("!=", node, sql.number(0))
            if kind in ("float", "double"):
                nonzero = sql.every([nonzero, sql.negate(sql.func("isnan", node))])
            found.append(nonzero)
    return single(Lane.BOOLEAN, sql.first_of(found) if found else sql.null("BOOLEAN"))


def to_string(value: Value) -> Value:
    """``xsd:string``: numbers and times in their canonical form; a blank node has none."""
    return text(written(value))


def printable(value: Value) -> Sql:
    """What ``STR`` gives: NULL for blank nodes and errors."""
    printed = lexical(value)
    if Lane.NODE not in value.lanes:
        return printed
    return sql.case([(value.get("blank"), sql.null("VARCHAR"))], printed)


def to_datetime(value: Value) -> Value:
    """``xsd:dateTime``: from a text, or midnight of a date."""
    given = _first_text(
        _fitting(value, _DATETIME + _ZONE + "?") if Lane.STRING in value.lanes else None,
        _odd_time(value, Lane.DATETIME),
        _midnight_text(_odd_time(value, Lane.DATE)),
    )
    moments = [of_lane(value, lane) for lane in (Lane.DATETIME, Lane.DATE) if lane in value.lanes]
    zones = [value.get("zone")] if value.has("zone") else []
    if given is not None:
        zone = zone_minutes_of(given)
        clock = sql.func("regexp_extract", given, sql.string(_DATETIME))
        shift = sql.func("to_minutes", sql.cast(sql.first_of([zone, sql.number(0)]), "BIGINT"))
        moments.append(sql.binary("-", sql.try_cast(clock, "TIMESTAMP"), shift))
        zones.append(zone)
    if not moments:
        return single(Lane.DATETIME, sql.null("TIMESTAMP"))
    made = sql.cast(sql.first_of(zones), "SMALLINT") if zones else None
    return single(Lane.DATETIME, sql.first_of(moments), zone=made)


def _first_text(*texts: Sql | None) -> Sql | None:
    found = [text for text in texts if text is not None]
    return sql.first_of(found) if found else None


def _odd_time(value: Value, lane: Lane) -> Sql | None:
    """Text of a date or time that lies in lane OTHER, else NULL; None if there can be none."""
    if Lane.OTHER not in value.lanes or not value.has("time"):
        return None
    typed = sql.binary("=", value.get("datatype"), sql.string(LANE_DATATYPES[lane]))
    return sql.when(sql.every([typed, sql.not_null(value.get("time"))]), value.get("text"))


def _midnight_text(date: Sql | None) -> Sql | None:
    if date is None:
        return None
    zone = sql.func("substring", date, sql.number(11))
    day = sql.func("left", date, sql.number(10))
    return sql.binary("||", sql.binary("||", day, sql.string("T00:00:00")), zone)


def zone_minutes_of(text: Sql) -> Sql:
    """Minutes east of UTC of the zone a text ends with; NULL without one."""
    zone = sql.func("regexp_extract", text, sql.string(_ZONE + "$"))
    hours = sql.try_cast(sql.func("substring", zone, sql.number(2), sql.number(2)), "INTEGER")
    rest = sql.try_cast(sql.func("substring", zone, sql.number(5), sql.number(2)), "INTEGER")
    size = sql.binary("+", sql.binary("*", hours, sql.number(60)), rest)
    return sql.case(
        [
            (sql.binary("=", zone, sql.string("Z")), sql.number(0)),
            (sql.func("starts_with", zone, sql.string("-")), sql.binary("-", sql.number(0), size)),
        ],
        size,
    )


def to_date(value: Value) -> Value:
    """``xsd:date``; one with a zone lies in lane OTHER, as when loaded."""
    given = _first_text(
        _fitting(value, _DATE + _ZONE + "?") if Lane.STRING in value.lanes else None,
        _odd_time(value, Lane.DATE),
        _odd_time(value, Lane.DATETIME),
    )
    days: list[Sql] = []
    zones: list[Sql] = []
    if given is not None:
        days.append(sql.try_cast(sql.func("left", given, sql.number(10)), "DATE"))
        zones.append(sql.func("regexp_extract", given, sql.string(_ZONE + "$")))
    if Lane.DATE in value.lanes:
        days.append(sql.cast(of_lane(value, Lane.DATE), "DATE"))
    if Lane.DATETIME in value.lanes:
        moment = Value(
            frozenset({Lane.DATETIME}), {**value.facets, "time": of_lane(value, Lane.DATETIME)}
        )
        days.append(sql.cast(local_time(moment), "DATE"))
        iso = lexical(Value(moment.lanes, {k: v for k, v in moment.facets.items() if k != "text"}))
        zones.append(sql.func("regexp_extract", iso, sql.string(_ZONE + "$")))
    if not days:
        return single(Lane.DATE, sql.null("TIMESTAMP"))
    day = sql.first_of(days)
    return _date(day, sql.first_of(zones)) if zones else single(Lane.DATE, _midnight(day))


def _midnight(day: Sql) -> Sql:
    return sql.cast(day, "TIMESTAMP")


def _date(day: Sql, zone: Sql) -> Value:
    odd = sql.binary("!=", sql.first_of([zone, sql.string("")]), sql.string(""))
    plain = single(Lane.DATE, _midnight(day))
    spelt = sql.when(odd, sql.binary("||", sql.cast(day, "VARCHAR"), zone))
    shifted = sql.binary("-", _midnight(day), _shift(zone))
    iri = sql.string(LANE_DATATYPES[Lane.DATE])
    zoned = single(Lane.OTHER, spelt).get("tag")
    return Value(
        frozenset({Lane.DATE, Lane.OTHER}),
        {
            "tag": sql.case([(odd, zoned)], plain.get("tag")),
            "time": sql.case([(odd, shifted)], _midnight(day)),
            "until": sql.when(odd, just_after(shifted)),
            "text": spelt,
            "datatype": sql.when(sql.every([odd, sql.not_null(day)]), iri),
        },
    )


def _shift(zone: Sql) -> Sql:
    return sql.func("to_minutes", sql.cast(zone_minutes_of(zone), "BIGINT"))


XSD_CASTS: dict[str, Callable[[Value], Value]] = {
    LANE_DATATYPES[Lane.INTEGER]: to_integer,
    LANE_DATATYPES[Lane.DECIMAL]: to_decimal,
    LANE_DATATYPES[Lane.DOUBLE]: to_double,
    LANE_DATATYPES[Lane.FLOAT]: to_float,
    LANE_DATATYPES[Lane.STRING]: to_string,
    LANE_DATATYPES[Lane.BOOLEAN]: to_boolean,
    LANE_DATATYPES[Lane.DATETIME]: to_datetime,
    LANE_DATATYPES[Lane.DATE]: to_date,
}


def retyped(value: Value, spelling: Sql, datatype: str) -> Value:
    """``STRDT``: the literal with exactly this text; ill-typed ones lie in lane OTHER."""
    if value.only_lane is Lane.STRING:
        return value
    fits = is_bound(value)
    bound = sql.not_null(spelling)
    odd = single(Lane.OTHER, sql.when(sql.negate(fits), spelling)).get("tag")
    plain = {k: v for k, v in value.facets.items() if k not in ("tag", "text", "datatype")}
    special = Lane.OTHER in value.lanes
    kept = sql.when(sql.any_of([sql.negate(fits), sql.boolean(special)]), sql.string(datatype))
    spelt = spelling if special else _spelt(value, spelling)
    return Value(
        value.lanes | {Lane.OTHER},
        {
            "tag": sql.case([(fits, value.get("tag"))], odd),
            **plain,
            "text": spelt,
            "datatype": sql.when(bound, kept),
        },
        maybe_nan=value.maybe_nan,
    )


def _spelt(value: Value, spelling: Sql) -> Sql:
    canonical = lexical(Value(value.lanes, {k: v for k, v in value.facets.items() if k != "text"}))
    same = sql.binary("=", sql.first_of([canonical, sql.string("")]), spelling)
    return sql.case([(same, sql.null("VARCHAR"))], spelling)
