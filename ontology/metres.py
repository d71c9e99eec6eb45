"""True metres on geographic coordinates: geodesic lengths, areas and margins on WGS84.

Inputs are in CRS84 (longitude, latitude). An edge is the straight line between its ends in
longitude and latitude, as in every planar predicate on the same coordinates; its length and
the area it bounds are those on the ellipsoid.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from .coordinates import Coordinates, Geometries
from .crs import crs_from, is_geographic, transform
from .margins import degree_margin_columns, degree_margins
from .namespaces import CRS84
from .nearest import geodesic_distance
from .sound import leaves

__all__ = [
    "GEOD",
    "area",
    "degree_margin_columns",
    "degree_margins",
    "distance",
    "length",
    "metres_distance",
    "perimeter",
]

GEOD: Final = pyproj.Geod(ellps="WGS84")
Metres = npt.NDArray[np.float64]

_EDGE: Final = 0.5  # degrees; a longer edge is measured in pieces
_MOST_PIECES: Final = 2000  # more than twice around the Earth


def distance(a: Geometries, b: Geometries) -> Metres:
    """Shortest geodesic distance of geometries, pair by pair.

    Parameters
    ----------
    a, b : ndarray of shapely geometries, shape (n,)
        In CRS84; Z and M are ignored.

    Returns
    -------
    ndarray of float64, shape (n,)
        Metres, 0 where the pair intersects, NaN where one is missing or empty. Better than
        0.1 % for pairs up to 100 km apart; the shorter way over the antimeridian counts.
    """
    return geodesic_distance(np.asarray(a, object), np.asarray(b, object))


def metres_distance(a: Geometries, b: Geometries, crs: str) -> Metres:
    """Distance in metres of geometries that share a CRS, pair by pair.

    Geodesic in a geographic CRS, planar in a projected one.

    Parameters
    ----------
    a, b : ndarray of shapely geometries, shape (n,)
    crs : str
        CRS IRI of both.
    """
    if is_geographic(crs):
        return distance(transform(a, crs, CRS84), transform(b, crs, CRS84))
    planar: Metres = shapely.distance(a, b)
    return planar * crs_from(crs).axis_info[0].unit_conversion_factor


def length(geometries: Geometries) -> Metres:
    """Length of lines and of the rings of polygons, in metres; points have none.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        In CRS84. NaN where missing.
    """
    strings, owner = _line_strings(geometries)
    start, end, line = _edges(strings, _EDGE)
    _, _, metres = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return _sums(geometries, owner[line], np.asarray(metres, np.float64))


def _edges(
    lines: Geometries, longest: float
) -> tuple[Coordinates, Coordinates, npt.NDArray[np.int64]]:
    """Start and end of each edge, cut into pieces of so many degrees at most, and its line."""
    rows, line = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(line[1:] == line[:-1])
    start, along, owner = rows[inner], rows[inner + 1] - rows[inner], line[inner]
    far = np.hypot(along[:, 0], along[:, 1])
    pieces = np.clip(np.ceil(far / longest), 1, _MOST_PIECES).astype(np.int64)
    if (pieces == 1).all():
        return start, rows[inner + 1], owner
    edge = np.repeat(np.arange(len(pieces)), pieces)
    first = np.cumsum(pieces) - pieces
    share = ((np.arange(len(edge)) - first[edge]) / pieces[edge])[:, None]
    step = along[edge] / pieces[edge][:, None]
    cut = start[edge] + along[edge] * share
    return cut, cut + step, owner[edge]


def perimeter(geometries: Geometries) -> Metres:
    """Length of the rings of polygons in metres; points and lines have none."""
    polygons, owner = _parts(geometries, 2)
    return _sums(geometries, owner, length(polygons))


def area(geometries: Geometries) -> Metres:
    """Area of polygons in square metres; points and lines have none.

    The area between an edge and the equator is integrated along the edge by Gauss-Legendre
    quadrature of the authalic latitude function (Snyder 1987, equation 3-12).

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        In CRS84. Holes are left out; NaN where missing.
    """
    polygons, owner = _parts(geometries, 2)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    start, end, ring = _edges(rings, 10 * _EDGE)
    by_ring = np.abs(np.bincount(ring, _swept(start, end), minlength=len(rings)))
    hole = np.ones(len(rings), bool)
    hole[np.unique(polygon, return_index=True)[1]] = False
    return _sums(geometries, owner[polygon], np.where(hole, -by_ring, by_ring))


def _swept(start: Coordinates, end: Coordinates) -> Metres:
    """Signed area in square metres between each edge and the equator."""
    nodes, weights = np.polynomial.legendre.leggauss(6)
    share = (nodes + 1) / 2
    latitude = start[:, 1, None] + (end[:, 1] - start[:, 1])[:, None] * share
    heights = _authalic(np.sin(np.radians(latitude))) @ (weights / 2)
    swept: Metres = np.radians(end[:, 0] - start[:, 0]) * heights
    return swept


def _authalic(sine: Metres) -> Metres:
    """Area in square metres from the equator to a latitude, for one radian of longitude."""
    e = GEOD.es**0.5
    q = (1 - e**2) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)
    result: Metres = q * GEOD.a**2 / 2
    return result


def _sums(geometries: Geometries, owner: npt.NDArray[np.int64], values: Metres) -> Metres:
    total: Metres = np.bincount(owner, values, minlength=len(geometries)).astype(np.float64)
    total[shapely.is_missing(geometries)] = np.nan
    return total


def _parts(geometries: Geometries, dimension: int) -> tuple[Geometries, npt.NDArray[np.int64]]:
    """Simple parts of one dimension, and the row each belongs to; collections are opened."""
    parts, owner = leaves(geometries)
    wanted = shapely.get_dimensions(parts) == dimension
    return parts[wanted], owner[wanted]


def _line_strings(geometries: Geometries) -> tuple[Geometries, npt.NDArray[np.int64]]:
    lines, line_owner = _parts(geometries, 1)
    polygons, polygon_owner = _parts(geometries, 2)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    return np.concatenate([lines, rings]), np.concatenate([line_owner, polygon_owner[polygon]])
