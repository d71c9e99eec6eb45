"""Nearest places of two geometries on WGS84, pair by pair.

GEOS finds nearest points in a plane. A plane in which longitude is scaled by the cosine of
the latitude keeps edges straight and is right for pairs near each other. For pairs far apart or
stretched along each other over many latitudes, an azimuthal equidistant plane about the middle
of the pair follows, on edges cut short enough not to bend. Whatever the plane, the candidates
are measured by GeographicLib and the shortest wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from .coordinates import Coordinates, Geometries
from .margins import degree_margin_columns
from .sound import with_length, without_empty_members

GEOD: Final = pyproj.Geod(ellps="WGS84")
Metres = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Ends = npt.NDArray[np.float64]  # shape (n, 2, 2): pair, end, longitude and latitude

_FAR: Final = 2000.0  # metres from which the scaled plane alone is not good enough
_BAND: Final = 0.02  # degrees of latitude that may share one scale
_BEND: Final = 1e-4  # how far an edge may bend, as a share of the distance
_PIECES: Final = 20_000  # an edge is never cut shorter than this share of its geometry's box
_SPHERE: Final = 6371008.8
_BATCH: Final = 1_000_000  # vertices worked on at a time
_BIG: Final = 256  # vertices from which a geometry is cut down to the edges near the other
_BEYOND: Final = 1.001  # the nearest edge may be this much further than the first guess


def geodesic_distance(a: Geometries, b: Geometries) -> Metres:
    """See :func:`ontology.metres.distance`."""
    result = np.full(len(a), np.nan)
    usable = ~(shapely.is_missing(a) | shapely.is_missing(b))
    usable &= ~(shapely.is_empty(a) | shapely.is_empty(b))
    rows = np.flatnonzero(usable)
    a, b = without_empty_members(a), without_empty_members(b)
    touching = _touching(a[rows], b[rows])
    result[rows[touching]] = 0.0
    for part in _batches(a, b, rows[~touching]):
        result[part] = _of_batch(a[part], b[part])
    return result


def _batches(a: Geometries, b: Geometries, rows: Rows) -> list[Rows]:
    """Cut rows so that no batch has many more than a million vertices."""
    vertices = shapely.get_num_coordinates(a[rows]) + shapely.get_num_coordinates(b[rows])
    number = np.cumsum(vertices) // _BATCH
    return np.split(rows, np.flatnonzero(np.diff(number)) + 1)


def _of_batch(a: Geometries, b: Geometries) -> Metres:
    result = np.empty(len(a))
    points = (shapely.get_type_id(a) == 0) & (shapely.get_type_id(b) == 0)
    result[points] = _between_points(a[points], b[points])
    if not points.all():
        near, far = shapely.force_2d(a[~points]), shapely.force_2d(b[~points])
        result[~points] = _over_antimeridian(near, far, _apart(near, far))
    return result


def _between_points(a: Geometries, b: Geometries) -> Metres:
    return _measure(np.stack([shapely.get_coordinates(a), shapely.get_coordinates(b)], axis=1))


def _touching(a: Geometries, b: Geometries) -> Any:
    """Planar intersection; where GEOS fails, distance 0 asks the same without an error."""
    try:
        return shapely.intersects(a, b)
    except shapely.errors.GEOSException:
        return shapely.distance(a, b) == 0


def _over_antimeridian(a: Geometries, b: Geometries, best: Metres) -> Metres:
    """The same with ``b`` a turn further east and west, where that can be shorter."""
    boxes_a, boxes_b = shapely.bounds(a), shapely.bounds(b)
    highest = np.abs(np.concatenate([boxes_a, boxes_b], axis=1)[:, [1, 3, 5, 7]]).max(axis=1)
    reach = best / (_SPHERE * 0.99 * np.maximum(np.cos(np.radians(highest)), 1e-12))
    for turn in (-360.0, 360.0):
        gap = np.maximum(boxes_b[:, 0] + turn - boxes_a[:, 2], boxes_a[:, 0] - boxes_b[:, 2] - turn)
        rows = np.flatnonzero(np.radians(gap) <= reach)
        if len(rows):
            shifted = shapely.transform(b[rows], lambda xy, by=turn: xy + np.array([by, 0.0]))
            found = np.where(_touching(a[rows], shifted), 0.0, _apart(a[rows], shifted))
            best[rows] = np.minimum(best[rows], found)
    return best


def _apart(a: Geometries, b: Geometries) -> Metres:
    a = _thinned(a, b)
    b = _thinned(b, a)
    boxes_a, boxes_b = shapely.bounds(a), shapely.bounds(b)
    low = np.maximum(boxes_a[:, 1], boxes_b[:, 1])
    high = np.minimum(boxes_a[:, 3], boxes_b[:, 3])
    middle = (low + high) / 2
    best, middle = _scaled(a, b, middle)
    for _ in range(2):
        again, middle = _scaled(a, b, middle)
        best = np.minimum(best, again)
    far = np.flatnonzero((best > _FAR) | (high - low > _BAND))
    if len(far):
        best[far] = _azimuthal(a[far], b[far], best[far], middle[far])
    return best


def _thinned(big: Geometries, other: Geometries) -> Geometries:
    """Big lines and polygons, cut down to the edges that may be nearest to the other side.

    The pairs do not meet, so of a polygon only its rings count.
    """
    kinds = np.isin(shapely.get_type_id(big), (1, 3, 5, 6))
    rows = np.flatnonzero(kinds & (shapely.get_num_coordinates(big) > _BIG))
    if not len(rows):
        return big
    reach = _measure(_nearest(big[rows], other[rows])) * _BEYOND
    boxes = shapely.bounds(other[rows])
    east, north = degree_margin_columns(np.abs(boxes[:, [1, 3]]).max(axis=1), reach)
    windows = boxes + np.column_stack([-east, -north, east, north])
    result = big.copy()
    for row, window in zip(rows, windows, strict=True):
        result[row] = _edges_in(big[row], window)
    return result


def _edges_in(geometry: Any, window: npt.NDArray[np.float64]) -> Any:
    lines = shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry
    rows, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    edges = np.stack([rows[:-1], rows[1:]], axis=1)
    met = (edges.min(axis=1) <= window[2:]) & (edges.max(axis=1) >= window[:2])
    kept = edges[(line[1:] == line[:-1]) & met.all(axis=1)]
    return shapely.multilinestrings(shapely.linestrings(kept)) if len(kept) else geometry


def _scaled(a: Geometries, b: Geometries, latitude: Metres) -> tuple[Metres, Metres]:
    """Geodesic between the nearest points of the plane scaled at a latitude; their latitude."""
    ends = _scaled_ends(a, b, latitude)
    return _measure(ends), ends[:, :, 1].mean(axis=1)


def _scaled_ends(a: Geometries, b: Geometries, latitude: Metres) -> Ends:
    stretch = _east_over_north(latitude) * np.cos(np.radians(np.clip(latitude, -89.99, 89.99)))

    def plane(geometries: Geometries) -> Geometries:
        return _mapped(
            geometries,
            lambda rows, owner: np.column_stack([rows[:, 0] * stretch[owner], rows[:, 1]]),
        )

    ends = _nearest(plane(a), plane(b))
    ends[:, :, 0] /= stretch[:, None]
    return ends


def _azimuthal(a: Geometries, b: Geometries, best: Metres, latitude: Metres) -> Metres:
    """Refine distances in the azimuthal equidistant plane about the middle of each pair."""
    ends = _scaled_ends(a, b, latitude)
    bend = np.maximum(np.abs(np.tan(np.radians(np.clip(latitude, -85, 85)))), 0.1)
    edge = np.degrees(np.sqrt(8 * _BEND * best / _SPHERE / bend))
    a, b = _cut(a, edge), _cut(b, edge)
    for _ in range(2):
        centre = ends.mean(axis=1)

        def plane(geometries: Geometries, at: Coordinates = centre) -> Geometries:
            return _mapped(geometries, lambda rows, owner: _forward(rows, at[owner]))

        ends = _inverse(_nearest(plane(a), plane(b)), centre[:, None, :])
        best = np.minimum(best, _measure(ends))
    return best


def _cut(geometries: Geometries, edge: Metres) -> Geometries:
    geometries = with_length(geometries)
    boxes = shapely.bounds(geometries)
    shortest = (boxes[:, 2:] - boxes[:, :2]).sum(axis=1) / _PIECES
    cut = np.asarray(shapely.segmentize(geometries, np.maximum(edge, shortest)), object)
    lost = shapely.is_empty(cut)  # what GEOS makes of an invalid polygon
    cut[lost] = geometries[lost]
    return cut


def _east_over_north(latitude: Metres) -> Metres:
    """Curvature radius of the ellipsoid across the meridian over that along it."""
    ratio: Metres = (1 - GEOD.es * np.sin(np.radians(latitude)) ** 2) / (1 - GEOD.es)
    return ratio


def _forward(rows: Coordinates, centre: Coordinates) -> Coordinates:
    """Longitude and latitude to the plane about a centre (Snyder 1987, section 25)."""
    phi, middle = np.radians(rows[:, 1]), np.radians(centre[:, 1])
    turn = np.radians(rows[:, 0] - centre[:, 0])
    east = np.cos(phi) * np.sin(turn)
    north = np.cos(middle) * np.sin(phi) - np.sin(middle) * np.cos(phi) * np.cos(turn)
    up = np.sin(middle) * np.sin(phi) + np.cos(middle) * np.cos(phi) * np.cos(turn)
    flat = np.hypot(east, north)
    scale = np.divide(np.arctan2(flat, up), flat, out=np.ones_like(flat), where=flat > 0)
    return np.column_stack([east * scale * _east_over_north(centre[:, 1]), north * scale])


def _inverse(plane: Ends, centre: Ends) -> Ends:
    """Plane about a centre back to longitude and latitude."""
    middle = np.radians(centre[..., 1])
    east, north = plane[..., 0] / _east_over_north(centre[..., 1]), plane[..., 1]
    angle = np.hypot(east, north)
    scale = np.sinc(angle / np.pi)
    sine = np.cos(angle) * np.sin(middle) + north * scale * np.cos(middle)
    turn = np.arctan2(east * scale, np.cos(middle) * np.cos(angle) - north * scale * np.sin(middle))
    latitude = np.degrees(np.arcsin(np.clip(sine, -1, 1)))
    return np.stack([centre[..., 0] + np.degrees(turn), latitude], axis=-1)


def _mapped(
    geometries: Geometries,
    function: Callable[[Coordinates, npt.NDArray[np.int64]], Coordinates],
) -> Geometries:
    rows, owner = shapely.get_coordinates(geometries, return_index=True)
    moved = function(rows, owner)
    return np.asarray(shapely.set_coordinates(geometries.copy(), moved), object)


def _nearest(a: Geometries, b: Geometries) -> Ends:
    """Ends of the shortest line of each pair, shape (n, 2, 2)."""
    ends: Ends = shapely.get_coordinates(shapely.shortest_line(a, b)).reshape(-1, 2, 2)
    return ends


def _measure(ends: Ends) -> Metres:
    _, _, metres = GEOD.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    return np.asarray(metres, np.float64)
