"""Rewriting plain WKT in its canonical form, number by number, in compiled kernels.

What :func:`ontology.format_wkt` would write of what :func:`ontology.parse_wkt` reads, without a
geometry in between: spaces and trailing zeros go. Two dimensions in degrees of CRS84; all else,
and what is wrong or in doubt, is left to GEOS.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import carray, njit  # type: ignore[attr-defined]

from .addresses import as_pointer, get_byte, get_word, put_byte, put_word
from .decimals import MAX_DIGITS, SHORTEST, read_decimal
from .digits import digits_of, minus_zeros, value_of
from .rings import surely_simple

ODD: Final = 0
"""The text is left to GEOS."""
VALID: Final = 1
"""Rewritten, and the geometry surely is valid."""
UNSURE: Final = 2
"""Rewritten, but GEOS must say whether it is valid."""

MOST_VERTICES: Final = 1024
"""Of a geometry whose validity is found out; length of the scratch arrays."""

_POWERS: Final = 10.0 ** np.arange(9)
_WHOLE_POWERS: Final = 10 ** np.arange(9)
_LEAST: Final = 1e-3
_LONGITUDE: Final = 360.0
_LATITUDE: Final = 90.0 + 1e-6
_NOTHING: Final = np.uint64(0)
_BYTE: Final = np.uint64(0xFF)
_SPACE, _OPEN, _CLOSE, _COMMA, _MINUS, _DOT = 0x20, 0x28, 0x29, 0x2C, 0x2D, 0x2E
_POINT, _LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON = 1, 2, 3, 5, 6
_NAMES: Final = (b"POINT", b"LINESTRING", b"POLYGON", b"MULTILINESTRING", b"MULTIPOLYGON")
_KINDS: Final = np.array([_POINT, _LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON])
_LETTERS: Final = np.frombuffer(b"".join(_NAMES), np.uint8).copy()
_FIRSTS: Final = np.cumsum([0, *map(len, _NAMES)])


@njit
def _spaces(at: int, end: int) -> Any:  # pragma: no cover - compiled
    while at < end and get_byte(at) == _SPACE:
        at += 1
    return at


@njit
def _put_kind(at: int, end: int, to: int) -> Any:  # pragma: no cover - compiled
    """Kind (0: another) behind ``NAME (``."""
    length = 0
    while at + length < end and 0x41 <= get_byte(at + length) <= 0x5A:
        length += 1
    for k in range(len(_KINDS)):
        if _FIRSTS[k + 1] - _FIRSTS[k] != length:
            continue
        same = True
        for n in range(length):
            letter = _LETTERS[_FIRSTS[k] + n]
            same = same and get_byte(at + n) == letter
            put_byte(to + n, letter)
        behind = _spaces(at + length, end)
        if not same or behind >= end or get_byte(behind) != _OPEN:
            continue
        put_byte(to + length, _SPACE)
        put_byte(to + length + 1, _OPEN)
        return _KINDS[k], behind + 1, to + length + 2
    return 0, at, to


@njit
def _put_long(at: int, end: int, to: int) -> Any:  # pragma: no cover - compiled
    """A number of any length, digit by digit; see :func:`_put_number`."""
    start = at
    at += at < end and get_byte(at) == _MINUS
    first = at
    while at < end and 0x30 <= get_byte(at) <= 0x39 and at - first <= MAX_DIGITS:
        at += 1
    last = at
    if at == first or (at > first + 1 and get_byte(first) == 0x30):
        return -1, 0.0, to
    if at < end and get_byte(at) == _DOT:
        dot = at
        at += 1
        while at < end and 0x30 <= get_byte(at) <= 0x39 and at - first <= MAX_DIGITS:
            at += 1
        if at == dot + 1:
            return -1, 0.0, to
        last = at
        while get_byte(last - 1) == 0x30:
            last -= 1
        last -= last == dot + 1
    text = carray(as_pointer(start), (last - start,), np.uint8)
    read, value, form = read_decimal(text, 0, last - start)
    for k in range(last - start):
        put_byte(to + k, get_byte(start + k))
    return (at if start + read == last and form == SHORTEST else -1), value, to + last - start


@njit(inline="always")
def _put_number(at: int, end: int, to: int) -> Any:  # pragma: no cover - compiled
    """Behind a number (or -1), its value, and where it ends in the output."""
    start, begin = at, to
    word = get_word(at)
    put_word(to, word)
    bare = minus_zeros(word)
    whole = digits_of(bare)
    if (
        whole < 1
        or whole > 7
        or get_byte(at + whole) != _DOT
        or (whole > 1 and bare & _BYTE == _NOTHING)
    ):
        return _put_long(start, end, begin)
    at += whole + 1
    to += whole + 1
    digits = value_of(bare, whole)
    word = get_word(at)
    put_byte(to - 1, _DOT)
    put_word(to, word)
    bare = minus_zeros(word)
    places = digits_of(bare)
    at += places
    if places < 1 or places > 7:
        return _put_long(start, end, begin)
    while places > 0 and (bare >> np.uint64(8 * places - 8)) & _BYTE == _NOTHING:
        places -= 1
    if places == 0:
        return _put_long(start, end, begin)
    digits = digits * _WHOLE_POWERS[places] + value_of(bare, places)
    value = np.float64(digits) / _POWERS[places]
    if value < _LEAST or at > end:
        return _put_long(start, end, begin)
    return at, value, to + places


@njit
def _put_points(at: int, end: int, to: int, xs: Any, ys: Any) -> Any:  # pragma: no cover
    """Behind the bracket that closes a list of points (or -1), how many, end of the output."""
    count = 0
    while True:
        at, x, to = _put_number(_spaces(at, end), end, to)
        if at < 0 or at >= end or get_byte(at) != _SPACE:
            return -1, 0, to
        put_byte(to, _SPACE)
        at, y, to = _put_number(_spaces(at + 1, end), end, to + 1)
        if at < 0 or abs(x) > _LONGITUDE or abs(y) > _LATITUDE:
            return -1, 0, to
        place = min(count, MOST_VERTICES)  # the last is kept, to know whether a ring is closed
        xs[place] = x
        ys[place] = y
        count += 1
        at = _spaces(at, end)
        byte = get_byte(at) if at < end else 0
        at += 1
        put_byte(to, byte)
        if byte == _COMMA:
            put_byte(to + 1, _SPACE)
            to += 2
        elif byte == _CLOSE:
            return at, count, to + 1
        else:
            return -1, 0, to


@njit
def _next(at: int, end: int, to: int) -> Any:  # pragma: no cover - compiled
    """1 behind a comma, 2 behind a closing bracket, 0 for anything else."""
    at = _spaces(at, end)
    byte = get_byte(at) if at < end else 0
    put_byte(to, byte)
    if byte == _COMMA:
        put_byte(to + 1, _SPACE)
        return 1, _spaces(at + 1, end), to + 2
    return (2 if byte == _CLOSE else 0), at + 1, to + 1


@njit
def _is_line(count: int, xs: Any, ys: Any) -> Any:  # pragma: no cover - compiled
    """Whether some point of a line surely is not the first."""
    found = False
    for k in range(1, min(count, MOST_VERTICES)):
        found = found or xs[k] != xs[0] or ys[k] != ys[0]
    return found


@njit
def _put_lists(
    at: int, end: int, ring: bool, to: int, xs: Any, ys: Any
) -> Any:  # pragma: no cover - compiled
    """Bracketed lists of points, behind the bracket that closes them all; and their state."""
    state = VALID
    many = 0
    while True:
        if at >= end or get_byte(at) != _OPEN:
            return -1, to, ODD
        put_byte(to, _OPEN)
        at, count, to = _put_points(at + 1, end, to + 1, xs, ys)
        if at < 0 or count < (4 if ring else 2):
            return -1, to, ODD
        last = min(count - 1, MOST_VERTICES)
        if ring and (xs[last] != xs[0] or ys[last] != ys[0]):
            return -1, to, ODD
        many += 1
        if ring:
            sure = many == 1 and count <= MOST_VERTICES and surely_simple(xs, ys, count - 1)
        else:
            sure = _is_line(count, xs, ys)
        if not sure:
            state = UNSURE
        follows, at, to = _next(at, end, to)
        if follows != 1:
            return (at if follows == 2 else -1), to, state


@njit
def _put_polygons(
    at: int, end: int, to: int, xs: Any, ys: Any
) -> Any:  # pragma: no cover - compiled
    state = VALID
    while True:
        if at >= end or get_byte(at) != _OPEN:
            return -1, to, ODD
        put_byte(to, _OPEN)
        at, to, found = _put_lists(at + 1, end, True, to + 1, xs, ys)
        if at < 0:
            return -1, to, ODD
        if found != VALID:
            state = UNSURE
        follows, at, to = _next(at, end, to)
        if follows != 1:
            return (at if follows == 2 else -1), to, state
        state = UNSURE


@njit
def put_wkt(at: int, end: int, to: int, xs: Any, ys: Any) -> Any:  # pragma: no cover - compiled
    """Write the canonical form of the text from address ``at`` to ``end``.

    Parameters
    ----------
    at, end : int
        Eight bytes more may be read.
    to : int
        Address of room for twice the text and 32 bytes.
    xs, ys : ndarray of float64, shape (MOST_VERTICES + 1,)
        Scratch.

    Returns
    -------
    to : int
        Behind what was written.
    state : int
        ODD, VALID or UNSURE; where it is ODD what was written means nothing.
    """
    kind, at, to = _put_kind(at, end, to)
    state = VALID
    if kind == 0:
        return to, ODD
    if kind in (_POINT, _LINE):
        at, count, to = _put_points(at, end, to, xs, ys)
        if at < 0 or (count != 1 if kind == _POINT else count < 2):
            return to, ODD
        if kind == _LINE and not _is_line(count, xs, ys):
            state = UNSURE
    elif kind == _MULTIPOLYGON:
        at, to, state = _put_polygons(at, end, to, xs, ys)
    else:
        at, to, state = _put_lists(at, end, kind == _POLYGON, to, xs, ys)
    return to, (state if at == end else ODD)


__all__ = ["MOST_VERTICES", "ODD", "UNSURE", "VALID", "put_wkt"]
