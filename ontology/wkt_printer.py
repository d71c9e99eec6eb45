"""WKB to canonical WKT in compiled kernels; what is not plain is left to GEOS."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from .addresses import get_byte, get_word, put_byte
from .compiled import compiled
from .shortest import ROOM, put_shortest
from .spans import spans_of

_MOST: Final = 1 << 31
_RATIO: Final = 4
"""Bytes of text at most for each of WKB: two numbers and a comma take 48, a point 16."""
_POINT, _LINE, _POLYGON, _MULTILINE, _MULTIPOLYGON = 1, 2, 3, 5, 6
_NAMES: Final = (b"", b"POINT ", b"LINESTRING ", b"POLYGON ", b"", b"MULTILINESTRING ")
_LETTERS: Final = np.frombuffer(b"".join((*_NAMES, b"MULTIPOLYGON ")), np.uint8).copy()
_FIRSTS: Final = np.cumsum([0, *map(len, _NAMES), len(b"MULTIPOLYGON ")])
_SPACE, _OPEN, _CLOSE, _COMMA = 0x20, 0x28, 0x29, 0x2C


def print_plain(wkb: pa.Array, swapped: bool) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Write plain rows as WKT.

    Parameters
    ----------
    wkb : pa.Array of binary, shape (n,)
    swapped : bool
        Whether y is written before x.

    Returns
    -------
    texts : pa.Array of string, shape (n,)
        Null where the row is null or left to GEOS.
    left : ndarray of int64
        Rows left to GEOS: no ordinary little-endian WKB of two dimensions, or a number that is
        very small or great.
    """
    rows = len(wkb)
    valid = np.asarray(wkb.is_valid())
    data, offsets = spans_of(wkb)
    size = int(offsets[-1] - offsets[0]) * _RATIO + 2 * ROOM
    if size >= _MOST:
        return pa.nulls(rows, pa.string()), np.flatnonzero(valid)
    out = np.empty(size, np.uint8)
    ends, plain = np.zeros(rows + 1, np.int32), valid.copy()
    _print(data, offsets, swapped, out, ends, plain)
    mask = None if plain.all() else pa.array(plain).buffers()[1]
    text = pa.py_buffer(out)[: int(ends[-1])]
    texts = pa.Array.from_buffers(pa.string(), rows, [mask, pa.py_buffer(ends), text])
    return texts, np.flatnonzero(valid & ~plain)


@njit(inline="always")
def _count_at(at: int) -> Any:  # pragma: no cover - compiled
    """An unsigned 32-bit number."""
    found = np.int64(0)
    for k in range(4):
        found |= get_byte(at + k) << (8 * k)
    return found


@njit(inline="always")
def _number_at(at: int) -> Any:  # pragma: no cover - compiled
    return np.uint64(get_word(at)).view(np.float64)


@njit
def _put_point(at: int, swapped: bool, to: int) -> Any:  # pragma: no cover - compiled
    first = _number_at(at + 8 if swapped else at)
    second = _number_at(at if swapped else at + 8)
    to = put_shortest(first, to)
    if to < 0:
        return -1
    put_byte(to, _SPACE)
    return put_shortest(second, to + 1)


@njit
def _put_points(
    at: int, end: int, kind: int, swapped: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """A bracketed list behind its count: where it ends in the WKB (or -1) and in the text."""
    if at + 4 > end:
        return -1, to
    count = _count_at(at)
    at += 4
    if count < (2 if kind == _LINE else 4) or count > (end - at) // 16:
        return -1, to
    last = at + 16 * (count - 1)
    if kind == _POLYGON and not (
        _number_at(at) == _number_at(last) and _number_at(at + 8) == _number_at(last + 8)
    ):
        return -1, to
    put_byte(to, _OPEN)
    to += 1
    for _ in range(count):
        to = _put_point(at, swapped, to)
        if to < 0:
            return -1, to
        put_byte(to, _COMMA)
        put_byte(to + 1, _SPACE)
        to += 2
        at += 16
    put_byte(to - 2, _CLOSE)
    return at, to - 1


@njit
def _put_lists(
    at: int, end: int, kind: int, swapped: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """A line or polygon behind its header: where it ends in the WKB (or -1) and in the text."""
    if kind == _LINE:
        return _put_points(at, end, kind, swapped, to)
    rings = _count_at(at) if at + 4 <= end else 0
    if rings == 0:
        return -1, to
    at += 4
    put_byte(to, _OPEN)
    to += 1
    for _ in range(rings):
        at, to = _put_points(at, end, kind, swapped, to)
        if at < 0:
            return -1, to
        put_byte(to, _COMMA)
        put_byte(to + 1, _SPACE)
        to += 2
    put_byte(to - 2, _CLOSE)
    return at, to - 1


@njit
def _put_members(
    at: int, end: int, kind: int, swapped: bool, to: int
) -> Any:  # pragma: no cover - compiled
    """Lines or polygons with headers of their own, as :func:`_put_lists`."""
    members = _count_at(at) if at + 4 <= end else 0
    if members == 0:
        return -1, to
    at += 4
    put_byte(to, _OPEN)
    to += 1
    for _ in range(members):
        if at + 5 > end or get_byte(at) != 1 or _count_at(at + 1) != kind:
            return -1, to
        at, to = _put_lists(at + 5, end, kind, swapped, to)
        if at < 0:
            return -1, to
        put_byte(to, _COMMA)
        put_byte(to + 1, _SPACE)
        to += 2
    put_byte(to - 2, _CLOSE)
    return at, to - 1


@njit
def _put_geometry(at: int, end: int, swapped: bool, to: int) -> Any:  # pragma: no cover - compiled
    """Where the text ends, or -1."""
    if at + 9 > end or get_byte(at) != 1:
        return -1
    kind = _count_at(at + 1)
    at += 5
    if kind < _POINT or kind > _MULTIPOLYGON or kind == 4:
        return -1
    for k in range(_FIRSTS[kind], _FIRSTS[kind + 1]):
        put_byte(to, np.int64(_LETTERS[k]))
        to += 1
    if kind == _POINT:
        if at + 16 != end:
            return -1
        put_byte(to, _OPEN)
        to = _put_point(at, swapped, to + 1)
        if to < 0:
            return -1
        put_byte(to, _CLOSE)
        return to + 1
    if kind in (_LINE, _POLYGON):
        at, to = _put_lists(at, end, kind, swapped, to)
    else:
        at, to = _put_members(at, end, kind - 3, swapped, to)
    return to if at == end else -1


@compiled
def _print(
    data: Any, offsets: Any, swapped: bool, out: Any, ends: Any, plain: Any
) -> Any:  # pragma: no cover - compiled
    start, first = data.ctypes.data, out.ctypes.data
    to = first
    for row in range(len(plain)):
        if plain[row]:
            behind = _put_geometry(start + offsets[row], start + offsets[row + 1], swapped, to)
            plain[row] = behind >= 0
            to = behind if behind >= 0 else to
        ends[row + 1] = to - first


__all__ = ["print_plain"]
