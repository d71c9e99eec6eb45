"""Reading plain WKB without GEOS: boxes, and coordinates to be moved."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from numba import njit

from .addresses import get_byte, get_word, put_word
from .compiled import compiled
from .geometry import read_wkb
from .spans import spans_of
from .words import load_word

POLYGON: Final = 3
_CODES: Final = np.array([1, 2, 2, 3, 4, 5, 6, 7], np.int32)  # by shapely's type id
FEW: Final = 64
"""Fewer are left to GEOS, so that nothing small waits for a compiler."""


class Boxes(NamedTuple):
    """Boxes of a column of WKB.

    Attributes
    ----------
    bounds : ndarray of float64, shape (n, 4)
        xmin, ymin, xmax, ymax; NaN where there is no point.
    kinds : ndarray of int32, shape (n,)
        Type codes (ISO 13249-3).
    odd : ndarray of int64
        Rows that GEOS has read; all others are little-endian ISO WKB.
    """

    bounds: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.int32]
    odd: npt.NDArray[np.int64]


def read_boxes(wkb: pa.Array) -> Boxes:
    """Read the boxes of a column of WKB without nulls; what is not plain is read by GEOS."""
    rows = len(wkb)
    bounds, kinds = np.full((rows, 4), np.nan), np.full(rows, -1, np.int32)
    if rows >= FEW:
        data, offsets = spans_of(wkb)
        _measure(data.ctypes.data, offsets, bounds.ctypes.data, kinds)
    if len(odd := np.flatnonzero(kinds < 0)):
        shapes, _ = read_wkb(wkb.take(pa.array(odd)))
        bounds[odd] = shapely.bounds(shapes)
        kinds[odd] = _CODES[shapely.get_type_id(shapes)] + 1000 * shapely.has_z(shapes)
    return Boxes(bounds, kinds, odd)


@njit
def load_int(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """A little-endian int32."""
    value = np.int64(0)
    for k in range(4):
        value |= np.int64(data[at + k]) << (8 * k)
    return value


@njit
def load_float(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """A little-endian float64."""
    return np.uint64(load_word(data, at)).view(np.float64)


@njit(inline="always")
def _float_at(at: int) -> Any:  # pragma: no cover - compiled
    return np.uint64(get_word(at)).view(np.float64)


@njit(inline="always")
def _int_at(at: int) -> Any:  # pragma: no cover - compiled
    """A little-endian uint32."""
    low = get_byte(at) | (get_byte(at + 1) << 8)
    return low | (get_byte(at + 2) << 16) | (get_byte(at + 3) << 24)


@njit
def _points(at: int, end: int, count: int, width: int, box: int) -> Any:  # pragma: no cover
    """Behind points that the box at an address now holds, or -1."""
    if count > (end - at) // width:
        return -1
    xmin, ymin = _float_at(box), _float_at(box + 8)
    xmax, ymax = _float_at(box + 16), _float_at(box + 24)
    for _ in range(count):
        x = _float_at(at)
        y = _float_at(at + 8)
        xmin = xmin if x >= xmin else x
        ymin = ymin if y >= ymin else y
        xmax = xmax if x <= xmax else x
        ymax = ymax if y <= ymax else y
        at += width
    put_word(box, np.float64(xmin).view(np.uint64))
    put_word(box + 8, np.float64(ymin).view(np.uint64))
    put_word(box + 16, np.float64(xmax).view(np.uint64))
    put_word(box + 24, np.float64(ymax).view(np.uint64))
    return at


@njit
def _simple(at: int, end: int, box: int) -> Any:  # pragma: no cover - compiled
    """Behind a point, line or polygon, or -1."""
    if at + 9 > end or get_byte(at) != 1:
        return -1
    code = _int_at(at + 1)
    kind = code % 1000
    width = 24 if code >= 1000 else 16
    at += 5
    if kind == 1:
        return _points(at, end, 1, width, box)
    if kind > POLYGON:
        return -1
    count = _int_at(at)
    at += 4
    if kind == 2:
        return _points(at, end, count, width, box)
    for _ in range(count):
        if at < 0 or at + 4 > end:
            return -1
        at = _points(at + 4, end, _int_at(at), width, box)
    return at


@njit
def _whole(at: int, end: int, box: int) -> Any:  # pragma: no cover - compiled
    """Type code of a geometry that is read to its end, or -1."""
    if at + 9 > end or get_byte(at) != 1:
        return -1
    code = _int_at(at + 1)
    kind = code % 1000
    if code >= 2000 or kind == 0 or kind > 6:
        return -1
    if kind <= POLYGON:
        return code if _simple(at, end, box) == end else -1
    count = _int_at(at + 5)
    at += 9
    for _ in range(count):
        at = _simple(at, end, box)
        if at < 0:
            return -1
    return code if at == end else -1


@compiled
def _measure(data: int, offsets: Any, bounds: int, kinds: Any) -> Any:  # pragma: no cover
    for row in range(len(kinds)):
        box = bounds + 32 * row
        kinds[row] = _whole(data + offsets[row], data + offsets[row + 1], box)
