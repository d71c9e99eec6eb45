"""Decimal digits eight at a time, in compiled kernels (after D. Lemire and others: SWAR)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from .words import lowest_byte

_ZEROS: Final = np.uint64(0x3030303030303030)
_LOW_BITS: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_TO_HIGH: Final = np.uint64(0x7676767676767676)
"""Added to a byte without its highest bit it sets that bit unless the byte is 0 to 9."""
_EVERY_FOURTH: Final = np.uint64(0x000000FF000000FF)
_HUNDREDS: Final = np.uint64(0x000F424000000064)
_ONES: Final = np.uint64(0x0000271000000001)
_NOTHING: Final = np.uint64(0)


@njit(inline="always")
def minus_zeros(word: Any) -> Any:  # pragma: no cover - compiled
    """Eight characters (uint64, the first the lowest byte) with ``0`` taken away from each."""
    return word ^ _ZEROS


@njit(inline="always")
def digits_of(word: Any) -> Any:  # pragma: no cover - compiled
    """How many bytes of a word, from its lowest, are digits; the word has 0x30 taken away."""
    high = (((word & _LOW_BITS) + _TO_HIGH) | word) & _HIGH_BITS
    return lowest_byte(high) if high != _NOTHING else 8


@njit(inline="always")
def value_of(word: Any, count: int) -> Any:  # pragma: no cover - compiled
    """Number that the ``count`` (1 to 8) lowest bytes of a word are the digits of."""
    digits = word << np.uint64(64 - 8 * count)
    digits = digits * np.uint64(10) + (digits >> np.uint64(8))
    upper = (digits & _EVERY_FOURTH) * _HUNDREDS
    lower = ((digits >> np.uint64(16)) & _EVERY_FOURTH) * _ONES
    return np.int64((upper + lower) >> np.uint64(32))


__all__ = ["digits_of", "minus_zeros", "value_of"]
