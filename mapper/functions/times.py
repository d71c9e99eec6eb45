"""Built-in functions on dates and times, in the ``gl:`` namespace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..language.vocabulary import GL
from ..terms.cells import Cells
from ..terms.faults import positions
from ..terms.literals import text_of
from .arguments import numbers, single
from .registry import Call, register
from .texts import sql

_LONG_FORMS: Final = (
    ("%F", "%Y-%m-%d"),
    ("%T", "%H:%M:%S"),
    ("%R", "%H:%M"),
    ("%D", "%m/%d/%y"),
    ("%e", "%d"),
)
_NO_TEXT: Final = pa.scalar(None, pa.string())
_SECOND: Final = 1_000_000
_LAST_YEAR: Final = 9999
_DAY: Final = 86_400 * _SECOND
_PLAIN: Final = r"^\s*-?\d{1,15}(\.\d+)?\s*$"
_FIRST_SOUND: Final = 61.0
"""Excel's serial of 1 March 1900: before it, its calendar has a day too many."""


def _date(call: Call, value: Cells, format: Cells | None = None) -> pa.Array:
    """Date of a text in ISO form, or in the first format that fits (``|`` between them)."""
    moments = _moments(call, value, format, "TIMESTAMP")
    if format is None:  # the day where the time was taken, not that of UTC
        days = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(text_of(value.values)), 0, 10)
        sound = pc.if_else(pc.is_valid(moments), days, _NO_TEXT)
        return sql(sound, "TRY_CAST(v AS DATE)", pa.date32())
    return pc.cast(moments, pa.date32(), safe=False)


def _date_time(call: Call, value: Cells, format: Cells | None = None) -> pa.Array:
    """Time of a text in ISO form (a blank instead of T is fine), or in one of the formats."""
    zoned = pc.any(
        pc.match_substring_regex(text_of(value.values), r":\d\d.*(Z|[+-]\d\d(:?\d\d)?)$")
    )
    return _moments(call, value, format, "TIMESTAMPTZ" if zoned.as_py() else "TIMESTAMP")


def _utc(call: Call, value: Cells) -> pa.Array:
    """Times without zone that are known to be UTC."""
    times = value.values
    if pa.types.is_string(times.type):
        times = _moments(call, value, None, "TIMESTAMPTZ")
    return pc.assume_timezone(pc.cast(times, pa.timestamp("us")), "UTC")


def _moments(call: Call, value: Cells, style: Cells | None, kind: str) -> pa.Array:
    texts = text_of(value.values)
    if style is None:
        zone = "UTC" if kind == "TIMESTAMPTZ" else None
        moments = sql(texts, f"TRY_CAST(v AS {kind})", pa.timestamp("us", zone))
    else:
        moments = _in_styles(texts, single(style, "format", call).split("|"))
    bad = positions(pc.and_(pc.is_valid(texts), pc.is_null(moments)))
    call.fault(bad, lambda k: f"{call.where}: {texts[int(bad[k])].as_py()!r} is no date or time")
    return moments


def _in_styles(texts: pa.Array, styles: list[str]) -> pa.Array:
    """Times by the first of the styles that fits each text."""
    found = [_NAMED[style](texts) if style in _NAMED else _parsed(texts, style) for style in styles]
    zoned = any(moments.type.tz for moments in found)
    kind = pa.timestamp("us", "UTC" if zoned else None)
    return pc.coalesce(*(_as(moments, kind) for moments in found))


def _as(moments: pa.Array, kind: pa.TimestampType) -> pa.Array:
    if kind.tz and moments.type.tz is None:
        return pc.assume_timezone(moments, "UTC")
    return pc.cast(moments, kind)


def _parsed(texts: pa.Array, style: str) -> pa.Array:
    moments = pc.strptime(texts, style, "us", error_is_null=True)
    moments = _without_overflow(texts, moments, style)
    if "%z" in style and moments.type.tz is None:
        return pc.assume_timezone(moments, "UTC")
    return moments


def _counted(unit: int, zone: str | None = None) -> Callable[[pa.Array], pa.Array]:
    """Times counted in a unit (microseconds) from 1970."""

    def read(texts: pa.Array) -> pa.Array:
        counts = _counts(texts)
        return _of_micros(pc.multiply(counts, float(unit)), zone)

    return read


def _excel(texts: pa.Array) -> pa.Array:
    """Serials of spreadsheets: days from 30 December 1899, the day's part behind the point."""
    serials = _counts(texts)
    days = pc.if_else(pc.less(serials, _FIRST_SOUND), pc.add(serials, 1.0), serials)
    days = pc.if_else(pc.greater_equal(serials, 1.0), days, pa.scalar(None, pa.float64()))
    return _of_micros(pc.multiply(pc.subtract(days, 25_569.0), float(_DAY)), None)


def _counts(texts: pa.Array) -> pa.Array:
    plain = pc.if_else(pc.match_substring_regex(texts, _PLAIN), texts, _NO_TEXT)
    return pc.cast(pc.utf8_trim_whitespace(plain), pa.float64())


def _of_micros(micros: pa.Array, zone: str | None) -> pa.Array:
    inside = pc.less(pc.abs(micros), 2.5e17)  # years -5900 to 9800
    sound = pc.if_else(inside, micros, pa.scalar(None, pa.float64()))
    return pc.cast(pc.cast(pc.round(sound), pa.int64()), pa.timestamp("us", zone))


def _year(texts: pa.Array) -> pa.Array:
    """The first moment of a year of four digits."""
    plain = pc.if_else(pc.match_substring_regex(texts, r"^\s*\d{4}(\.0*)?\s*$"), texts, _NO_TEXT)
    days = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(plain), 0, 4), "01", "01", "-"
    )
    return pc.strptime(days, "%Y-%m-%d", "us", error_is_null=True)


_NAMED: Final[dict[str, Callable[[pa.Array], pa.Array]]] = {
    "year": _year,
    "excel": _excel,
    "unix": _counted(_SECOND, "UTC"),
    "unix-ms": _counted(1000, "UTC"),
}
"""Formats beside those of strptime."""


def _start_of_year(call: Call, value: Cells) -> pa.Array:
    """First second of a year, a number or a text of four digits."""
    return _years(call, value, 0)


def _end_of_year(call: Call, value: Cells) -> pa.Array:
    """Last second of a year."""
    return pc.subtract(_years(call, value, 1), pa.scalar(_SECOND, pa.duration("us")))


def _years(call: Call, value: Cells, after: int) -> pa.Array:
    years = numbers(call, value, "value")
    sound = (years == np.round(years)) & (years >= 1) & (years <= _LAST_YEAR)
    bad = np.flatnonzero(~sound & ~np.isnan(years))
    call.fault(bad, lambda k: f"{call.where}: {years[bad[k]]:g} is no year")
    months = (np.where(sound, years, 1970).astype(np.int64) - 1970 + after) * 12
    starts = months.astype("datetime64[M]").astype("datetime64[us]")
    return pa.array(starts, pa.timestamp("us"), mask=~sound)


def _without_overflow(texts: pa.Array, moments: pa.Array, style: str) -> pa.Array:
    """Null where strptime carried a day over (31 February) or took a year of two digits for %Y."""
    for short, long in _LONG_FORMS:
        style = style.replace(short, long)
    suspect = pc.or_(pc.less_equal(pc.day(moments), 4), pc.less(pc.year(moments), 1000))
    wrong = [t for t in pc.unique(texts.filter(suspect)).to_pylist() if not _parses(t, style)]
    found = pc.is_in(texts, value_set=pa.array(wrong, pa.string()))
    return pc.if_else(found, pa.scalar(None, moments.type), moments)


def _parses(text: str, style: str) -> bool:
    try:
        datetime.strptime(text, style)
    except ValueError as error:
        return "directive" in str(error)
    return True


for _name, _function in (
    ("date", _date),
    ("dateTime", _date_time),
    ("utc", _utc),
    ("startOfYear", _start_of_year),
    ("endOfYear", _end_of_year),
):
    register(GL + _name, _function, native=True)
