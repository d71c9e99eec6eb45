"""Sizes and order of geometries."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import compiled

from .manifest import Box

FEW: Final = 64
"""Fewer are not ordered, so that nothing small waits for a compiler."""

_ORDER: Final = 16  # bits of an ordinate in the Hilbert index


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
