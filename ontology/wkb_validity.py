"""Valid polygons told without GEOS: those of which simple arithmetic proves it.

Only ordinary geometries are looked at, and every comparison must hold by more than rounding could
change (the filter of J. R. Shewchuk, Discrete Comput. Geom. 18, 1997): what is not proved to be
valid (OGC 06-103r4, section 6.1.11) is left to GEOS, whatever it is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from .compiled import compiled
from .rings import surely_simple
from .spans import spans_of
from .wkb_rows import FEW, POLYGON, load_float, load_int

_MOST_POINTS: Final = 256
"""Points of a geometry."""
_MOST_RINGS: Final = 16
_DOUBT: Final = 1e-15
"""Of the sum of two products, whose difference is off by at most 3.4e-16 of it."""
_GREATEST: Final = 1e100
"""Of an ordinate, so that nothing overflows."""
_LEAST: Final = 1e-100
"""Of a product, so that nothing is lost below the least number."""


def surely_valid(wkb: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each geometry is surely readable and valid.

    Parameters
    ----------
    wkb : pa.Array of binary, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
        False also where it was not found out, and for nulls.

    Examples
    --------
    >>> import shapely
    >>> cells = [shapely.box(k, 0, k + 1, 1).wkb for k in range(100)]
    >>> bool(surely_valid(pa.array(cells)).all())
    True
    """
    found = np.zeros(len(wkb), np.bool_)
    if len(wkb) >= FEW:
        _prove(*spans_of(wkb), found)
    if wkb.null_count:
        found &= np.asarray(wkb.is_valid())
    return found


@njit
def _side(
    ax: float, ay: float, bx: float, by: float, x: float, y: float
) -> Any:  # pragma: no cover - compiled
    """1 left of the line from a to b, -1 right of it, 0 if that is not sure."""
    left = (ax - x) * (by - y)
    right = (ay - y) * (bx - x)
    found = left - right
    doubt = _DOUBT * (abs(left) + abs(right)) + _LEAST
    if found > doubt:
        return 1
    return -1 if found < -doubt else 0


@njit
def _load_ring(
    data: Any, at: int, end: int, width: int, xs: Any, ys: Any, used: int
) -> Any:  # pragma: no cover - compiled
    """Behind a closed ring (or -1), and how many points are held with it."""
    if at + 4 > end:
        return -1, used
    count = load_int(data, at)
    at += 4
    if count < 4 or used + count > _MOST_POINTS or count > (end - at) // width:
        return -1, used
    first = used
    for _ in range(count):
        x = load_float(data, at)
        y = load_float(data, at + 8)
        if not (abs(x) < _GREATEST and abs(y) < _GREATEST):
            return -1, used
        xs[used] = x
        ys[used] = y
        used += 1
        at += width
    if xs[first] != xs[used - 1] or ys[first] != ys[used - 1]:
        return -1, used
    return at, used


@njit
def _apart(xs: Any, ys: Any, i: int, j: int) -> Any:  # pragma: no cover - compiled
    """Whether the sides that begin at i and j surely have no point in common."""
    ax, bx, cx, dx = xs[i], xs[i + 1], xs[j], xs[j + 1]
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return True
    ay, by, cy, dy = ys[i], ys[i + 1], ys[j], ys[j + 1]
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return True
    if _side(ax, ay, bx, by, cx, cy) * _side(ax, ay, bx, by, dx, dy) == 1:
        return True
    return _side(cx, cy, dx, dy, ax, ay) * _side(cx, cy, dx, dy, bx, by) == 1


@njit
def _inside(
    xs: Any, ys: Any, first: int, last: int, x: float, y: float
) -> Any:  # pragma: no cover - compiled
    """1 if a point that is on no side is in a ring, 0 if not, -1 if that is not sure."""
    inside = 0
    for k in range(first, last):
        if (ys[k] > y) != (ys[k + 1] > y):
            side = _side(xs[k], ys[k], xs[k + 1], ys[k + 1], x, y)
            if side == 0:
                return -1
            if (side > 0) == (ys[k + 1] > ys[k]):
                inside = 1 - inside
    return inside


@njit
def _rings_fit(xs: Any, ys: Any, starts: Any, rings: int) -> Any:  # pragma: no cover - compiled
    """Whether simple rings are a shell and holes in it that touch nothing."""
    for one in range(rings):
        for other in range(one + 1, rings):
            for i in range(starts[one], starts[one + 1] - 1):
                for j in range(starts[other], starts[other + 1] - 1):
                    if not _apart(xs, ys, i, j):
                        return False
    for hole in range(1, rings):
        x = xs[starts[hole]]
        y = ys[starts[hole]]
        for ring in range(rings):
            if ring != hole:
                wanted = 1 if ring == 0 else 0
                if _inside(xs, ys, starts[ring], starts[ring + 1] - 1, x, y) != wanted:
                    return False
    return True


@njit
def _polygon(
    data: Any, at: int, end: int, width: int, xs: Any, ys: Any, starts: Any
) -> Any:  # pragma: no cover - compiled
    """Behind a polygon that is surely valid, or -1; ``at`` is behind its header."""
    if at + 4 > end:
        return -1
    rings = load_int(data, at)
    at += 4
    if rings < 1 or rings > _MOST_RINGS:
        return -1
    used = 0
    for ring in range(rings):
        starts[ring] = used
        at, used = _load_ring(data, at, end, width, xs, ys, used)
        if at < 0:
            return -1
        first = starts[ring]
        if not surely_simple(xs[first:used], ys[first:used], used - 1 - first):
            return -1
    starts[rings] = used
    if rings > 1 and not _rings_fit(xs, ys, starts, rings):
        return -1
    return at


@njit
def _is_finite(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    return abs(load_float(data, at)) < _GREATEST and abs(load_float(data, at + 8)) < _GREATEST


@njit
def _line(data: Any, at: int, end: int, width: int) -> Any:  # pragma: no cover - compiled
    """Whether what is behind a header is a line that is somewhere long."""
    if at + 4 > end:
        return False
    count = load_int(data, at)
    at += 4
    if count < 2 or count != (end - at) // width or (end - at) % width:
        return False
    long = False
    for k in range(count):
        here = at + k * width
        if not _is_finite(data, here):
            return False
        long = long or _differ(data, at, here)
    return long


@njit
def _differ(data: Any, one: int, other: int) -> Any:  # pragma: no cover - compiled
    """Whether two points differ."""
    x = load_float(data, one) != load_float(data, other)
    return x or load_float(data, one + 8) != load_float(data, other + 8)


@njit
def _valid(
    data: Any, at: int, end: int, xs: Any, ys: Any, starts: Any
) -> Any:  # pragma: no cover - compiled
    if at + 9 > end or data[at] != 1:
        return False
    code = load_int(data, at + 1)
    if code >= 2000 or code < 0:
        return False
    kind = code % 1000
    width = 24 if code >= 1000 else 16
    if kind == 1:
        return at + 5 + width == end and _is_finite(data, at + 5)
    if kind == 2:
        return _line(data, at + 5, end, width)
    if kind == POLYGON:
        return _polygon(data, at + 5, end, width, xs, ys, starts) == end
    if kind != 6 or load_int(data, at + 5) != 1:
        return False
    at += 9
    if at + 5 > end or data[at] != 1 or load_int(data, at + 1) != code - 3:
        return False
    return _polygon(data, at + 5, end, width, xs, ys, starts) == end


@compiled
def _prove(data: Any, offsets: Any, found: Any) -> Any:  # pragma: no cover - compiled
    xs = np.empty(_MOST_POINTS, np.float64)
    ys = np.empty(_MOST_POINTS, np.float64)
    starts = np.empty(_MOST_RINGS + 1, np.int64)
    for row in range(len(found)):
        found[row] = _valid(data, offsets[row], offsets[row + 1], xs, ys, starts)
