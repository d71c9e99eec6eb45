"""Reading decimals in compiled kernels: exactly rounded, and whether they are the shortest.

The value of up to 18 digits over a power of ten is worked out in double-double arithmetic (T. J.
Dekker, Numer. Math. 18, 1971). Where that leaves the last bit in doubt the caller is told so and
must read the text another way; nothing is ever rounded wrongly.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

SHORTEST: Final = 2
"""The text is the shortest that reads back the same, the nearest of those, without exponent."""
UNKNOWN: Final = 1
LONGER: Final = 0
"""The text is surely not that."""

MAX_DIGITS: Final = 18
_POWERS: Final = 10.0 ** np.arange(23)  # exact up to 10^22
_EXACT: Final = 1 << 53
_SPLIT: Final = 134217729.0  # 2^27 + 1
_DOUBT: Final = 1e-9  # of a unit in the last place
_LEAST: Final = 1e-3
_GREATEST: Final = 1e15


@njit
def _product_error(a: float, b: float, product: float) -> Any:  # pragma: no cover - compiled
    scaled = _SPLIT * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = _SPLIT * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit
def _quotient(digits: int, places: int) -> Any:  # pragma: no cover - compiled
    """``digits / 10**places`` rounded to nearest, what was cut off, and whether that is sure."""
    power = _POWERS[places]
    high = np.float64(digits)
    low = np.float64(digits - np.int64(high))
    first = high / power
    product = first * power
    rest = ((high - product) - _product_error(first, power, product)) + low
    second = rest / power
    value = first + second
    cut = second - (value - first)
    unit = np.nextafter(value, np.inf) - value
    below = value - np.nextafter(value, -np.inf)
    doubt = _DOUBT * below
    sure = abs(abs(cut) - 0.5 * unit) > doubt and abs(abs(cut) - 0.5 * below) > doubt
    return value, cut, sure


@njit
def _reads_as(digits: int, places: int, value: float) -> Any:  # pragma: no cover - compiled
    """1 if ``digits / 10**places`` rounds to the value, 0 if not, -1 in doubt."""
    found, _, sure = _quotient(digits, places)
    if not sure and digits >= _EXACT:
        return -1
    return 1 if found == value else 0


@njit
def _shortness(
    digits: int, count: int, places: int, value: float, cut: float
) -> Any:  # pragma: no cover - compiled
    """Whether a text of 16 or 17 digits is the shortest.

    A shorter decimal within the rounding interval of the value would lie next to this one.
    """
    if count > 17:
        return LONGER
    if places == 0:
        return UNKNOWN
    lower = _reads_as(digits // 10, places - 1, value)
    upper = _reads_as(digits // 10 + 1, places - 1, value)
    if lower == 1 or upper == 1:
        return LONGER
    if lower < 0 or upper < 0:
        return UNKNOWN
    distance = abs(cut) * _POWERS[places]
    if distance < 0.5 - _DOUBT:
        return SHORTEST
    return LONGER if distance > 0.5 + _DOUBT else UNKNOWN


@njit
def read_decimal(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Read ``-?digits[.digits]`` from ``data[at:end]``.

    Returns
    -------
    at : int
        Behind the number, or -1 if it is something else, has over 18 digits or is in doubt.
    value : float
    form : int
        SHORTEST, UNKNOWN or LONGER.
    """
    negative = at < end and data[at] == 0x2D
    start = at + negative
    at = start
    digits = np.int64(0)
    while at < end and 0x30 <= data[at] <= 0x39 and at - start <= MAX_DIGITS:
        digits = digits * 10 + (data[at] - 0x30)
        at += 1
    whole = at - start
    places = 0
    if at < end and data[at] == 0x2E:
        at += 1
        point = at
        while at < end and 0x30 <= data[at] <= 0x39 and whole + places <= MAX_DIGITS:
            digits = digits * 10 + (data[at] - 0x30)
            at += 1
            places = at - point
        if places == 0:
            return -1, 0.0, UNKNOWN
    if whole == 0 or whole + places > MAX_DIGITS:
        return -1, 0.0, UNKNOWN
    if at < end and (data[at] == 0x65 or data[at] == 0x45 or data[at] == 0x2E):
        return -1, 0.0, UNKNOWN
    if digits == 0 and negative:
        return -1, 0.0, UNKNOWN
    value, form = _valued(digits, whole, places, data[start], data[at - 1])
    return (at, -value if negative else value, form) if form >= 0 else (-1, 0.0, UNKNOWN)


@njit
def _valued(
    digits: int, whole: int, places: int, first: int, last: int
) -> Any:  # pragma: no cover - compiled
    """Value and form; form -1 where the value is in doubt."""
    if digits < _EXACT:
        value, cut, sure = np.float64(digits) / _POWERS[places], 0.0, True
        if digits >= 1_000_000_000_000_000:
            _, cut, sure = _quotient(digits, places)
    else:
        value, cut, sure = _quotient(digits, places)
    if not sure and digits >= _EXACT:
        return value, -1
    if (places and last == 0x30) or (whole > 1 and first == 0x30):
        return value, LONGER
    if digits == 0:
        return value, SHORTEST
    if not sure or value < _LEAST or value >= _GREATEST:
        return value, UNKNOWN
    if digits < 1_000_000_000_000_000:
        return value, SHORTEST
    count = 16 if digits < 10_000_000_000_000_000 else 17 + (digits >= 100_000_000_000_000_000)
    return value, _shortness(digits, count, places, value, cut)
