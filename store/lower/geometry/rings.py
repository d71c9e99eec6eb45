"""Where the rings of an overlay begin, so that an answer has one text whatever GEOS does.

The shells of a union, intersection or difference run clockwise, and each ring begins where it
comes onto the boundary of the first argument: at a vertex that is none of the first argument's,
followed by one that is, the earliest in the first argument's own order. (This is where the
classic overlay of JTS begins; GEOS from 3.9 on has no such rule.) Rings without such a vertex,
and what is no area, stay as they are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

Shapes = npt.NDArray[np.object_]
Whole = npt.NDArray[np.int64]

_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6
_ODD: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)


def begun(made: pa.Array, first: pa.Array) -> pa.Array:
    """Overlay results as WKB, their rings begun by the rule above."""
    shapes, model = _read(made), _read(first)
    areal = np.isin(shapely.get_type_id(shapes), (_POLYGON, _MULTIPOLYGON))
    areal &= ~shapely.is_empty(shapes)
    for deep in (False, True):
        rows = np.flatnonzero(areal & (shapely.has_z(shapes) == deep))
        if len(rows):
            shapes[rows] = _begun(shapes[rows], model[rows], deep)
    return pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())


def _read(column: pa.Array) -> Shapes:
    plain = np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)
    return np.array(shapely.from_wkb(plain, on_invalid="ignore"), dtype=object)


def _begun(shapes: Shapes, model: Shapes, deep: bool) -> Shapes:
    polygons, rows = shapely.get_parts(
        shapely.orient_polygons(shapes, exterior_cw=True), return_index=True
    )
    rings, owners = shapely.get_rings(polygons, return_index=True)
    turned = _turned(rings, rows[owners], model, deep)
    renewed = shapely.polygons(turned, indices=owners)
    several = shapely.get_type_id(shapes) == _MULTIPOLYGON
    made = np.empty(len(shapes), dtype=object)
    made[rows[~several[rows]]] = renewed[~several[rows]]
    grouped = several[rows]
    if grouped.any():
        numbers = np.cumsum(several) - 1
        made[several] = shapely.multipolygons(renewed[grouped], indices=numbers[rows[grouped]])
    return made


def _turned(rings: Shapes, rows: Whole, model: Shapes, deep: bool) -> Shapes:
    """Closed rings, each turned to its beginning; ``rows`` says whose argument counts."""
    points, ring = shapely.get_coordinates(rings, include_z=deep, return_index=True)
    counts = np.bincount(ring, minlength=len(rings)) - 1
    ends = np.cumsum(counts + 1) - 1
    points, ring = np.delete(points, ends, axis=0), np.delete(ring, ends)
    starts = np.cumsum(counts) - counts
    place = np.arange(len(points)) - starts[ring]
    after = starts[ring] + (place + 1) % counts[ring]
    order = _order_in(model, points[:, :2], rows[ring])
    score = np.where((order < 0) & (order[after] >= 0), order[after], np.iinfo(np.int64).max)
    ranked = np.lexsort((score, ring))
    best = ranked[starts]
    chosen = score[best] < np.iinfo(np.int64).max
    begin = np.where(chosen, place[best], 0)
    turned = points[starts[ring] + (place + begin[ring]) % counts[ring]]
    return np.asarray(shapely.linearrings(turned, indices=ring))


def _order_in(model: Shapes, points: npt.NDArray[np.float64], rows: Whole) -> Whole:
    """Each point's place among the vertices of its row's model, -1 where it is none of them."""
    vertices, owners = shapely.get_coordinates(model, return_index=True)
    keys, inverse = np.unique(
        np.concatenate([_keys(vertices, owners), _keys(points, rows)]), return_inverse=True
    )
    last = len(vertices)
    places = np.full(len(keys), last, dtype=np.int64)
    np.minimum.at(places, inverse[:last], np.arange(last))
    found = places[inverse[last:]]
    return np.where(found == last, -1, found)


def _keys(points: npt.NDArray[np.float64], owners: Whole) -> npt.NDArray[np.uint64]:
    """One number a point and row; two points of one number would only move where a ring begins."""
    x, y = np.ascontiguousarray((points + 0.0).T).view(np.uint64)  # -0.0 becomes 0.0
    mixed = (x ^ (x >> np.uint64(29))) * _ODD[0] + (y ^ (y >> np.uint64(31))) * _ODD[1]
    return np.asarray((mixed ^ (mixed >> np.uint64(32))) * _ODD[2] + owners.astype(np.uint64))
