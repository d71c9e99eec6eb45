"""Geometries made from geometries, over Arrow columns, where DuckDB has no function for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from ontology import (
    CIRCLE_GROWTH,
    CRS84,
    QUARTER_SEGMENTS,
    CRSError,
    circle_around,
    crs_iri,
    format_dggs,
    is_geographic,
    on_globe,
    transform,
)

from .columns import Shapes, attempt, groups_of, names_of, numbers_of, shapes_of, written


def bounding_circle(wkb: pa.Array, crs: pa.Array) -> pa.Array:
    """The smallest circle around each geometry: on the ellipsoid, or planar in a projected CRS."""
    return written(circles(shapes_of(wkb), names_of(crs)))


def circles(shapes: Shapes, crs: Shapes) -> Shapes:
    """The same of geometries; None where it is impossible."""
    made = np.full(len(shapes), None, dtype=object)
    for (name,), here in groups_of(crs):
        rows = here & ~shapely.is_missing(shapes)
        if rows.any():
            made[rows] = attempt(_geodesic_circles(name), shapes[rows])
    return made


def _geodesic_circles(crs: str) -> Callable[[Shapes], Shapes]:
    def around(shapes: Shapes) -> Shapes:
        if not is_geographic(crs):
            return _planar_circles(shapes)
        placed = on_globe(shapes, crs)
        drawn = np.full(len(placed), None, dtype=object)
        for row in np.flatnonzero(~shapely.is_missing(placed)):
            drawn[row] = circle_around(placed[row])
        return transform(drawn, CRS84, crs)

    return around


def _planar_circles(shapes: Shapes) -> Shapes:
    radii = shapely.minimum_bounding_radius(shapes)
    middles = shapely.centroid(shapely.minimum_bounding_circle(shapes))
    drawn = np.asarray(
        shapely.buffer(middles, radii * CIRCLE_GROWTH, quad_segs=QUARTER_SEGMENTS), dtype=object
    )
    single = (radii == 0) & ~shapely.is_empty(shapes)
    drawn[single] = middles[single]
    return drawn


def geometry_n(wkb: pa.Array, number: pa.Array) -> pa.Array:
    """The part of each geometry with a number, from 1; None where there is none."""
    shapes, numbers = shapes_of(wkb), numbers_of(number)
    known = np.isfinite(numbers) & (numbers >= 1) & (numbers < 2**31)
    made = np.full(len(shapes), None, dtype=object)
    made[known] = shapely.get_geometry(shapes[known], numbers[known].astype(np.int64) - 1)
    return written(made)


def centroid(wkb: pa.Array) -> pa.Array:
    """The centroid of each geometry; one without an area is taken as lines, then as points."""
    return written(attempt(_centroids, shapes_of(wkb)))


def _centroids(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.centroid(shapes), dtype=object)


def moved(wkb: pa.Array, source: pa.Array, target: pa.Array) -> pa.Array:
    """Each geometry carried from its CRS into another one."""
    shapes = shapes_of(wkb)
    made = np.full(len(shapes), None, dtype=object)
    for (one, other), here in groups_of(names_of(source), names_of(target)):
        rows = here & ~shapely.is_missing(shapes)

        def carry(part: Shapes, crs: str = one, wanted: str = other) -> Any:
            return transform(part, crs, wanted, outside="none")

        if rows.any():
            made[rows] = attempt(carry, shapes[rows])
    return written(made)


def crs_names(texts: pa.Array) -> pa.Array:
    """Canonical IRI of the CRS that each text names; null where none is known."""
    names = names_of(texts)
    found = {name: _crs_name(name) for name in set(names)}
    return pa.array([found[name] for name in names], pa.string())


def _crs_name(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return crs_iri(text)
    except CRSError:
        return None


def cells(wkb: pa.Array, grids: pa.Array) -> pa.Array:
    """Each geometry of CRS84 as a dggsLiteral of a grid, the same in all rows."""
    names = [name for name in set(names_of(grids)) if name is not None]
    return format_dggs(wkb, CRS84, names[0]) if names else pa.nulls(len(wkb), pa.string())


SHAPING_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_bounding_circle": (bounding_circle, ["BLOB", "VARCHAR"], "BLOB"),
    "gl_geometry_n": (geometry_n, ["BLOB", "BIGINT"], "BLOB"),
    "gl_centroid": (centroid, ["BLOB"], "BLOB"),
    "gl_moved": (moved, ["BLOB", "VARCHAR", "VARCHAR"], "BLOB"),
    "gl_dggs": (cells, ["BLOB", "VARCHAR"], "VARCHAR"),
    "gl_crs_name": (crs_names, ["VARCHAR"], "VARCHAR"),
}
"""Name in SQL: the function, types of its arguments and of its result."""
