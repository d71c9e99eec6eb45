"""Built-in functions from geometry to numbers, truth values and cells of a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import h3.api.basic_str as h3
import numpy as np
import pyarrow as pa
import shapely

from ontology import (
    CRS84,
    crs_from,
    geodesic_area,
    geodesic_length,
    is_geographic,
    transform,
)

from ..language.vocabulary import GL
from ..terms.cells import Cells
from ..terms.geometry import move
from .arguments import shapes, whole_number
from .registry import Call, register

_FINEST: Final = 15
_TYPES: Final = np.array(
    [
        "Point",
        "LineString",
        "LinearRing",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    ],
    object,
)


def _area(call: Call, geometry: Cells) -> pa.Array:
    """Square metres: geodesic in geographic CRSs, planar in projected ones."""
    return _measure(call, geometry, shapely.area, geodesic_area, 2)


def _length(call: Call, geometry: Cells) -> pa.Array:
    """Metres of lines and outlines: geodesic in geographic CRSs, planar in projected ones."""
    return _measure(call, geometry, shapely.length, geodesic_length, 1)


def _measure(
    call: Call,
    geometry: Cells,
    planar: Callable[[Any], Any],
    geodesic: Callable[[Any], Any],
    power: int,
) -> pa.Array:
    found, own = shapes(call, geometry)
    if is_geographic(own):
        measured = geodesic(transform(found, own, CRS84))
    else:
        measured = planar(found) * crs_from(own).axis_info[0].unit_conversion_factor ** power
    return pa.array(measured, from_pandas=True)


def _of_each(function: Callable[[Any], Any]) -> Callable[..., pa.Array]:
    """A function of each geometry; no geometry gives no value."""

    def apply(call: Call, geometry: Cells) -> pa.Array:
        found, _ = shapes(call, geometry)
        return pa.array(function(found), mask=shapely.is_missing(found))

    return apply


def _dimension(found: Any) -> Any:
    """0 for points, 1 for lines, 2 for areas, the greatest of a collection; not of vertices."""
    return np.maximum(shapely.get_dimensions(found), 0).astype(np.int64)


def _coordinate_dimension(found: Any) -> Any:
    return shapely.get_coordinate_dimension(found).astype(np.int64)


def _spatial_dimension(found: Any) -> Any:
    return 2 + shapely.has_z(found).astype(np.int64)


def _vertices(found: Any) -> Any:
    return shapely.get_num_coordinates(found).astype(np.int64)


def _geometry_type(found: Any) -> Any:
    return _TYPES[shapely.get_type_id(found)]


def _cell(call: Call, geometry: Cells, resolution: Cells) -> pa.Array:
    """H3 cell, as text, of a point or of the centroid of what is none."""
    finest = whole_number(resolution, "resolution", call, 0, _FINEST)
    found, own = shapes(call, geometry)
    placed = move(shapely.centroid(found), own, CRS84, geometry, call.faults, call.where)
    places = np.full((len(placed), 2), np.nan)
    sound = ~shapely.is_missing(placed) & ~shapely.is_empty(placed)
    places[sound] = shapely.get_coordinates(placed[sound])
    off = np.flatnonzero((np.abs(places) > (540, 90)).any(axis=1))
    call.fault(off, f"{call.where}: the place is not on the globe")
    sound[off] = False
    cells = np.full(len(placed), None, np.object_)
    cells[sound] = [h3.latlng_to_cell(y, x, finest) for x, y in places[sound].tolist()]
    return pa.array(cells, pa.string())


for _name, _function in (
    ("area", _area),
    ("length", _length),
    ("dimension", _of_each(_dimension)),
    ("coordinateDimension", _of_each(_coordinate_dimension)),
    ("spatialDimension", _of_each(_spatial_dimension)),
    ("vertices", _of_each(_vertices)),
    ("geometryType", _of_each(_geometry_type)),
    ("isEmpty", _of_each(shapely.is_empty)),
    ("isSimple", _of_each(shapely.is_simple)),
    ("isValid", _of_each(shapely.is_valid)),
    ("is3D", _of_each(shapely.has_z)),
    ("isMeasured", _of_each(shapely.has_m)),
    ("h3", _cell),
):
    register(GL + _name, _function, native=True)
