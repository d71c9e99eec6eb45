"""Reading plain WKT fast: two dimensions, no collections, numbers without exponent.

What is anything else, or wrong, is left to GEOS; what is read here is what GEOS would read.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import carray, njit  # type: ignore[attr-defined]

from .addresses import as_pointer, get_byte, get_word, put_byte, put_word
from .compiled import compiled
from .decimals import LONGER, SHORTEST, UNKNOWN, read_decimal
from .digits import digits_of, minus_zeros, value_of

UNREAD: Final = -1
"""A row left to GEOS; the other states of a row are those of a decimal, for its whole text."""

MAX_PREFIXES: Final = 16
_LONGEST: Final = 1 << 26
_POINT, _LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON = 1, 2, 3, 5, 6
_MOST_TEXT: Final = 1 << 28
_KEPT: Final = 1 << 25
_local = threading.local()
_FEW_DIGITS: Final = 15
"""So few are a whole number below 2^53, and the shortest that reads back the same."""
_POWERS: Final = 10.0 ** np.arange(_FEW_DIGITS + 1)
_WHOLE_POWERS: Final = 10 ** np.arange(_FEW_DIGITS + 1)
_WORDS: Final = 24
"""Bytes that an ordinary number is read from."""
_LEAST: Final = 1e-3
_MINUS: Final = 0x2D
_POINT_SIGN: Final = 0x2E
_EXPONENT: Final = 0x65
_SPACE: Final = 0x20
_OPEN: Final = 0x28
_CLOSE: Final = 0x29
_COMMA: Final = 0x2C


@dataclass(frozen=True, slots=True)
class WktRows:
    """Rows of wktLiterals on their way.

    Attributes
    ----------
    data : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
    behind : ndarray of int64, shape (n,)
        Where the WKT begins, behind ``<CRS> ``.
    prefix : ndarray of int32, shape (n,)
        Index into ``prefixes``; -1 none, -2 left to GEOS.
    spaced : ndarray of bool, shape (n,)
        Whether exactly one space follows the prefix.
    prefixes : tuple of str
        The CRS IRIs that occur.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    behind: npt.NDArray[np.int64]
    prefix: npt.NDArray[np.int32]
    spaced: npt.NDArray[np.bool_]
    prefixes: tuple[str, ...]


def split_rows(texts: pa.Array) -> WktRows:
    """Find the CRS prefixes of a column of strings."""
    large = texts if texts.type == pa.large_string() else texts.cast(pa.large_string())
    _, offset_buffer, buffer = large.buffers()
    rows = len(large)
    offsets = np.frombuffer(offset_buffer, np.int64)[large.offset : large.offset + rows + 1]
    data = np.frombuffer(buffer or b"", np.uint8)
    behind, prefix = np.empty(rows, np.int64), np.empty(rows, np.int32)
    spaced = np.empty(rows, np.bool_)
    spans = np.empty((MAX_PREFIXES, 2), np.int64)
    count = _split(data, offsets, behind, prefix, spaced, spans)
    found = tuple(data[a:b].tobytes().decode(errors="replace") for a, b in spans[:count].tolist())
    if texts.null_count:
        prefix[~np.asarray(texts.is_valid())] = -2
    return WktRows(data, offsets, behind, prefix, spaced, found)


@njit
def _same(data: Any, a: int, b: int, count: int) -> Any:  # pragma: no cover - compiled
    while count and data[a + count - 1] == data[b + count - 1]:
        count -= 1
    return count == 0


@compiled
def _split(
    data: Any, offsets: Any, behind: Any, prefix: Any, spaced: Any, spans: Any
) -> Any:  # pragma: no cover - compiled
    count = 0
    for row in range(len(behind)):
        at = offsets[row]
        end = offsets[row + 1]
        behind[row] = at
        spaced[row] = True
        prefix[row] = -1
        if at == end or data[at] != 0x3C:
            continue
        prefix[row] = -2
        start = at + 1
        at = start
        while at < end and data[at] != 0x3E and data[at] != 0x3C:
            at += 1
        if at == end or data[at] == 0x3C:
            continue
        for k in range(count):
            if spans[k, 1] - spans[k, 0] == at - start and _same(
                data, spans[k, 0], start, at - start
            ):
                prefix[row] = k
                break
        if prefix[row] < 0 and count < MAX_PREFIXES:
            spans[count, 0] = start
            spans[count, 1] = at
            prefix[row] = count
            count += 1
        at += 1
        first = at
        while at < end and data[at] == _SPACE:
            at += 1
        spaced[row] = at == first + 1
        behind[row] = at
    return count


@njit
def _spaces(at: int, end: int) -> Any:  # pragma: no cover - compiled
    while at < end and get_byte(at) == _SPACE:
        at += 1
    return at


@njit
def _kind(at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Type of geometry and the end of its name in capitals; type 0 for any other."""
    start = at
    while at < end and 0x41 <= get_byte(at) <= 0x5A:
        at += 1
    length = at - start
    first = get_byte(start)
    if length == 5 and first == 0x50:
        kind = _POINT
    elif length == 10 and first == 0x4C:
        kind = _LINE
    elif length == 7 and first == 0x50:
        kind = _POLYGON
    elif length == 15 and first == 0x4D:
        kind = _MULTILINE
    elif length == 12 and first == 0x4D:
        kind = _MULTIPOLYGON
    else:
        return 0, at
    return (kind if _is_name(start, kind) else 0), at


_NAMES: Final = (b"", b"POINT", b"LINESTRING", b"POLYGON", b"", b"MULTILINESTRING", b"MULTIPOLYGON")
_LETTERS: Final = np.frombuffer(b"".join(_NAMES), np.uint8).copy()
_FIRSTS: Final = np.cumsum([0, *(len(name) for name in _NAMES)])


@njit
def _is_name(at: int, kind: int) -> Any:  # pragma: no cover - compiled
    for k in range(_FIRSTS[kind], _FIRSTS[kind + 1]):
        if get_byte(at) != _LETTERS[k]:
            return False
        at += 1
    return True


@njit
def _put_int(to: int, value: int) -> Any:  # pragma: no cover - compiled
    for k in range(4):
        put_byte(to + k, value >> (8 * k))
    return to + 4


@njit(inline="always")
def _put_float(to: int, value: float) -> Any:  # pragma: no cover - compiled
    put_word(to, np.float64(value).view(np.uint64))
    return to + 8


@njit
def _put_header(to: int, kind: int) -> Any:  # pragma: no cover - compiled
    put_byte(to, 1)
    return _put_int(to + 1, kind)


@njit
def _long_number(at: int, end: int) -> Any:  # pragma: no cover - compiled
    """What :func:`read_decimal` gives; one of up to 15 digits is read without calling it."""
    start = at
    byte = get_byte(at) if at < end else 0
    negative = byte == _MINUS
    if negative:
        at += 1
        byte = get_byte(at) if at < end else 0
    first = byte
    digits = np.int64(0)
    from_ = at
    while 0x30 <= byte <= 0x39 and at - from_ < _FEW_DIGITS:
        digits = digits * 10 + (byte - 0x30)
        at += 1
        byte = get_byte(at) if at < end else 0
    whole = at - from_
    point = at + 1
    last = 0
    if byte == _POINT_SIGN and whole > 0:
        at += 1
        byte = get_byte(at) if at < end else 0
        while 0x30 <= byte <= 0x39 and at - from_ <= _FEW_DIGITS:
            digits = digits * 10 + (byte - 0x30)
            last = byte
            at += 1
            byte = get_byte(at) if at < end else 0
    places = at - point
    plain = whole > 0 and places > 0 and digits > 0 and at - from_ <= _FEW_DIGITS
    value = np.float64(digits) / _POWERS[max(places, 0)]
    if negative:
        value = -value
    form = SHORTEST
    if last == 0x30 or (whole > 1 and first == 0x30):
        form = LONGER
    elif value > -_LEAST and value < _LEAST:
        form = UNKNOWN
    if not plain or (byte | 0x20) == _EXPONENT or byte == _POINT_SIGN:
        text = carray(as_pointer(start), (end - start,), np.uint8)
        at, value, form = read_decimal(text, 0, end - start)
        at = start + at if at >= 0 else at
    return at, value, form


@njit(inline="always")
def _number(at: int, end: int, limit: int) -> Any:  # pragma: no cover - compiled
    """What :func:`read_decimal` gives; an ordinary number is read in two words."""
    start = at
    form = UNREAD
    value = 0.0
    if at + _WORDS <= limit:
        negative = get_byte(at) == _MINUS
        at += negative
        bare = minus_zeros(get_word(at))
        whole = digits_of(bare)
        if 0 < whole < 8 and get_byte(at + whole) == _POINT_SIGN:
            first = get_byte(at)
            digits = value_of(bare, whole)
            at += whole + 1
            bare = minus_zeros(get_word(at))
            places = digits_of(bare)
            if 0 < places < 8:
                digits = digits * _WHOLE_POWERS[places] + value_of(bare, places)
                at += places
                byte = get_byte(at)
                value = np.float64(digits) / _POWERS[places]
                if byte in (_COMMA, _SPACE, _CLOSE) and at < end:
                    if get_byte(at - 1) == 0x30 or (whole > 1 and first == 0x30):
                        form = LONGER
                    else:
                        form = SHORTEST if value >= _LEAST else UNKNOWN
                    form = form if digits > 0 else UNREAD
                if negative:
                    value = -value
    if form == UNREAD:
        at, value, form = _long_number(start, end)
    return at, value, form


@njit(inline="always")
def _put_point(
    at: int, end: int, limit: int, swap: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """Behind two numbers and one space between (or -1), and the form of the text."""
    at, x, form = _number(at, end, limit)
    if at < 0 or at >= end or get_byte(at) != _SPACE:
        at = -1
    else:
        behind = at + 1
        while behind < end and get_byte(behind) == _SPACE:
            behind += 1
        if behind != at + 1:
            form = LONGER
        at, y, other = _number(behind, end, limit)
        form = min(form, other)
        _put_float(to, y if swap else x)
        _put_float(to + 8, x if swap else y)
    return at, to + 16, form


@njit
def _next(at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Behind a comma (or -1, which ends a list), and whether it was written ``, ``."""
    behind = _spaces(at, end)
    if behind >= end or get_byte(behind) != _COMMA:
        return -1, True
    first = behind + 1
    next_ = _spaces(first, end)
    return next_, behind == at and next_ == first + 1


@njit
def _closed(at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Behind a closing bracket (or -1), and whether no space stood before it."""
    behind = _spaces(at, end)
    if behind >= end or get_byte(behind) != _CLOSE:
        return -1, True
    return behind + 1, behind == at


@njit
def _put_points(
    at: int, end: int, limit: int, swap: bool, ring: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """A list of points behind its open bracket, as a count and coordinates."""
    head = to
    to += 4
    form = SHORTEST
    count = 0
    while True:
        while at < end and get_byte(at) == _SPACE:
            form = LONGER
            at += 1
        at, to, found = _put_point(at, end, limit, swap, to)
        if at < 0:
            return -1, to, LONGER
        form = min(form, found)
        count += 1
        if at + 1 < end and get_byte(at) == _COMMA and get_byte(at + 1) == _SPACE:
            at += 2
            continue
        behind, neat = _next(at, end)
        if behind < 0:
            break
        form = form if neat else LONGER
        at = behind
    at, neat = _closed(at, end)
    if count < (4 if ring else 2) or (ring and not _is_ring(head + 4, to)):
        return -1, to, LONGER
    _put_int(head, count)
    return at, to, form if neat else LONGER


@njit
def _is_ring(first: int, behind: int) -> Any:  # pragma: no cover - compiled
    same = get_word(first) == get_word(behind - 16)
    return same and get_word(first + 8) == get_word(behind - 8)


@njit
def _put_lists(
    at: int, end: int, limit: int, swap: bool, kind: int, to: int
) -> Any:  # pragma: no cover - compiled
    """The bracketed lists of points of a polygon or of many lines."""
    head = to
    to += 4
    form = SHORTEST
    count = 0
    while True:
        if at >= end or get_byte(at) != _OPEN:
            return -1, to, LONGER
        if kind == _MULTILINE:
            to = _put_header(to, _LINE)
        at, to, found = _put_points(at + 1, end, limit, swap, kind == _POLYGON, to)
        if at < 0:
            return -1, to, LONGER
        form = min(form, found)
        count += 1
        behind, neat = _next(at, end)
        if behind < 0:
            break
        form = form if neat else LONGER
        at = behind
    _put_int(head, count)
    at, neat = _closed(at, end)
    return at, to, form if neat else LONGER


@njit
def _put_polygons(
    at: int, end: int, limit: int, swap: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """The bracketed polygons of many."""
    head = to
    to += 4
    form = SHORTEST
    count = 0
    while True:
        if at >= end or get_byte(at) != _OPEN:
            return -1, to, LONGER
        to = _put_header(to, _POLYGON)
        at, to, found = _put_lists(at + 1, end, limit, swap, _POLYGON, to)
        if at < 0:
            return -1, to, LONGER
        form = min(form, found)
        count += 1
        behind, neat = _next(at, end)
        if behind < 0:
            break
        form = form if neat else LONGER
        at = behind
    _put_int(head, count)
    at, neat = _closed(at, end)
    return at, to, form if neat else LONGER


@njit
def _put_row(
    at: int, end: int, limit: int, swap: bool, to: int
) -> Any:  # pragma: no cover - compiled
    kind, at = _kind(at, end)
    behind = _spaces(at, end)
    if kind == 0 or behind >= end or get_byte(behind) != _OPEN:
        return UNREAD, to
    neat = behind == at + 1
    at = behind + 1
    to = _put_header(to, kind)
    if kind == _POINT:
        at, to, form = _put_point(at, end, limit, swap, to)
        if at >= 0:
            at, tidy = _closed(at, end)
            form = form if tidy else LONGER
    elif kind == _LINE:
        at, to, form = _put_points(at, end, limit, swap, False, to)
    elif kind == _MULTIPOLYGON:
        at, to, form = _put_polygons(at, end, limit, swap, to)
    else:
        at, to, form = _put_lists(at, end, limit, swap, kind, to)
    if at != end:
        return UNREAD, to
    return (form if neat else LONGER), to


@compiled
def _read(
    data: int,
    limit: int,
    offsets: Any,
    behind: Any,
    todo: Any,
    swap: Any,
    out: int,
    ends: Any,
    forms: Any,
) -> Any:  # pragma: no cover - compiled
    to = out
    for row in range(len(behind)):
        ends[row] = to - out
        forms[row] = UNREAD
        end = offsets[row + 1]
        if todo[row] and end - behind[row] <= _LONGEST:
            form, reached = _put_row(data + behind[row], data + end, limit, swap[row], to)
            if form != UNREAD:
                forms[row] = form
                to = reached
    ends[len(behind)] = to - out
    return to - out


def _scratch(size: int) -> npt.NDArray[np.uint8]:
    """Room to write in, of which little is used; what is small is kept for the next time."""
    if size > _KEPT:
        return np.empty(size, np.uint8)
    held: npt.NDArray[np.uint8] | None = getattr(_local, "room", None)
    if held is None or len(held) < size:
        held = _local.room = np.empty(size, np.uint8)
    return held


def read_rows(
    rows: WktRows, todo: npt.NDArray[np.bool_], swap: npt.NDArray[np.bool_]
) -> tuple[pa.Array, npt.NDArray[np.int8]]:
    """Read rows of WKT.

    Parameters
    ----------
    rows : WktRows
    todo : ndarray of bool, shape (n,)
        The rows to be read.
    swap : ndarray of bool, shape (n,)
        Whether the first ordinate is a northing or latitude.

    Returns
    -------
    wkb : pa.Array of binary, shape (n,)
        ISO WKB as GEOS writes it; null where the row is left to GEOS.
    forms : ndarray of int8, shape (n,)
        SHORTEST: the text is what ``format_wkt`` writes; LONGER: it is not; UNKNOWN; UNREAD.
    """
    count = len(rows.behind)
    length = int(rows.offsets[-1] - rows.offsets[0])
    if length > _MOST_TEXT:
        return pa.nulls(count, pa.binary()), np.full(count, UNREAD, np.int8)
    # a point takes 16 bytes and no fewer than 4 of text, a header 9 and no fewer than 8
    out = _scratch(4 * length + 64 * count + 64)
    ends, forms = np.empty(count + 1, np.int64), np.empty(count, np.int8)
    data, room = rows.data.ctypes.data, out.ctypes.data
    limit = data + rows.data.size
    size = _read(data, limit, rows.offsets, rows.behind, todo, swap, room, ends, forms)
    valid = pa.array(forms != UNREAD).buffers()[1]
    narrow = ends.astype(np.int32)
    buffers = [valid, pa.py_buffer(narrow), pa.py_buffer(out[:size].copy())]
    wkb = pa.Array.from_buffers(pa.binary(), count, buffers)
    return wkb, forms


__all__ = ["LONGER", "SHORTEST", "UNKNOWN", "UNREAD", "WktRows", "read_rows", "split_rows"]
