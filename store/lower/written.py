"""What a cast to xsd:string writes: the canonical forms of XPath (F&O section 17.1.2)."""

from __future__ import annotations

from typing import Final

from ontology import LANE_DATATYPES, Lane

from ..values import Value
from . import numbers, sql
from .binding import let, named
from .printing import canonical, lexical
from .shapes import TEXT_LANES, TIME_LANES, has_lane, of_lane
from .sql import Sql

_PLAIN_FROM, _PLAIN_BELOW = "0.000001", "1000000"
_DIGITS: Final = "DECIMAL(38, 25)"  # enough for the 17 digits of 1.2345678901234567e-06


def written(value: Value) -> Sql:
    """The text of a value: numbers, truth values and times by value, IRIs and others as they are.

    NULL for blank nodes and errors.
    """
    branches = [
        (has_lane(value, (lane,)), _of_lane(value, lane)) for lane in Lane if lane in value.lanes
    ]
    if len(branches) < 2:
        return branches[0][1] if branches else sql.null("VARCHAR")
    return sql.case(branches)


def _of_lane(value: Value, lane: Lane) -> Sql:
    if lane is Lane.NODE:
        return sql.when(sql.negate(value.get("blank")), of_lane(value, lane, "text"))
    if lane in TEXT_LANES:
        return of_lane(value, lane)
    if lane in (Lane.DOUBLE, Lane.FLOAT):
        return _real(value.get("double"), lane)
    if lane in TIME_LANES or lane in (Lane.BOOLEAN, Lane.INTEGER, Lane.DECIMAL):
        return canonical(value, lane)
    return _odd(value) if lane is Lane.OTHER else lexical(Value(frozenset({lane}), value.facets))


def _odd(value: Value) -> Sql:
    """Lane OTHER: infinities, zeros with a sign, derived integers; else what was written."""
    text = of_lane(value, Lane.OTHER)
    if not value.has("double"):
        return text
    name, double = value.get("datatype"), value.get("double")
    branches = [(sql.is_null(double), text)]
    whole = numbers.parts(Value(frozenset({Lane.OTHER}), value.facets))["integer"]
    branches.append((sql.not_null(whole), sql.cast(whole, "VARCHAR")))
    branches += [
        (sql.binary("=", name, sql.string(LANE_DATATYPES[lane])), _real(double, lane))
        for lane in (Lane.DOUBLE, Lane.FLOAT)
    ]
    return sql.case(branches, text)


def _real(node: Sql, lane: Lane) -> Sql:
    size = sql.func("abs", node)
    printed = sql.cast(sql.cast(size, "FLOAT") if lane is Lane.FLOAT else size, "VARCHAR")
    positive = let({"n": node, "t": printed}, _positive())
    return sql.when(sql.not_null(node), positive)


def _positive() -> Sql:
    """The number ``n`` whose size prints as ``t``."""
    number, text = named("n"), named("t")
    size = sql.func("abs", number)
    plain = sql.every(
        [
            sql.binary(">=", size, sql.number(_PLAIN_FROM)),
            sql.binary("<", size, sql.number(_PLAIN_BELOW)),
        ]
    )
    digits = sql.cast(sql.try_cast(text, _DIGITS), "VARCHAR")
    trimmed = sql.func("rtrim", sql.func("rtrim", digits, sql.string("0")), sql.string("."))
    shown = sql.case(
        [
            (sql.func("isinf", number), sql.string("INF")),
            (sql.binary("=", number, sql.number(0)), sql.string("0")),
            (plain, trimmed),
            (sql.func("contains", text, sql.string("e")), _with_exponent(text)),
        ],
        _as_exponent(text),
    )
    sign = sql.case([(sql.func("signbit", number), sql.string("-"))], sql.string(""))
    nan = (sql.func("isnan", number), sql.string("NaN"))
    return sql.case([nan], sql.binary("||", sign, shown))


def _with_exponent(text: Sql) -> Sql:
    mantissa, power = (
        sql.func("split_part", text, sql.string("e"), sql.number(at)) for at in (1, 2)
    )
    whole = sql.negate(sql.func("contains", mantissa, sql.string(".")))
    rest = sql.case([(whole, sql.string(".0E"))], sql.string("E"))
    return sql.func("concat", mantissa, rest, sql.cast(power, "INTEGER"))


def _as_exponent(text: Sql) -> Sql:
    whole, rest = (sql.func("split_part", text, sql.string("."), sql.number(at)) for at in (1, 2))
    digits = sql.func("rtrim", sql.func("concat", whole, rest), sql.string("0"))
    tail = sql.func("nullif", sql.func("substr", digits, sql.number(2)), sql.string(""))
    first = sql.func("left", digits, sql.number(1))
    power = sql.binary("-", sql.func("length", whole), sql.number(1))
    shown = sql.first_of([tail, sql.string("0")])
    return sql.func("concat", first, sql.string("."), shown, sql.string("E"), power)
