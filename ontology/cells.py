"""Cells of H3 that stand for a geometry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import h3
import numpy as np
import shapely

from .coordinates import Geometries
from .metres import area, length

MOST_CELLS: Final = 1000
"""A geometry is written with about so many cells at most, before they are made compact."""

_IN_BOX: Final = 1_000_000
_FINEST: Final = 15
TURN: Final = 360.0
POLE: Final = 90.0
_DEGREE: Final = 111_320.0  # metres, of latitude or at the equator
_MOST_PIECES: Final = 100_000  # of a line; near the poles, many degrees are few metres
_SLAB: Final = 60.0  # degrees of longitude; wider polygons H3 takes for ones over the antimeridian


@lru_cache
def _sizes() -> tuple[tuple[float, float], ...]:
    """Mean area in square metres and mean edge in metres of each resolution."""
    return tuple(
        (
            h3.average_hexagon_area(resolution, unit="m^2"),
            h3.average_hexagon_edge_length(resolution, unit="m"),
        )
        for resolution in range(_FINEST + 1)
    )


def resolution_of(geometry: Any) -> int:
    """Resolution to write a geometry in CRS84 at, 0 to 15."""
    column = np.array([geometry], object)
    box = np.array([shapely.box(*geometry.bounds)], object)
    extent = float(area(column)[0])
    outline = float(length(np.array([_lines(geometry)], object))[0])
    around = float(area(box)[0]) if shapely.get_dimensions(geometry) == 2 else 0.0
    for resolution in range(_FINEST, 0, -1):
        cell, edge = _sizes()[resolution]
        if extent / cell + outline / edge <= MOST_CELLS and around / cell <= _IN_BOX:
            return resolution
    return 0


def cells_of(geometry: Any, resolution: int) -> set[str]:
    """Cells of one resolution that stand for a geometry in CRS84."""
    found: set[str] = set()
    for part in _simple(geometry):
        found |= _CELLS[part.geom_type](part, resolution)
    return found


def _simple(geometry: Any) -> Iterator[Any]:
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _simple(part)
    elif not geometry.is_empty:
        yield shapely.force_2d(geometry)


def _lines(geometry: Any) -> Any:
    return shapely.MultiLineString(
        [part for part in _simple(geometry) if part.geom_type in ("LineString", "LinearRing")]
    )


def _of_point(point: Any, resolution: int) -> set[str]:
    return {h3.latlng_to_cell(point.y, point.x, resolution)}


def _of_line(line: Any, resolution: int) -> set[str]:
    """Cells that a line meets, found among those near places along it."""
    _, edge = _sizes()[resolution]
    step = max(edge / _DEGREE, line.length / _MOST_PIECES)
    pieces = shapely.segmentize(line, step) if step else line
    near = {h3.latlng_to_cell(y, x, resolution) for x, y in shapely.get_coordinates(pieces)}
    around = {cell for middle in near for cell in h3.grid_disk(middle, 1)} - near
    rings = [_ring(cell) for cell in around]
    met = shapely.intersects(np.array(rings, object), line) if rings else []
    return near | {cell for cell, is_met in zip(around, met, strict=True) if is_met}


def _ring(cell: str) -> Any:
    rows = np.array(h3.cell_to_boundary(cell))[:, ::-1].copy()
    rows[:, 0] = np.unwrap(rows[:, 0], period=360)
    return shapely.Polygon(rows)


def _of_polygon(polygon: Any, resolution: int) -> set[str]:
    found: set[str] = set()
    for piece in (slab for part in wrapped(np.array([polygon])) for slab in _slabs(part)):
        shape = h3.geo_to_h3shape(piece)
        found |= set(h3.h3shape_to_cells(shape, resolution))
    return found or _of_line(polygon.exterior, resolution)


def wrapped(polygons: Geometries) -> list[Any]:
    """Polygons cut at the antimeridian, the parts beyond it brought back."""
    bounds = shapely.bounds(polygons)
    parts: list[Any] = []
    for turn in range(-2, 3):
        window = shapely.box(TURN * turn - TURN / 2, -POLE, TURN * turn + TURN / 2, POLE)
        near = (bounds[:, 0] < window.bounds[2]) & (bounds[:, 2] > window.bounds[0])
        pieces = shapely.get_parts(shapely.intersection(polygons[near], window))
        pieces = pieces[shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON]
        parts += shapely.transform(pieces, lambda xy, by=TURN * turn: xy - [by, 0]).tolist()
    return parts


def _slabs(polygon: Any) -> list[Any]:
    west, _, east, _ = polygon.bounds
    if east - west <= _SLAB:
        return [polygon]
    edges = np.append(np.arange(west, east, _SLAB), east)
    windows = shapely.box(edges[:-1], -90, edges[1:], 90)
    pieces = shapely.get_parts(shapely.intersection(polygon, windows))
    return [piece for piece in pieces if piece.geom_type == "Polygon"]


_CELLS: Final = {
    "Point": _of_point,
    "LineString": _of_line,
    "LinearRing": _of_line,
    "Polygon": _of_polygon,
}
