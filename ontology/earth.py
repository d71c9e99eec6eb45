"""Buffers and circles in metres on longitude and latitude.

What is near a place is drawn on the azimuthal equidistant plane around it, in which distances from
the place are geodesic; far-reaching geometries are cut into pieces first. The way back to degrees
minds the antimeridian (what reaches over it is split there) and the poles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from .crs import crs_from, is_geographic, transform
from .errors import GeometryError
from .margins import degree_margin_columns
from .namespaces import CRS84

Shapes = npt.NDArray[np.object_]
Rows = npt.NDArray[np.float64]

SEGMENTS: Final = 32
"""Pieces a quarter circle is drawn with."""

AROUND: Final = (1 + 1e-9) / np.cos(np.pi / (4 * SEGMENTS))
"""By this a radius grows so that the polygon drawn for a circle holds all of it."""

_GEOD: Final = pyproj.Geod(ellps="WGS84")
_EARTH: Final = 6_371_008.8
_DEGREE: Final = 111_195.0  # metres of a degree of latitude
_WIDE: Final = 4.0  # degrees one plane is good for
_FINEST: Final = 2_000  # an edge is never cut shorter than this share of its piece
_BEND: Final = 1e-3  # how far an edge may bend, as a share of the radius
_ROUNDS: Final = 8
_TURN: Final = 540.0
"""A longitude may be written beyond 180, as across the antimeridian, but not any number."""
_HALF: Final = 2e7
"""Metres to the other end of the earth, nearly."""


@dataclass(frozen=True)
class _Plane:
    """The azimuthal equidistant plane around a place."""

    longitude: float
    latitude: float

    @cached_property
    def _projection(self) -> pyproj.Proj:
        return pyproj.Proj(proj="aeqd", lat_0=self.latitude, lon_0=self.longitude, ellps="WGS84")

    def metres(self, rows: Rows) -> Rows:
        """Longitudes and latitudes on the plane."""
        return np.column_stack(self._projection(rows[:, 0], rows[:, 1]))

    def degrees(self, rows: Rows) -> Rows:
        """The way back; the longitudes of a ring have no jump, so they may leave 180."""
        longitude, latitude = self._projection(rows[:, 0], rows[:, 1], inverse=True)
        first = self.longitude + (longitude[0] - self.longitude + 180) % 360 - 180
        unwrapped = np.unwrap(longitude, period=360)
        return np.column_stack([unwrapped + (first - unwrapped[0]), latitude])


def metres_buffer(geometries: Shapes, radii: Rows, crs: str) -> Shapes:
    """Buffers by radii in metres: planar in a projected CRS, else on the ellipsoid.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
    radii : ndarray of float64, shape (n,)
        Finite; inwards for negative ones.
    crs : str
        CRS IRI of the geometries, and of the result.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        None where a place is not on the globe.

    Raises
    ------
    GeometryError
        A buffer would reach around the earth.
    """
    if not is_geographic(crs):
        unit = crs_from(crs).axis_info[0].unit_conversion_factor
        drawn = shapely.buffer(geometries, radii / unit, quad_segs=SEGMENTS)
        return np.asarray(drawn, dtype=object)
    placed = on_globe(geometries, crs)
    points = (shapely.get_type_id(placed) == 0) & ~shapely.is_empty(placed) & (radii > 0)
    drawn = np.full(len(placed), None, dtype=object)
    if points.any():
        drawn[points] = discs(shapely.get_coordinates(placed[points]), radii[points])
    for row in np.flatnonzero(~points & ~shapely.is_missing(placed)):
        drawn[row] = buffered(placed[row], radii[row])
    return transform(drawn, CRS84, crs)


def on_globe(geometries: Shapes, crs: str) -> Shapes:
    """Geometries of a geographic CRS in CRS84, None where a place is not on the globe."""
    placed = np.array(transform(geometries, crs, CRS84, outside="none"), dtype=object)
    west, south, east, north = shapely.bounds(placed).T
    placed[(west < -_TURN) | (south < -90) | (east > _TURN) | (north > 90)] = None
    return placed


def buffered(shape: Any, radius: float) -> Any:
    """The places within a distance in metres of a geometry; inside it for a negative one.

    Parameters
    ----------
    shape : shapely geometry
        In CRS84.
    radius : float

    Returns
    -------
    shapely geometry
        In CRS84, longitudes from -180 to 180, no Z.
    """
    if radius > _HALF:
        raise GeometryError("A buffer cannot reach around the earth", where=f"{radius} m")
    shape = shapely.force_2d(shape)
    if shapely.is_empty(shape) or (radius <= 0 and shapely.get_dimensions(shape) < 2):
        return shapely.Polygon()
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape)
    west, south, east, north = shapely.bounds(shape)
    if max(east - west, north - south) <= _WIDE:
        return _near(shape, radius)
    edges = _edges(shape)
    around = shapely.union_all([_near(piece, abs(radius)) for piece in _pieces(edges)])
    if radius < 0:
        return shapely.difference(shape, around)
    return shapely.union(shape, around) if shapely.get_dimensions(shape) == 2 else around


def _near(shape: Any, radius: float) -> Any:
    west, south, east, north = shapely.bounds(shape)
    plane = _Plane((west + east) / 2, (south + north) / 2)
    step = _step(max(east - west, north - south), max(abs(south), abs(north)), abs(radius))
    flat = shapely.transform(shapely.segmentize(shape, step), plane.metres)
    drawn = shapely.buffer(flat, radius, quad_segs=SEGMENTS)
    return _in_degrees(shapely.segmentize(drawn, step * _DEGREE), plane)


def _step(extent: float, latitude: float, radius: float) -> float:
    """Degrees an edge may have: straight in degrees is nearly straight on the plane."""
    slope = max(np.tan(np.radians(min(latitude, 89.0))), 0.01)
    metres = np.sqrt(8 * _EARTH * _BEND * max(radius, 1e-3) / slope)
    return float(max(metres / _DEGREE, extent / _FINEST, 1e-6))


def _edges(shape: Any) -> Any:
    """The geometry with the boundaries of its areas instead of them."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    areal = shapely.get_dimensions(parts) == 2
    return shapely.geometrycollections([*parts[~areal], *shapely.boundary(parts[areal])])


def _pieces(edges: Any) -> Iterable[Any]:
    """The parts of the edges in each cell of a grid."""
    west, south, east, north = shapely.bounds(edges)
    parts = np.concatenate([shapely.get_parts(part) for part in shapely.get_parts(edges)])
    for left in np.arange(west, east + 1e-9, _WIDE):
        for low in np.arange(south, north + 1e-9, _WIDE):
            cell = shapely.box(left, low, left + _WIDE, low + _WIDE)
            here = parts[shapely.intersects(parts, cell)]
            inside = shapely.intersection(here, cell)
            inside = inside[~shapely.is_empty(inside)]
            if len(inside):
                yield shapely.geometrycollections(inside)


def circle_around(shape: Any) -> Any:
    """The smallest circle on the ellipsoid that holds a geometry, drawn around it.

    Parameters
    ----------
    shape : shapely geometry
        In CRS84.

    Returns
    -------
    shapely geometry
        A polygon in CRS84; of one place, that place.

    Raises
    ------
    GeometryError
        The circle would hold half of the earth.
    """
    rows = np.unique(shapely.get_coordinates(shape), axis=0)
    if len(rows) < 2:
        return shapely.points(rows[0]) if len(rows) else shapely.Polygon()
    if np.ptp(rows[:, 0]) > 180 and shapely.get_dimensions(shape) == 0:
        rows[:, 0] %= 360  # places have no edges: near each other across the antimeridian
    plane = _Plane(*((rows.min(axis=0) + rows.max(axis=0)) / 2))
    radius = 0.0
    for _ in range(_ROUNDS):
        flat = shapely.multipoints(plane.metres(rows))
        radius = float(shapely.minimum_bounding_radius(flat))
        if not 0 < radius < _HALF / 2:
            raise GeometryError("No circle on less than half of the earth holds the geometry")
        centre = shapely.get_coordinates(shapely.centroid(shapely.minimum_bounding_circle(flat)))
        plane = _Plane(*plane.degrees(centre)[0])
        if np.hypot(*centre[0]) <= 1e-7 * radius:
            break
    drawn = shapely.buffer(shapely.points(0, 0), radius * AROUND, quad_segs=SEGMENTS)
    return _in_degrees(drawn, plane)


def discs(rows: Rows, radii: Rows) -> Shapes:
    """Buffers of points by radii in metres, all at once.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, 2)
        Longitude and latitude.
    radii : ndarray of float64, shape (n,)
        Over 0.
    """
    if (radii > _HALF).any():
        raise GeometryError("A buffer cannot reach around the earth", where=f"{radii.max()} m")
    beside, above = degree_margin_columns(np.abs(rows[:, 1]), radii)
    odd = (np.abs(rows[:, 0]) + beside > 180) | (np.abs(rows[:, 1]) + above > 90)
    made = np.empty(len(rows), dtype=object)
    azimuths = np.linspace(360, 0, 4 * SEGMENTS + 1)
    shown = (np.count_nonzero(~odd), len(azimuths))
    places = np.repeat(rows[~odd], shown[1], axis=0)
    longitude, latitude, _ = _GEOD.fwd(
        places[:, 0],
        places[:, 1],
        np.tile(azimuths, shown[0]),
        np.repeat(radii[~odd], shown[1]),
    )
    rings = np.stack([longitude, latitude], axis=-1).reshape(*shown, 2)
    rings[:, -1] = rings[:, 0]
    made[~odd] = shapely.polygons(rings)
    for row in np.flatnonzero(odd):
        made[row] = _near(shapely.points(rows[row]), radii[row])
    return made


def _in_degrees(drawn: Any, plane: _Plane) -> Any:
    """Areas on a plane as areas in CRS84."""
    if shapely.is_empty(drawn):
        return drawn
    areas = [_area(part, plane) for part in shapely.get_parts(drawn)]
    whole = areas[0] if len(areas) == 1 else shapely.multipolygons(_polygons(areas))
    west, _, east, _ = shapely.bounds(whole)
    return whole if west >= -180 and east <= 180 else _split(whole)


def _polygons(areas: list[Any]) -> list[Any]:
    parts = shapely.get_parts(areas)
    return list(parts[shapely.get_dimensions(parts) == 2])


def _area(polygon: Any, plane: _Plane) -> Any:
    shell, *holes = (_ring(ring, plane) for ring in shapely.get_rings(polygon))
    if not holes:
        return shell
    turns = (np.rint((shell.bounds[0] - hole.bounds[0]) / 360) for hole in holes)
    moved = [
        shapely.transform(hole, lambda rows, by=360 * turn: rows + np.array([by, 0.0]))
        for hole, turn in zip(holes, turns, strict=True)
    ]
    if all(shapely.contains_properly(shell, hole) for hole in moved):
        return shapely.Polygon(shell.exterior, [hole.exterior for hole in moved])
    return shapely.difference(shell, shapely.union_all(moved))


def _ring(ring: Any, plane: _Plane) -> Any:
    """The polygon of a ring; one around a pole goes up to it."""
    rows = plane.degrees(shapely.get_coordinates(ring))
    turn = rows[-1, 0] - rows[0, 0]
    if abs(turn) > 180:
        pole = 90.0 if rows[:, 1].mean() > 0 else -90.0
        top = np.array([[rows[-1, 0], pole], [rows[0, 0], pole]])
        rows = np.concatenate([rows, top, rows[:1]])
    else:
        rows[-1] = rows[0]
    return shapely.polygons(rows)


def _split(area: Any) -> Any:
    """An area that leaves the longitudes from -180 to 180, with what is outside put where it is."""
    world = shapely.box(-180, -90, 180, 90)
    moved = [
        shapely.transform(area, lambda rows, by=turn: rows + np.array([by, 0.0]))
        for turn in (-360, 0, 360)
    ]
    parts = shapely.get_parts(shapely.intersection(moved, world))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
