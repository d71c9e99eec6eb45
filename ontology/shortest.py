"""Writing numbers as the shortest decimal that reads back the same, in compiled kernels.

A number ``m * 2**-s`` is what every decimal rounds to that lies less than half a unit of ``m`` from
it. With ten to so many places that the interval is a tenth to one unit wide, whole numbers of 128
bits tell whether a decimal lies in it; if none does, one place more holds the nearest. Nothing is
rounded; ties, ends of intervals, powers of two and very small or great numbers are left.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from .addresses import put_byte, put_word

ROOM: Final = 48
"""Bytes that must be free where a number is written."""

_GREATEST: Final = 1e15
_LEAST: Final = 1.0 / 1024
_POWERS: Final = np.array([10**k for k in range(20)], np.uint64)
_PLACES: Final = np.array([len(str(1 << s)) for s in range(64)])
"""By ``s``: the least number of places in which ten to it exceeds two to the power of s."""
_MANTISSA: Final = np.uint64((1 << 52) - 1)
_HIDDEN: Final = np.uint64(1 << 52)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_0, _1, _2, _10 = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(10)
_8_DIGITS: Final = np.uint64(10**8)
_16_DIGITS: Final = np.uint64(10**16)
_FOUR: Final = np.uint64(10000)
_HUNDRED: Final = np.uint64(100)
_TWO_BITS: Final = np.uint64(0x7F0000007F)
_ONE_BITS: Final = np.uint64(0x000F000F000F000F)
_ZEROS: Final = np.uint64(0x3030303030303030)


def _high_product(context: Any, one: Any, other: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), build


high_product: Final[Any] = intrinsic(_high_product)
"""The upper 64 bits of the product of two uint64."""


@njit(inline="always")
def _whole_part(high: Any, low: Any, shift: Any) -> Any:  # pragma: no cover - compiled
    """128 bits divided by two to the power of ``shift`` (1 to 63)."""
    return (high << np.uint64(64 - shift)) | (low >> np.uint64(shift))


@njit
def _shortest(value: float) -> Any:  # pragma: no cover - compiled
    """Digits and places of a positive number that is not whole; places -1 if it is left."""
    bits = np.float64(value).view(np.uint64)
    fraction = bits & _MANTISSA
    shift = 1075 - np.int64(bits >> np.uint64(52)) + 1  # of twice the number
    if fraction == _0 or shift > 63:
        return _0, -1
    places = _PLACES[shift - 1]
    double = (fraction | _HIDDEN) << _1
    power = _POWERS[places - 1]
    high, low = high_product(double, power), double * power
    above, below = low + power, low - power
    rest = _ALL >> np.uint64(64 - shift)
    if above & rest == _0 or below & rest == _0:
        return _0, -1
    upper = _whole_part(high + np.uint64(above < low), above, shift)
    lower = _whole_part(high - np.uint64(below > low), below, shift)
    if upper > lower:
        places -= 1
        while places > 0 and upper % _10 == _0:
            upper //= _10
            places -= 1
        return upper, places
    power = _POWERS[places]
    low = double * power
    digits = _whole_part(high_product(double, power), low, shift)
    half = _1 << np.uint64(shift - 1)
    if low & rest == half:
        return _0, -1
    return digits + np.uint64(low & rest > half), places


@njit(inline="always")
def _put_8_digits(number: Any, to: int) -> Any:  # pragma: no cover - compiled
    fours = number // _FOUR
    fours |= (number - fours * _FOUR) << np.uint64(32)
    twos = ((fours * np.uint64(10486)) >> np.uint64(20)) & _TWO_BITS
    twos |= (fours - _HUNDRED * twos) << np.uint64(16)
    ones = ((twos * np.uint64(103)) >> _10) & _ONE_BITS
    put_word(to, (ones | ((twos - _10 * ones) << np.uint64(8))) + _ZEROS)


@njit
def _put_whole(number: Any, to: int) -> Any:  # pragma: no cover - compiled
    """Behind a whole number."""
    length = 1
    while length < 19 and number >= _POWERS[length]:
        length += 1
    for k in range(length - 1, -1, -1):
        rest = number // _10
        put_byte(to + k, np.int64(number - rest * _10) + 0x30)
        number = rest
    return to + length


@njit
def put_shortest(value: float, to: int) -> Any:  # pragma: no cover - compiled
    """Write a number without exponent, whole ones without a point.

    Parameters
    ----------
    value : float
    to : int
        Address of ``ROOM`` bytes.

    Returns
    -------
    int
        Address behind the number, or -1 if it is left to others; then nothing is said of the bytes.
    """
    size = abs(value)
    if value < 0.0:
        put_byte(to, 0x2D)
        to += 1
    if not size < _GREATEST or (size == 0.0 and np.signbit(value)):
        return -1
    if size == np.floor(size):
        return _put_whole(np.uint64(size), to)
    if size < _LEAST:
        return -1
    digits, places = _shortest(size)
    if places < 1:
        return -1
    whole = digits // _POWERS[places]
    digits -= whole * _POWERS[places]
    to = _put_whole(whole, to)
    put_byte(to, 0x2E)
    return _put_places(digits, places, to + 1)


@njit
def _put_places(digits: Any, places: int, to: int) -> Any:  # pragma: no cover - compiled
    """Behind digits with as many zeros before them as make so many places (up to 19)."""
    first = digits
    if places <= 16:
        first = digits * _POWERS[16 - places]
    else:
        first = digits // _POWERS[places - 16]
        rest = digits - first * _POWERS[places - 16]
        for k in range(places - 1, 15, -1):
            put_byte(to + k, np.int64(rest % _10) + 0x30)
            rest //= _10
    upper = first // _8_DIGITS
    _put_8_digits(upper, to)
    _put_8_digits(first - upper * _8_DIGITS, to + 8)
    return to + places


__all__ = ["ROOM", "high_product", "put_shortest"]
