"""Where rows of CSV end (RFC 4180), told without reading the cells: in compiled kernels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from ontology import compiled, get_byte, get_word, lowest_byte

_FEED, _RETURN = 0x0A, 0x0D
_ONES: Final = np.uint64(0x0101010101010101)
_HIGHS: Final = np.uint64(0x8080808080808080)
_FEEDS: Final = np.uint64(0x0A0A0A0A0A0A0A0A)
_RETURNS: Final = np.uint64(0x0D0D0D0D0D0D0D0D)
_NOTHING: Final = np.uint64(0)
NO_QUOTE: Final = 0x100
"""In place of a quote where the dialect has none."""


@njit(inline="always")
def _has(word: Any, bytes_: Any) -> Any:  # pragma: no cover - compiled
    """Not 0 if one of the bytes of a word is the one given eight times."""
    rest = word ^ bytes_
    return (rest - _ONES) & ~rest & _HIGHS


@njit
def _next_sign(at: int, end: int, quote: int, quoted: bool) -> Any:  # pragma: no cover - compiled
    """The next quote or, outside of quotes, end of a line."""
    quotes = np.uint64(quote & 0xFF) * _ONES
    while at + 8 <= end:
        word = get_word(at)
        found = _has(word, quotes) if quote != NO_QUOTE else _NOTHING
        if not quoted:
            found |= _has(word, _FEEDS) | _has(word, _RETURNS)
        if found != _NOTHING:
            return at + lowest_byte(found)
        at += 8
    while at < end:
        byte = get_byte(at)
        if byte == quote or (not quoted and byte in (_FEED, _RETURN)):
            return at
        at += 1
    return end


@compiled
def rows_end(
    data: int, size: int, delimiter: int, quote: int, final: bool, most: int
) -> Any:  # pragma: no cover - compiled
    """Count whole rows of a text that begins with a row, and find where the last one ends.

    Parameters
    ----------
    data, size : int
        Address and length.
    delimiter, quote : int
        A quote means something at the beginning of a cell only; ``NO_QUOTE`` for none.
    final : bool
        Nothing follows, so what remains is a row, too.
    most : int
        Rows to look for.

    Returns
    -------
    rows, behind : int
        Blank lines are no rows.
    open : bool
        What remains at the end is a row with a quote that is never closed.
    """
    at, end, first = data, data + size, data
    rows = 0
    quoted = False
    while rows < most:
        at = _next_sign(at, end, quote, quoted)
        if at == end:
            break
        byte = get_byte(at)
        if quoted:
            quoted = at + 1 < end and get_byte(at + 1) == quote
            at += 1 + quoted
        elif byte == quote:
            before = get_byte(at - 1) if at > first else delimiter
            quoted = before == delimiter
            at += 1
        else:
            pair = byte == _RETURN and at + 1 < end and get_byte(at + 1) == _FEED
            if byte == _RETURN and at + 1 == end and not final:
                break
            rows += at > first
            at += 1 + pair
            first = at
    if final and rows < most and first < end:
        rows += 1
        first = end
    else:
        quoted = False
    return rows, first - data, quoted
