"""WKB columns carried from one CRS to another, plain geometries without GEOS."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numba import njit

from .compiled import compiled
from .crs import same_crs, transform, transformer
from .errors import GeometryError
from .geometry import one_array, read_wkb, to_wkb
from .spans import spans_of
from .wkb_rows import FEW, load_float, load_int
from .words import store_word

_MEMBERS: Final = 4
"""Type codes from here on have members that are geometries with headers of their own."""

Rows = npt.NDArray[np.int64]


class Moved(NamedTuple):
    """A WKB column in another CRS.

    Attributes
    ----------
    wkb : pa.Array of binary, shape (n,)
        Null where the row was null, unreadable, or has no place in the CRS.
    lost : ndarray of int64
        Rows without a place.
    unreadable : ndarray of int64
        Rows that are no WKB.
    """

    wkb: pa.Array
    lost: Rows
    unreadable: Rows


def move_wkb(wkb: pa.Array, source: str, target: str) -> Moved:
    """Carry a WKB column from one CRS to another; Z and M are kept unchanged.

    Raises
    ------
    CRSError
        A CRS is unknown, or there is no way from one to the other.
    """
    wkb = one_array(wkb, pa.binary())
    none = np.empty(0, np.int64)
    if same_crs(source, target):
        return Moved(wkb, none, none)
    moved, states = _plain(wkb, source, target)
    lost, unreadable = np.flatnonzero(states == _LOST), none
    odd = np.flatnonzero((states == _ODD) & np.asarray(wkb.is_valid()))
    if len(odd):
        geometries, bad = read_wkb(wkb.take(pa.array(odd)))
        found = transform(geometries, source, target, outside="none")
        gone = odd[shapely.is_missing(found) & ~shapely.is_missing(geometries)]
        lost, unreadable = np.union1d(lost, gone), odd[bad]
        mask = np.zeros(len(wkb), np.bool_)
        mask[odd] = True
        moved = pc.replace_with_mask(moved, pa.array(mask), to_wkb(found))
    return Moved(moved, lost, unreadable)


def transform_wkb(wkb: pa.Array, source: str, target: str) -> pa.Array:
    """Carry a WKB column from one CRS to another; null in, null out.

    Raises
    ------
    GeometryError
        A row is no WKB, or has no place in the target CRS.
    CRSError
        A CRS is unknown.
    """
    moved = move_wkb(wkb, source, target)
    if len(moved.unreadable):
        raise GeometryError(
            "A geometry column holds bytes that are no WKB",
            where=f"row {moved.unreadable[0]}",
            remedy="check the source with a GIS, then map it again",
        )
    if len(moved.lost):
        raise GeometryError(
            "A geometry has no place in the target CRS",
            where=f"row {moved.lost[0]}",
            why=f"its coordinates in {source} become infinite in {target}",
            remedy="check that the data really are in the CRS they claim",
        )
    return moved.wkb


_ODD: Final = -1
_LOST: Final = -2


def _plain(wkb: pa.Array, source: str, target: str) -> tuple[pa.Array, Rows]:
    """The plain rows moved, the others null; the states say which those are."""
    rows = len(wkb)
    states = np.full(rows, _ODD, np.int64)
    if rows < FEW:
        return pa.nulls(rows, pa.binary()), states
    data, offsets = spans_of(wkb)
    _count(data, offsets, states)
    if wkb.null_count:  # a null may have bytes
        states[np.asarray(wkb.is_null())] = _ODD
    total = int(states[states > 0].sum())
    x, y = np.empty(total), np.empty(total)
    _gather(data, offsets, states, x, y)
    transformer(source, target).transform(x, y, inplace=True)
    out = data[offsets[0] : offsets[-1]].copy()
    _scatter(data, offsets, states, x, y, out)
    valid = pa.array(states >= 0).buffers()[1]
    ends = (offsets - offsets[0]).astype(np.int32)
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(out)]
    return pa.Array.from_buffers(pa.binary(), rows, buffers), states


@njit
def _shape(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Type code and, of points, lines and polygons and collections of them, the members."""
    if at + 9 > end or data[at] != 1:
        return 0, 0, at
    code = load_int(data, at + 1)
    kind = code % 1000
    if code < 0 or code >= 2000 or kind == 0 or kind > 6:
        return 0, 0, at
    if kind < _MEMBERS:
        return code, 1, at
    return code - 3, load_int(data, at + 5), at + 9


@njit
def _lists(data: Any, at: int, end: int, kind: int) -> Any:  # pragma: no cover - compiled
    """How many lists of points a member has, and where the first begins; a point has -1."""
    if kind == 1:
        return -1, at
    if kind == 2:
        return 1, at
    if at + 4 > end:
        return -2, at
    return load_int(data, at), at + 4


@njit
def _length(
    data: Any, at: int, end: int, width: int, lists: int
) -> Any:  # pragma: no cover - compiled
    """How many points the next list has, where they begin; -1 if they are not all there."""
    if lists == -1:
        return (1 if at + width <= end else -1), at
    if at + 4 > end:
        return -1, at
    count = load_int(data, at)
    at += 4
    return (count if 0 <= count <= (end - at) // width else -1), at


@njit
def _whole(data: Any, at: int, kind: int, count: int, width: int) -> Any:  # pragma: no cover
    """Whether a list of points is one that GEOS reads: rings are closed, points have a place."""
    if kind == 1:
        return not np.isnan(load_float(data, at))
    if kind == 2 or count == 0:
        return count != 1
    last = at + (count - 1) * width
    x = load_float(data, at) == load_float(data, last)
    return count >= 4 and x and load_float(data, at + 8) == load_float(data, last + 8)


@njit
def _to_move(kind: int, count: int) -> Any:  # pragma: no cover - compiled
    """How many points of a list are moved: the last of a ring is the first."""
    return count - 1 if kind == 3 and count > 0 else count


@njit
def _points_of(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """How many points of a geometry are moved, -1 if it is not plain."""
    code, members, at = _shape(data, at, end)
    if code == 0:
        return -1
    width = 24 if code >= 1000 else 16
    points = 0
    for _ in range(members):
        if at + 5 > end or data[at] != 1 or load_int(data, at + 1) != code:
            return -1
        lists, at = _lists(data, at + 5, end, code % 1000)
        if lists < -1:
            return -1
        for _ in range(abs(lists)):
            count, at = _length(data, at, end, width, lists)
            if count < 0 or not _whole(data, at, code % 1000, count, width):
                return -1
            points += _to_move(code % 1000, count)
            at += count * width
    return points if at == end else -1


@compiled
def _count(data: Any, offsets: Any, states: Any) -> Any:  # pragma: no cover - compiled
    for row in range(len(states)):
        states[row] = _points_of(data, offsets[row], offsets[row + 1])


@compiled
def _gather(
    data: Any, offsets: Any, states: Any, x: Any, y: Any
) -> Any:  # pragma: no cover - compiled
    k = 0
    for row in range(len(states)):
        if states[row] < 0:
            continue
        end = offsets[row + 1]
        code, members, at = _shape(data, offsets[row], end)
        width = 24 if code >= 1000 else 16
        for _ in range(members):
            lists, at = _lists(data, at + 5, end, code % 1000)
            for _ in range(abs(lists)):
                count, at = _length(data, at, end, width, lists)
                for place in range(_to_move(code % 1000, count)):
                    x[k] = load_float(data, at + place * width)
                    y[k] = load_float(data, at + place * width + 8)
                    k += 1
                at += count * width


@njit
def _put(out: Any, at: int, value: float) -> Any:  # pragma: no cover - compiled
    store_word(out, at, np.float64(value).view(np.uint64))


@compiled
def _scatter(
    data: Any, offsets: Any, states: Any, x: Any, y: Any, out: Any
) -> Any:  # pragma: no cover - compiled
    k = 0
    for row in range(len(states)):
        if states[row] < 0:
            continue
        end = offsets[row + 1]
        code, members, at = _shape(data, offsets[row], end)
        width = 24 if code >= 1000 else 16
        for _ in range(members):
            lists, at = _lists(data, at + 5, end, code % 1000)
            for _ in range(abs(lists)):
                count, at = _length(data, at, end, width, lists)
                moved = _to_move(code % 1000, count)
                for place in range(count):
                    one = k + place if place < moved else k
                    if not (np.isfinite(x[one]) and np.isfinite(y[one])):
                        states[row] = _LOST
                    _put(out, at - offsets[0], x[one])
                    _put(out, at - offsets[0] + 8, y[one])
                    at += width
                k += moved
