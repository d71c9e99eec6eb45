"""Boxes and order of geometries, read from their WKB."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numba import njit

from ontology import compiled, load_word, read_wkb

from .manifest import Box

_POLYGON: Final = 3
_CODES: Final = np.array([1, 2, 2, 3, 4, 5, 6, 7], np.int32)  # by shapely's type id
FEW: Final = 64
"""Fewer are left to GEOS and not ordered, so that nothing small waits for a compiler."""

_ORDER: Final = 16  # bits of an ordinate in the Hilbert index


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
    large = wkb.cast(pa.large_binary())
    _, offset_buffer, buffer = large.buffers()
    rows = len(large)
    offsets = np.frombuffer(offset_buffer, np.int64)[large.offset : large.offset + rows + 1]
    data = np.frombuffer(buffer or b"", np.uint8)
    bounds, kinds = np.full((rows, 4), np.nan), np.full(rows, -1, np.int32)
    if rows >= FEW:
        _measure(data, offsets, bounds, kinds)
    if len(odd := np.flatnonzero(kinds < 0)):
        shapes, _ = read_wkb(wkb.take(pa.array(odd)))
        bounds[odd] = shapely.bounds(shapes)
        kinds[odd] = _CODES[shapely.get_type_id(shapes)] + 1000 * shapely.has_z(shapes)
    return Boxes(bounds, kinds, odd)


def largest(wkb: pa.Array | pa.ChunkedArray) -> int | None:
    """Bytes of the largest WKB of a column; None if there is none."""
    found: int | None = pc.max(pc.binary_length(wkb)).as_py()
    return found


def around(boxes: npt.NDArray[np.floating[Any]]) -> Box | None:
    """The box around boxes; those of NaN have no part in it, and without any other it is None."""
    sides = np.ascontiguousarray(boxes.T)
    low = np.fmin.reduce(sides[:2], axis=1, initial=np.inf).tolist()
    high = np.fmax.reduce(sides[2:], axis=1, initial=-np.inf).tolist()
    return (low[0], low[1], high[0], high[1]) if low[0] <= high[0] else None


@njit
def _int(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    value = np.int64(0)
    for k in range(4):
        value |= np.int64(data[at + k]) << (8 * k)
    return value


@njit
def _float(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    return np.uint64(load_word(data, at)).view(np.float64)


@njit
def _points(
    data: Any, at: int, end: int, count: int, width: int, box: Any
) -> Any:  # pragma: no cover - compiled
    if count > (end - at) // width:
        return -1
    for _ in range(count):
        x = _float(data, at)
        y = _float(data, at + 8)
        if not x >= box[0]:
            box[0] = x
        if not y >= box[1]:
            box[1] = y
        if not x <= box[2]:
            box[2] = x
        if not y <= box[3]:
            box[3] = y
        at += width
    return at


@njit
def _simple(data: Any, at: int, end: int, box: Any) -> Any:  # pragma: no cover - compiled
    """Behind a point, line or polygon, or -1."""
    if at + 5 > end or data[at] != 1:
        return -1
    code = _int(data, at + 1)
    kind = code % 1000
    width = 24 if code >= 1000 else 16
    at += 5
    if kind == 1:
        return _points(data, at, end, 1, width, box)
    if kind > _POLYGON or at + 4 > end:
        return -1
    count = _int(data, at)
    at += 4
    if kind == 2:
        return _points(data, at, end, count, width, box)
    for _ in range(count):
        if at < 0 or at + 4 > end:
            return -1
        at = _points(data, at + 4, end, _int(data, at), width, box)
    return at


@njit
def _whole(data: Any, at: int, end: int, box: Any) -> Any:  # pragma: no cover - compiled
    """Type code of a geometry that is read to its end, or -1."""
    if at + 9 > end or data[at] != 1:
        return -1
    code = _int(data, at + 1)
    kind = code % 1000
    if code >= 2000 or kind == 0 or kind > 6:
        return -1
    if kind <= _POLYGON:
        return code if _simple(data, at, end, box) == end else -1
    count = _int(data, at + 5)
    at += 9
    for _ in range(count):
        at = _simple(data, at, end, box)
        if at < 0:
            return -1
    return code if at == end else -1


@compiled
def _measure(data: Any, offsets: Any, bounds: Any, kinds: Any) -> Any:  # pragma: no cover
    for row in range(len(kinds)):
        kinds[row] = _whole(data, offsets[row], offsets[row + 1], bounds[row])


def hilbert(centres: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    """Place of each point along a Hilbert curve through all of them; NaN comes last."""
    if len(centres) < FEW:
        last = np.iinfo(np.uint32).max
        return np.where(np.isfinite(centres).all(axis=1), 0, last).astype(np.uint32)
    return along_curve(centres, extent(centres))


def extent(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Least and greatest ordinates of points, shape (2, 2); NaN if there are none."""
    if not np.isfinite(points).all():
        points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return np.full((2, 2), np.nan)
    return np.array([points.min(axis=0), points.max(axis=0)])


def along_curve(
    points: npt.NDArray[np.float64], within: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint32]:
    """Place of each point along the Hilbert curve of an extent; NaN comes last.

    Points outside go to the edge. Points on the lower edge are in the order of their abscissae.
    """
    low, high = within
    scale = ((1 << _ORDER) - 1) / np.where(high > low, high - low, 1)
    places: npt.NDArray[np.uint32] = _curve(np.ascontiguousarray(points), low, scale)
    return places


@compiled
def _curve(points: Any, low: Any, scale: Any) -> Any:  # pragma: no cover - compiled
    """Distance along the curve, quadrant by quadrant."""
    found = np.empty(len(points), np.uint32)
    most = np.float64((1 << _ORDER) - 1)
    for row in range(len(points)):
        east = (points[row, 0] - low[0]) * scale[0]
        north = (points[row, 1] - low[1]) * scale[1]
        if not (np.isfinite(east) and np.isfinite(north)):
            found[row] = np.uint32(0xFFFFFFFF)
            continue
        x = np.int64(min(max(east, 0.0), most))
        y = np.int64(min(max(north, 0.0), most))
        distance = np.int64(0)
        side = np.int64(1) << (_ORDER - 1)
        while side > 0:
            right = 1 if x & side else 0
            upper = 1 if y & side else 0
            distance += side * side * ((3 * right) ^ upper)
            if upper == 0:
                if right == 1:
                    x = side - 1 - (x & (side - 1))
                    y = side - 1 - (y & (side - 1))
                x, y = y, x
            side >>= 1
        found[row] = distance
    return found
