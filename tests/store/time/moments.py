"""Periods and instants by hand, in whole microseconds since 1970, and drawn at random."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

XSD = "http://www.w3.org/2001/XMLSchema#"
PERIOD = "http://strdf.di.uoa.gr/ontology#period"
PREFIXES = f"PREFIX : <http://ex/> PREFIX xsd: <{XSD}>\n"

Ends = tuple[float, float]
ORIGIN = datetime(2018, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Value:
    """A literal, and the period it is; None if it is none."""

    text: str
    datatype: str
    ends: Ends | None

    @property
    def n3(self) -> str:
        escaped = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"^^<{self.datatype}>'


def micros(moment: datetime) -> int:
    """Exact, unlike ``timestamp()``."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def written(hours: int, east: int | None, *, gap: str = "T") -> str:
    """A time some hours after the origin, as a clock so many minutes east of UTC shows it."""
    moment = ORIGIN + timedelta(hours=hours)
    if east is None:
        return moment.strftime(f"%Y-%m-%d{gap}%H:%M:%S")
    local = moment.astimezone(timezone(timedelta(minutes=east)))
    sign, size = "-" if east < 0 else "+", abs(east)
    zone = f"{sign}{size // 60:02}:{size % 60:02}" if east else "Z"
    return local.strftime(f"%Y-%m-%d{gap}%H:%M:%S") + zone


def at(hours: int) -> int:
    return micros(ORIGIN + timedelta(hours=hours))


def instant(hours: int, east: int | None = None) -> Value:
    time = at(hours)
    return Value(written(hours, east), XSD + "dateTime", (time, time + 1))


def day(days: int, zone: str = "") -> Value:
    shift = {"": 0, "Z": 0, "+02:00": 2, "-05:00": -5}[zone]
    time = at(24 * days - shift)
    text = (ORIGIN + timedelta(days=days)).strftime("%Y-%m-%d") + zone
    return Value(text, XSD + "date", (time, time + 1))


def period(
    start: int | None, until: int | None, east: int | None = 0, brackets: str = "[)", gap: str = "T"
) -> Value:
    """A literal; an end that is None is open."""
    first = "" if start is None else written(start, east, gap=gap)
    last = "UC" if until is None else written(until, east, gap=gap)
    low = -math.inf if start is None else at(start) + (brackets[0] == "(")
    high = math.inf if until is None else at(until) + (brackets[1] == "]")
    text = f"{brackets[0]}{first}, {last}{brackets[1]}"
    return Value(text, PERIOD, (low, high) if low < high else None)


_HOURS = st.integers(-3, 3)
_ZONES = st.sampled_from([None, 0, 120, -330])
_BAD = (
    "", "[", "[2018-06-01, 2018-05-01)", "[2018-06-31T00:00:00, 2018-07-02T00:00:00)", "[UC, UC)",
    "2018-06-01/2018-06-02", "[2018-06-01T00:00:00, 2018-06-01T00:00:00)", "[0000-01-01, UC)",
    "[2018-06-01T00:00:00+15:00, UC)", "[2018-06-01, 2018-06-02, 2018-06-03)",
)  # fmt: skip

VALUES = st.one_of(
    st.builds(
        period,
        st.none() | _HOURS,
        st.none() | _HOURS,
        _ZONES,
        st.sampled_from(["[)", "[)", "[]", "(]", "()"]),
        st.sampled_from("T "),
    ),
    st.builds(period, _HOURS, _HOURS),
    st.builds(instant, _HOURS, _ZONES),
    st.builds(day, st.integers(-1, 1), st.sampled_from(["", "Z", "+02:00", "-05:00"])),
    st.sampled_from([Value(text, PERIOD, None) for text in _BAD]),
    st.sampled_from(
        [
            Value("later", XSD + "string", None),
            Value("7", XSD + "integer", None),
            Value("2018-13-01T00:00:00", XSD + "dateTime", None),
            Value("POINT(1 2)", "http://www.opengis.net/ont/geosparql#wktLiteral", None),
        ]
    ),
)
"""Literals of all kinds, near each other in time, so that ends are often equal."""

Test = Callable[[float, float, float, float], bool]

ALLEN: dict[str, Test] = {
    "before": lambda a, b, c, d: b < c,
    "after": lambda a, b, c, d: d < a,
    "meets": lambda a, b, c, d: b == c,
    "metBy": lambda a, b, c, d: d == a,
    "overlaps": lambda a, b, c, d: a < c < b < d,
    "overlappedBy": lambda a, b, c, d: c < a < d < b,
    "starts": lambda a, b, c, d: a == c and b < d,
    "startedBy": lambda a, b, c, d: a == c and d < b,
    "during": lambda a, b, c, d: c < a and b < d,
    "contains": lambda a, b, c, d: a < c and d < b,
    "finishes": lambda a, b, c, d: c < a and b == d,
    "finishedBy": lambda a, b, c, d: a < c and b == d,
    "equals": lambda a, b, c, d: (a, b) == (c, d),
}
"""The thirteen relations of [a, b) and [c, d); exactly one of them holds."""

RELATIONS: dict[str, Test] = {
    **{f"glf:{name}": test for name, test in ALLEN.items()},
    "glf:intersects": lambda a, b, c, d: max(a, c) < min(b, d),
    "strdf:during": lambda a, b, c, d: c <= a and b <= d,
    "strdf:PeriodContains": lambda a, b, c, d: a <= c and d <= b,
    "strdf:periodContains": lambda a, b, c, d: a <= c and d <= b,
    "strdf:PeriodOverlaps": lambda a, b, c, d: max(a, c) < min(b, d),
    "strdf:periodOverlaps": lambda a, b, c, d: max(a, c) < min(b, d),
    "strdf:PeriodIntersects": lambda a, b, c, d: max(a, c) < min(b, d),
    "strdf:periodIntersects": lambda a, b, c, d: max(a, c) < min(b, d),
    "strdf:equalsPeriod": lambda a, b, c, d: (a, b) == (c, d),
    "strdf:nequalsPeriod": lambda a, b, c, d: (a, b) != (c, d),
    "strdf:adjacent": lambda a, b, c, d: b == c or d == a,
    "strdf:before": lambda a, b, c, d: b <= c,
    "strdf:beforePeriod": lambda a, b, c, d: b <= c,
    "strdf:after": lambda a, b, c, d: d <= a,
    "strdf:overleft": lambda a, b, c, d: b <= d,
    "strdf:overright": lambda a, b, c, d: a >= c,
    "strdf:meets": lambda a, b, c, d: b == c,
    "strdf:meetsBefore": lambda a, b, c, d: b == c,
    "strdf:meetsAfter": lambda a, b, c, d: d == a,
    "strdf:starts": lambda a, b, c, d: a == c and b < d,
    "strdf:finishes": lambda a, b, c, d: c < a and b == d,
}


def holds(name: str, first: Ends | None, second: Ends | None) -> bool | None:
    """Whether a relation holds; None is an error."""
    if first is None or second is None:
        return None
    return RELATIONS[name](*first, *second)


def between(first: Value | None, last: Value | None) -> Ends | None:
    """The period from one instant to another, where an end that is None is open."""
    low, high = -math.inf, math.inf
    for value, lower in ((first, True), (last, False)):
        if value is None:
            continue
        if value.ends is None or value.ends[1] != value.ends[0] + 1:
            return None
        low, high = (value.ends[0], high) if lower else (low, value.ends[0])
    return (low, high) if low < high else None
