"""Whether geometries surely lie within a distance on the ellipsoid, or surely do not.

Measuring on the ellipsoid takes several planes and GeographicLib; nearly all pairs are settled in
one plane that touches the ellipsoid at the latitude of the lower geometry. There a way of given
length leads at most ``span`` radians of latitude away, and within these the plane's scale is wrong
by less than ``span`` times the tangent of the latitude. The rest is left to be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import CRS84, crs_iri, same_crs

from .columns import IMPOSSIBLE, Shapes, names_of, numbers_of, shapes_of

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_EQUATOR: Final = 6_378_137.0
_SQUARED_ECCENTRICITY: Final = 0.00669437999014132
_METRES_PER_DEGREE: Final = 110_500.0
"""Less than one degree of latitude has anywhere."""

_HIGHEST: Final = 85.0
_WIDEST: Final = 0.01
"""Radians of latitude one plane may cover."""

_LEAST_DOUBT: Final = 1e-3
"""Share of the distance within which a pair is always measured."""

_LARGE: Final = 20_000
"""Vertices of a geometry that is not carried into a plane for every pair."""

_WGS84: Final = (CRS84, crs_iri("EPSG:4326"))


def near(a: pa.Array, crs_a: pa.Array, b: pa.Array, crs_b: pa.Array, metres: pa.Array) -> pa.Array:
    """Whether the distance is less than so many metres, or more; NULL where it must be measured."""
    first, second, limit = shapes_of(a), shapes_of(b), numbers_of(metres)
    found = np.full(len(first), None, dtype=object)
    rows = np.flatnonzero(_on_wgs84(crs_a) & _on_wgs84(crs_b) & (limit > 0) & (limit < np.inf))
    rows = rows[_simple(first[rows]) & _simple(second[rows])]
    if len(rows):
        found[rows] = _told(first[rows], second[rows], limit[rows])
    return pa.array(found, pa.bool_())


def _on_wgs84(names: pa.Array | pa.ChunkedArray) -> Mask:
    texts = names_of(names)
    known = {name: any(same_crs(name, one) for one in _WGS84) for name in {*texts} - {None}}
    return np.array([known.get(text, False) for text in texts], bool)


def _simple(shapes: Shapes) -> Mask:
    """Neither missing nor empty nor large."""
    vertices = shapely.get_num_coordinates(shapes)
    return np.asarray((vertices > 0) & (vertices < _LARGE))


def _told(first: Shapes, second: Shapes, limit: Numbers) -> npt.NDArray[np.object_]:
    boxes = shapely.bounds(first), shapely.bounds(second)
    lower = np.where(_height(boxes[0]) <= _height(boxes[1]), 0, 1)
    flat = np.where(lower[:, None] == 0, *boxes)
    latitude, half = (flat[:, 1] + flat[:, 3]) / 2, _height(flat) / 2
    reach = limit / _METRES_PER_DEGREE
    highest = np.abs(latitude) + half + reach
    span = np.radians(half + reach)
    usable = (highest < _HIGHEST) & (span < _WIDEST) & _far_from_date_line(boxes, highest, reach)
    found = np.full(len(first), None, dtype=object)
    rows = np.flatnonzero(usable)
    if not len(rows):
        return found
    doubt = 1.5 * span[rows] * (np.tan(np.radians(highest[rows])) + 0.05) + _LEAST_DOUBT
    apart = _apart(first[rows], second[rows], flat[rows, 0], latitude[rows])
    found[rows[apart * (1 + doubt) < limit[rows]]] = True
    found[rows[apart > limit[rows] * (1 + doubt)]] = False
    return found


def _height(boxes: Numbers) -> Numbers:
    height: Numbers = boxes[:, 3] - boxes[:, 1]
    return height


def _far_from_date_line(boxes: tuple[Numbers, Numbers], highest: Numbers, reach: Numbers) -> Mask:
    margin = 2 * reach / np.cos(np.radians(np.minimum(highest, _HIGHEST)))
    west = np.minimum(boxes[0][:, 0], boxes[1][:, 0])
    east = np.maximum(boxes[0][:, 2], boxes[1][:, 2])
    return np.asarray((west - margin > -180) & (east + margin < 180))


def _apart(first: Shapes, second: Shapes, longitude: Numbers, latitude: Numbers) -> Numbers:
    """Metres in the planes that touch the ellipsoid at the latitudes; NaN where GEOS fails."""
    sine = np.sin(np.radians(latitude))
    root = np.sqrt(1 - _SQUARED_ECCENTRICITY * sine**2)
    east = _EQUATOR / root * np.cos(np.radians(latitude))
    north = _EQUATOR * (1 - _SQUARED_ECCENTRICITY) / root**3
    origin = np.stack([longitude, latitude], 1)
    scale = np.radians(np.stack([east, north], 1))
    try:
        return np.asarray(
            shapely.distance(_placed(first, origin, scale), _placed(second, origin, scale))
        )
    except IMPOSSIBLE:
        return np.full(len(first), np.nan)


def _placed(shapes: Shapes, origin: Numbers, scale: Numbers) -> Any:
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    flat = shapely.force_2d(shapes)
    return shapely.set_coordinates(flat, (coordinates - origin[row]) * scale[row])


NEARNESS_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_near": (near, ["BLOB", "VARCHAR", "BLOB", "VARCHAR", "DOUBLE"], "BOOLEAN"),
}
"""Name in SQL: the function, types of its arguments and of its result."""
