"""Random geometries on a grid of small whole numbers, where arithmetic in doubles is exact.

Coordinates are even and edges run along the axes or diagonally, so wherever two edges cross, and
in the middle of each, lies a whole number: what GEOS has to round otherwise is another matter.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon

Geometry = shapely.Geometry
Random = np.random.Generator

SIZE: Final = 12
"""Where geometries begin: even coordinates below it."""


def drawn(random: Random) -> Geometry:
    """A valid geometry of any kind; small, so that pairs meet in every way."""
    while True:
        made = _KINDS[int(random.integers(len(_KINDS)))](random)
        if made.is_valid and not made.is_empty:
            return made


def pair(random: Random) -> tuple[Geometry, Geometry]:
    """Two geometries; in one of five cases the second is made of the first."""
    one = drawn(random)
    match int(random.integers(10)):
        case 0:
            return one, one
        case 1 if one.geom_type == "Polygon":
            return one, LineString(one.exterior.coords)
        case _:
            return one, drawn(random)


def _spots(random: Random, count: int) -> Any:
    return 2 * random.integers(0, SIZE // 2, (count, 2))


def _point(random: Random) -> Geometry:
    return Point(_spots(random, 1)[0])


def _points(random: Random) -> Geometry:
    return MultiPoint(_spots(random, int(random.integers(2, 5))))


def _walk(random: Random, steps: int) -> Any:
    ways = random.integers(-1, 2, (steps, 2)) * (2 * random.integers(1, 4, (steps, 1)))
    return np.concatenate([_spots(random, 1), ways]).cumsum(axis=0)


def _line(random: Random) -> Geometry:
    return LineString(_walk(random, int(random.integers(1, 4))))


def _lines(random: Random) -> Geometry:
    return MultiLineString([_walk(random, 1), _walk(random, 2)])


def _triangle(random: Random) -> Geometry:
    x, y = _spots(random, 1)[0]
    east, north = 2 * random.integers(1, 4) * random.choice([-1, 1], 2)
    return Polygon([(x, y), (x + east, y), (x, y + north)])


def _box(random: Random) -> Geometry:
    (x, y), (wide, high) = _spots(random, 1)[0], 2 + _spots(random, 1)[0]
    return shapely.box(x, y, x + wide, y + high)


def _frame(random: Random) -> Geometry:
    x, y = _spots(random, 1)[0]
    return shapely.box(x, y, x + 8, y + 8).difference(shapely.box(x + 2, y + 2, x + 6, y + 4))


def _corner(random: Random) -> Geometry:
    x, y = _spots(random, 1)[0]
    return shapely.box(x, y, x + 6, y + 6).difference(shapely.box(x + 2, y + 2, x + 6, y + 6))


def _boxes(random: Random) -> Geometry:
    return MultiPolygon([_box(random), _box(random)])


_KINDS: Final = (
    _point, _points, _line, _lines, _triangle, _box, _box, _frame, _corner, _boxes,
)  # fmt: skip
