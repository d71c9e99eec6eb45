"""Whether a text surely is of a datatype, in compiled kernels over addresses.

False means "not surely": the general way then decides. True only where the general way writes the
text as it stands.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from ontology import get_byte

INTEGER, DECIMAL, DOUBLE, BOOLEAN, DATE, DATE_TIME, RANGED = range(7)
"""Kinds of checks; RANGED is an integer between two limits."""

_MOST_DIGITS: Final = 18
_MOST_PLACES: Final = 12
_MOST_FRACTION: Final = 6
_PLUS, _MINUS, _DOT, _COLON, _T, _Z = 0x2B, 0x2D, 0x2E, 0x3A, 0x54, 0x5A
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@njit
def _digits(at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Behind the digits that begin here."""
    while at < end and 0x30 <= get_byte(at) <= 0x39:
        at += 1
    return at


@njit
def _sign(at: int, end: int) -> Any:  # pragma: no cover - compiled
    return at + (at < end and (get_byte(at) == _MINUS or get_byte(at) == _PLUS))


@njit
def _integer(at: int, end: int) -> Any:  # pragma: no cover - compiled
    first = _sign(at, end)
    return first < end and _digits(first, end) == end


@njit
def _number(at: int, count: int) -> Any:  # pragma: no cover - compiled
    value = 0
    for k in range(count):
        value = value * 10 + get_byte(at + k) - 0x30
    return value


@njit
def _ranged(at: int, end: int, least: int, greatest: int) -> Any:  # pragma: no cover - compiled
    first = _sign(at, end)
    if not _integer(at, end) or end - first > _MOST_DIGITS:
        return False
    value = _number(first, end - first)
    if get_byte(at) == _MINUS:
        value = -value
    return least <= value <= greatest


@njit
def _decimal(at: int, end: int) -> Any:  # pragma: no cover - compiled
    first = at + (at < end and get_byte(at) == _MINUS)
    at = _digits(first, end)
    if at == first or at - first > _MOST_DIGITS:
        return False
    if at == end:
        return True
    last = _digits(at + 1, end)
    return get_byte(at) == _DOT and last == end and 0 < last - at - 1 <= _MOST_PLACES


@njit
def _double(at: int, end: int) -> Any:  # pragma: no cover - compiled
    first = _sign(at, end)
    at = _digits(first, end)
    count = at - first
    if at < end and get_byte(at) == _DOT:
        last = _digits(at + 1, end)
        count += last - at - 1
        at = last
    if count == 0:
        return False
    if at < end and (get_byte(at) | 0x20) == 0x65:
        return _integer(at + 1, end)
    return at == end


@njit
def _boolean(at: int, end: int) -> Any:  # pragma: no cover - compiled
    if end - at == 1:
        return get_byte(at) == 0x30 or get_byte(at) == 0x31
    word = 0
    for k in range(min(end - at, 6)):
        word = word << 8 | get_byte(at + k)
    return word == 0x74727565 or word == 0x66616C7365


@njit
def _date(at: int) -> Any:  # pragma: no cover - compiled
    """Whether ten bytes are a day of the years 1 to 9998."""
    four, two, last = _digits(at, at + 4), _digits(at + 5, at + 7), _digits(at + 8, at + 10)
    if four != at + 4 or two != at + 7 or last != at + 10:
        return False
    if get_byte(at + 4) != _MINUS or get_byte(at + 7) != _MINUS:
        return False
    year, month, day = _number(at, 4), _number(at + 5, 2), _number(at + 8, 2)
    if not 1 < year < 9999 or not 1 <= month <= 12 or day < 1:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS[month] + (month == 2 and leap)


@njit
def _pair(at: int, greatest: int) -> Any:  # pragma: no cover - compiled
    return _digits(at, at + 2) == at + 2 and _number(at, 2) <= greatest


@njit
def _zone(at: int, end: int) -> Any:  # pragma: no cover - compiled
    if at == end:
        return True
    if get_byte(at) == _Z:
        return at + 1 == end
    if end - at != 6 or _sign(at, end) == at or get_byte(at + 3) != _COLON:
        return False
    return _pair(at + 1, 13) and _pair(at + 4, 59)


@njit
def _date_time(at: int, end: int) -> Any:  # pragma: no cover - compiled
    if end - at < 19 or not _date(at) or get_byte(at + 10) != _T:
        return False
    if get_byte(at + 13) != _COLON or get_byte(at + 16) != _COLON:
        return False
    if not (_pair(at + 11, 23) and _pair(at + 14, 59) and _pair(at + 17, 59)):
        return False
    at += 19
    if at < end and get_byte(at) == _DOT:
        last = _digits(at + 1, end)
        if not 0 < last - at - 1 <= _MOST_FRACTION:
            return False
        at = last
    return _zone(at, end)


@njit
def surely(
    kind: int, at: int, end: int, least: int, greatest: int
) -> Any:  # pragma: no cover - compiled
    """Whether the text from ``at`` to ``end`` surely is of a kind."""
    if kind == INTEGER:
        return _integer(at, end)
    if kind == DOUBLE:
        return _double(at, end)
    if kind == DECIMAL:
        return _decimal(at, end)
    if kind == RANGED:
        return _ranged(at, end, least, greatest)
    if kind == DATE:
        return end - at == 10 and _date(at)
    if kind == DATE_TIME:
        return _date_time(at, end)
    return _boolean(at, end)
