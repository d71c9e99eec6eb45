"""Changing the coordinates of many geometries at once without losing Z or M.

``shapely.transform`` drops M and turns the Z of ZM geometries into NaN, so measured
geometries go through their text, where every number has its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Coordinates = npt.NDArray[np.float64]

_NUMBER: Final = re.compile(r"-?(?:\d[\d.]*(?:e[-+]?\d+)?|Infinity)")


def written(geometries: Any) -> Any:
    """WKT with the fewest digits GEOS would print at full precision."""
    return shapely.to_wkt(geometries, rounding_precision=-1, trim=True)


def numbers_of(geometry: Any) -> Coordinates:
    """Every ordinate in the order WKT writes it; NaN ordinates are left out."""
    rows = shapely.get_coordinates(geometry, include_z=True, include_m=True)
    flat: Coordinates = rows[~np.isnan(rows)]
    return flat


def replace_numbers(text: str, numbers: Iterable[float], write: Callable[[str, float], str]) -> str:
    """Write ``write(printed, number)`` in the place of each number of a WKT text."""
    values = iter(numbers)
    return _NUMBER.sub(lambda found: write(found.group(), next(values)), text)


def move(geometries: Geometries, function: Callable[[Coordinates], Coordinates]) -> Geometries:
    """Apply a function of (x, y) to every vertex.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        None stays None; empty geometries stay as they are.
    function : callable
        Takes and returns an array of shape (m, 2). Z and M are kept.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
    """
    result = np.array(geometries, dtype=np.object_)
    measured = shapely.has_m(result)

    def keep_z(rows: Coordinates) -> Coordinates:
        moved = rows.copy()
        if len(rows):
            moved[:, :2] = function(rows[:, :2])
        return moved

    result[~measured] = shapely.transform(result[~measured], keep_z, include_z=None)
    for row in np.flatnonzero(measured):
        result[row] = _move_measured(result[row], function)
    return result


def swap(geometries: Geometries) -> Geometries:
    """Exchange first and second ordinate of every vertex."""
    return move(geometries, lambda rows: rows[:, ::-1])


def _move_measured(geometry: Any, function: Callable[[Coordinates], Coordinates]) -> Any:
    rows = shapely.get_coordinates(geometry, include_z=True, include_m=True)
    if not len(rows):
        return geometry
    rows[:, :2] = function(rows[:, :2])
    numbers = rows[~np.isnan(rows)].tolist()
    text = replace_numbers(written(geometry), numbers, lambda _, number: repr(number))
    return shapely.from_wkt(text)
