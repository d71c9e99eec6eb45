"""Periods of time: what values are periods, the relations of two, what is made of them.

A period has a start and an end that does not belong to it; either may be infinite. A dateTime or
date is the period of one microsecond, the finest time that is kept. Times without a zone are taken
as UTC. Where a value is no period both ends are NULL, and so is all that is compared with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ontology import Lane, UnsupportedError

from ..algebra import Call, Var
from ..layout.lexical_sql import PERIOD
from ..values import Value
from . import sql
from .binding import with_bound
from .period_relations import GLF, PERIOD_RELATIONS, STRDF, Relation
from .scope import Context
from .shapes import TIME_LANES, is_bound, just_after, single, truth
from .sql import Sql

_ZONE: Final = r"(Z|[+-][0-9]{2}:[0-9]{2}|:[0-9.]+[+-][0-9]{2,4})\"?\s*"
"""A zone at the end of a time; hours alone are one only after a clock."""


@dataclass(frozen=True, slots=True)
class Period:
    """Both ends in UTC, and whether a zone was written with them; NULL ends are an error."""

    start: Sql
    until: Sql
    zoned: Sql

    def where(self, condition: Sql) -> Period:
        """The period where a condition is true."""
        start, until = (sql.when(condition, end) for end in (self.start, self.until))
        return Period(start, until, self.zoned)


def period_of(value: Value) -> Period:
    """The period a value is: a literal of ``strdf:period``, or an instant."""
    time = value.get("time")
    if value.lanes & TIME_LANES:
        until = just_after(time)
        if value.has("until"):
            until = sql.first_of([value.get("until"), until])
    else:
        until = value.get("until")
    return Period(time, until, _is_zoned(value, _ZONE))


def period_between(first: Value, last: Value, *, opened: tuple[bool, bool]) -> Period:
    """The period from one instant to another; ``opened``: an end that is unbound is infinite."""
    low = _moment(first, "-infinity" if opened[0] else None)
    high = _moment(last, "infinity" if opened[1] else None)
    zoned = sql.any_of([_is_zoned(value, f"{_ZONE}$") for value in (first, last)])
    return Period(low, high, zoned).where(sql.binary("<", low, high))


def _moment(value: Value, absent: str | None) -> Sql:
    """The time of an instant; that of a period is an error."""
    time = value.get("time")
    if value.has("until"):
        instant = sql.binary("=", value.get("until"), just_after(time))
        time = sql.when(sql.first_of([instant, sql.boolean(True)]), time)
    if absent is None or not value.maybe_unbound:
        return time
    infinite = sql.cast(sql.string(absent), "TIMESTAMP")
    return sql.case([(sql.negate(is_bound(value)), infinite)], time)


def _is_zoned(value: Value, pattern: str) -> Sql:
    found = []
    if value.has("zone"):
        found.append(sql.not_null(value.get("zone")))
    if Lane.OTHER in value.lanes and value.has("text"):
        text = sql.first_of([value.get("text"), sql.string("")])
        found.append(sql.func("regexp_matches", text, sql.string(pattern)))
    return sql.any_of(found)


def related(relation: Relation, first: Period, second: Period) -> Sql:
    """BOOLEAN SQL of a relation, NULL where one of them is no period."""
    alternatives = [
        sql.every(compared(relation, first, second, at)) for at in range(len(relation.either))
    ]
    found = sql.any_of(alternatives)
    return sql.negate(found) if relation.negated else found


def compared(relation: Relation, first: Period, second: Period, at: int | None = None) -> list[Sql]:
    """What a relation needs, or one of its alternatives, each one end against another."""
    chosen = relation.needed if at is None else relation.either[at]
    return [
        sql.binary(op, getattr(first, mine), getattr(second, theirs)) for mine, op, theirs in chosen
    ]


def argument_periods(call: Call, values: Sequence[Value]) -> tuple[Period, Period]:
    """The two periods of a relation: two values, or the ends of both.

    Raises
    ------
    UnsupportedError
        There are three values.
    """
    if len(values) == 2:
        return period_of(values[0]), period_of(values[1])
    if len(values) != 4:
        raise UnsupportedError(
            "A relation of periods takes two periods, or start and end of two",
            where=call.op,
            why=f"{len(values)} arguments were given",
        )
    opened = [isinstance(arg, Var) for arg in call.args]
    first, second = (
        period_between(values[at], values[at + 1], opened=(opened[at], opened[at + 1]))
        for at in (0, 2)
    )
    return first, second


def _relate(context: Context, call: Call) -> Value:
    relation = PERIOD_RELATIONS[call.op]

    def lowered(*values: Value) -> Value:
        return truth(related(relation, *argument_periods(call, values)))

    return with_bound([context.value(arg) for arg in call.args], lowered)


def _construct(context: Context, call: Call) -> Value:
    opened = (isinstance(call.args[0], Var), isinstance(call.args[1], Var))

    def lowered(first: Value, last: Value) -> Value:
        return _made(period_between(first, last, opened=opened))

    return with_bound([context.value(arg) for arg in call.args], lowered)


def _made(period: Period) -> Value:
    """A literal of the period, in UTC; without zones where none was written."""
    ends = [_written(period.start, period.zoned, ""), _written(period.until, period.zoned, "UC")]
    text = sql.string("[")
    for part in (ends[0], sql.string(", "), ends[1], sql.string(")")):
        text = sql.binary("||", text, part)
    kept = sql.when(sql.not_null(period.start), sql.string(PERIOD))
    return single(Lane.OTHER, text, datatype=kept, time=period.start, until=period.until)


def _written(end: Sql, zoned: Sql, opened: str) -> Sql:
    plain = sql.func("replace", sql.cast(end, "VARCHAR"), sql.string(" "), sql.string("T"))
    zone = sql.case([(zoned, sql.string("Z"))], sql.string(""))
    finite = sql.binary("||", plain, zone)
    return sql.case([(sql.func("isinf", end), sql.string(opened))], finite)


def _start(value: Value) -> Value:
    zoned = _is_zoned(value, rf"^[^,]*{_ZONE},")
    return _instant(period_of(value).start, value, zoned)


def _end(value: Value) -> Value:
    zoned = _is_zoned(value, rf"{_ZONE}[)\]]\s*$")
    return _instant(period_of(value).until, value, zoned)


def _instant(end: Sql, value: Value, zoned: Sql) -> Value:
    finite = sql.when(sql.func("isfinite", end), end)
    if value.lanes <= {Lane.DATE}:
        return single(Lane.DATETIME, finite)
    known = sql.every([zoned, sql.not_null(finite)])
    return single(Lane.DATETIME, finite, zone=sql.when(known, sql.cast(sql.number(0), "SMALLINT")))


def _of_two(make: Callable[[Period, Period], Period]) -> Callable[[Value, Value], Value]:
    def lowered(first: Value, second: Value) -> Value:
        return _made(make(period_of(first), period_of(second)))

    return lowered


def _later(*ends: Sql) -> Sql:
    return sql.func("greatest", *ends)


def _earlier(*ends: Sql) -> Sql:
    return sql.func("least", *ends)


def _between(start: Sql, until: Sql, a: Period, b: Period, condition: Sql) -> Period:
    return Period(start, until, sql.any_of([a.zoned, b.zoned])).where(condition)


def _intersection(a: Period, b: Period) -> Period:
    shared = related(PERIOD_RELATIONS[GLF + "intersects"], a, b)
    return _between(_later(a.start, b.start), _earlier(a.until, b.until), a, b, shared)


def _union(a: Period, b: Period) -> Period:
    touching = sql.every(compared(PERIOD_RELATIONS[STRDF + "adjacent"], a, b))
    return _between(_earlier(a.start, b.start), _later(a.until, b.until), a, b, touching)


def _minus(a: Period, b: Period) -> Period:
    """What is left of the first; an error if that is nothing, or two periods."""
    early, late = sql.binary("<", a.start, b.start), sql.binary("<", b.until, a.until)
    one = sql.binary("!=", early, late)
    apart = sql.negate(related(PERIOD_RELATIONS[GLF + "intersects"], a, b))
    start = sql.case([(sql.any_of([apart, early]), a.start)], b.until)
    until = sql.case([(sql.any_of([apart, late]), a.until)], b.start)
    return _between(start, until, a, b, sql.any_of([apart, one]))


def _preceding(a: Period, b: Period) -> Period:
    early = sql.binary("<", a.start, b.start)
    return _between(a.start, _earlier(a.until, b.start), a, b, early)


def _succeeding(a: Period, b: Period) -> Period:
    late = sql.binary("<", b.until, a.until)
    return _between(_later(a.start, b.until), a.until, a, b, late)


PERIOD_SPECIAL: Final[dict[str, tuple[Callable[[Context, Call], Value], int, int]]] = {
    **dict.fromkeys(PERIOD_RELATIONS, (_relate, 2, 4)),
    GLF + "period": (_construct, 2, 2),
    STRDF + "period": (_construct, 2, 2),
}
"""Functions to which an end that is unbound is none: how lowered, least and most arguments."""

PERIOD_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int, int]]] = {
    GLF + "periodStart": (_start, 1, 1),
    GLF + "periodEnd": (_end, 1, 1),
    STRDF + "period_start": (_start, 1, 1),
    STRDF + "period_end": (_end, 1, 1),
    STRDF + "period_intersect": (_of_two(_intersection), 2, 2),
    STRDF + "period_union": (_of_two(_union), 2, 2),
    STRDF + "period_minus": (_of_two(_minus), 2, 2),
    STRDF + "preceding_period": (_of_two(_preceding), 2, 2),
    STRDF + "succeeding_period": (_of_two(_succeeding), 2, 2),
}
"""Functions of periods: how lowered, least and most arguments."""
