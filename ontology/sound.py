"""Parts that GEOS cannot work with: empty members of collections, lines and rings of no length."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from .coordinates import Geometries

Rows = npt.NDArray[np.int64]


def leaves(geometries: Geometries) -> tuple[Geometries, Rows]:
    """Simple parts of geometries, and the row each belongs to; collections are opened."""
    parts = np.asarray(geometries, object)
    owner = np.arange(len(parts))
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    return parts, owner


def without_empty_members(geometries: Geometries) -> Geometries:
    """The same places without empty members, on which GEOS 3.14 can end the process."""
    several = np.flatnonzero(shapely.get_type_id(geometries) >= shapely.GeometryType.MULTIPOINT)
    if not len(several):
        return geometries
    parts, owner = leaves(geometries[several])
    return _rebuilt(geometries, several, parts, owner, shapely.is_empty(parts))


def with_length(geometries: Geometries) -> Geometries:
    """The same places with points for lines and polygons of no length, without such holes."""
    parts, owner = leaves(geometries)
    rings, polygon = shapely.get_rings(parts, return_index=True)
    flat = (shapely.length(parts) == 0) & (shapely.get_dimensions(parts) > 0)
    flat[polygon[shapely.length(rings) == 0]] = True
    return _rebuilt(geometries, np.arange(len(geometries)), parts, owner, flat)


def _rebuilt(
    geometries: Geometries, rows: Rows, parts: Geometries, owner: Rows, bad: Any
) -> Geometries:
    if not bad.any():
        return geometries
    result = np.array(geometries, object)
    for row in np.unique(owner[bad]):
        kept = [_sound(part) for part in parts[owner == row] if not part.is_empty]
        result[rows[row]] = kept[0] if len(kept) == 1 else shapely.GeometryCollection(kept)
    return result


def _sound(part: Any) -> Any:
    if part.length == 0:
        return shapely.Point(shapely.get_coordinates(part)[0])
    if part.geom_type != "Polygon":
        return part
    return shapely.Polygon(part.exterior, [hole for hole in part.interiors if hole.length])
