"""Whether a closed ring surely is simple, in compiled kernels.

Signs of areas come with an error bound (J. R. Shewchuk, Discrete Comput. Geom. 18, 1997): where a
sign is in doubt the answer is "not surely", and the caller asks GEOS. What is called simple is what
OGC Simple Features calls so: it neither crosses nor touches itself nor goes back on itself.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

_BOUND: Final = 4e-16
"""Above (3 + 16 e) e with e = 2^-53, Shewchuk's bound of the sign of a turn."""
_LEAST: Final = 1e-100
"""Added to it, for products so small that digits are lost."""
_LOOKS: Final = 64
"""Pairs of segments looked at for each segment before the ring is left to GEOS."""


@njit
def _turn(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float
) -> Any:  # pragma: no cover
    """Sign of the turn a, b, c; 0 where it is none or in doubt."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    area = left - right
    bound = _BOUND * (abs(left) + abs(right)) + _LEAST
    if area > bound:
        return 1
    return -1 if -area > bound else 0


@njit
def _convex(x: Any, y: Any, count: int) -> Any:  # pragma: no cover - compiled
    """Whether a ring surely turns one way at every vertex, and once around."""
    way = _turn(x[count - 1], y[count - 1], x[0], y[0], x[1], y[1])
    if way == 0:
        return False
    changes = 0
    before = x[0] - x[count - 1]
    for k in range(count):
        after = k + 1 if k + 1 < count else 0
        last = k + 2 if k + 2 < count else k + 2 - count
        if _turn(x[k], y[k], x[after], y[after], x[last], y[last]) != way:
            return False
        step = x[after] - x[k]
        if step != 0.0:
            if before != 0.0 and (step > 0) != (before > 0):
                changes += 1
            before = step
    return changes <= 2


@njit
def _star(x: Any, y: Any, count: int) -> Any:  # pragma: no cover - compiled
    """Whether a ring surely goes once around the mean of its vertices, always the same way.

    Sides turn by less than half a circle, so each circle has two changes of side of the vertical.
    """
    middle, height = 0.0, 0.0
    for k in range(count):
        middle += x[k]
        height += y[k]
    middle /= count
    height /= count
    last = count - 1
    way = _turn(x[last], y[last], x[0], y[0], middle, height)
    if way == 0:
        return False
    changes = int((x[0] > middle) != (x[last] > middle))
    for k in range(last):
        if _turn(x[k], y[k], x[k + 1], y[k + 1], middle, height) != way:
            return False
        changes += (x[k] > middle) != (x[k + 1] > middle)
    return changes == 2


@njit
def _goes_on(x: Any, y: Any, a: int, b: int, c: int) -> Any:  # pragma: no cover - compiled
    """Whether the ring surely does not go back on itself at b."""
    if _turn(x[a], y[a], x[b], y[b], x[c], y[c]) != 0:
        return True
    along = (x[b] - x[a]) * (x[c] - x[b])
    up = (y[b] - y[a]) * (y[c] - y[b])
    return along + up > 1e-15 * (abs(along) + abs(up)) + _LEAST


@njit
def _apart(x: Any, y: Any, a: int, b: int, c: int, d: int) -> Any:  # pragma: no cover - compiled
    """Whether the segments a b and c d surely have no point in common."""
    if max(y[a], y[b]) < min(y[c], y[d]) or max(y[c], y[d]) < min(y[a], y[b]):
        return True
    if max(x[a], x[b]) < min(x[c], x[d]) or max(x[c], x[d]) < min(x[a], x[b]):
        return True
    first = _turn(x[a], y[a], x[b], y[b], x[c], y[c])
    if first != 0 and first == _turn(x[a], y[a], x[b], y[b], x[d], y[d]):
        return True
    first = _turn(x[c], y[c], x[d], y[d], x[a], y[a])
    return first != 0 and first == _turn(x[c], y[c], x[d], y[d], x[b], y[b])


@njit
def surely_simple(x: Any, y: Any, count: int) -> Any:  # pragma: no cover - compiled
    """Whether a closed ring surely is simple.

    Parameters
    ----------
    x, y : ndarray of float64
        Finite coordinates.
    count : int
        Vertices; the first is not repeated at the end.
    """
    if count < 3:
        return False
    if _convex(x, y, count) or _star(x, y, count):
        return True
    least = np.empty(count, np.float64)
    for k in range(count):
        after = k + 1 if k + 1 < count else 0
        before = k - 1 if k > 0 else count - 1
        if not _goes_on(x, y, before, k, after):
            return False
        least[k] = min(x[k], x[after])
    return _no_two_meet(x, y, count, np.argsort(least), least)


@njit
def _no_two_meet(x: Any, y: Any, count: int, order: Any, least: Any) -> Any:  # pragma: no cover
    looks = 0
    for place in range(count):
        one = order[place]
        behind = one + 1 if one + 1 < count else 0
        greatest = max(x[one], x[behind])
        for other_place in range(place + 1, count):
            other = order[other_place]
            if least[other] > greatest:
                break
            looks += 1
            if looks > _LOOKS * count:
                return False
            end = other + 1 if other + 1 < count else 0
            if end == one or behind == other:
                continue
            if not _apart(x, y, one, behind, other, end):
                return False
    return True


__all__ = ["surely_simple"]
