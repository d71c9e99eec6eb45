"""Built-in functions from geometry to geometry: the result stays in the CRS it came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import shapely

from ontology import GeometryError, crs_from, is_geographic, metres_buffer, to_wkb

from ..language.vocabulary import GL
from ..terms.cells import Cells
from .arguments import numbers, shapes
from .registry import Call, register

_DEGREE: Final = 111_694.0
"""Metres of the longest degree of latitude (at the poles, WGS84)."""


def _simplify(call: Call, geometry: Cells, tolerance: Cells) -> Cells:
    """Fewer vertices, none further than so many metres from the old outline; topology is kept."""
    found, crs = shapes(call, geometry)
    metres = numbers(call, tolerance, "tolerance")
    call.fault(np.flatnonzero(metres < 0), f"{call.where}: tolerance is below 0")
    unit = _DEGREE if is_geographic(crs) else crs_from(crs).axis_info[0].unit_conversion_factor
    drawn = np.array(
        shapely.simplify(found, np.clip(np.nan_to_num(metres), 0, None) / unit), np.object_
    )
    drawn[np.isnan(metres)] = None
    return Cells(to_wkb(drawn), crs=crs)


def _buffer(call: Call, geometry: Cells, radius: Cells) -> Cells:
    """What is within so many metres; inside a polygon for a negative radius."""
    found, crs = shapes(call, geometry)
    metres = numbers(call, radius, "radius")
    drawn = np.full(len(found), None, np.object_)
    wanted = np.flatnonzero(~shapely.is_missing(found) & np.isfinite(metres))
    try:
        drawn[wanted] = metres_buffer(found[wanted], metres[wanted], crs)
    except GeometryError:
        for row in wanted.tolist():  # seldom: some row asks for a buffer around the earth
            drawn[row] = _buffered(call, found[row : row + 1], metres[row : row + 1], crs, row)
    lost = wanted[shapely.is_missing(drawn[wanted])]
    call.fault(lost, f"{call.where}: no buffer can be drawn around the geometry", GeometryError)
    return Cells(to_wkb(drawn), crs=crs)


def _buffered(call: Call, found: Any, metres: Any, crs: str, row: int) -> Any:
    try:
        return metres_buffer(found, metres, crs)[0]
    except GeometryError as error:
        call.fault([row], f"{call.where}: {error}", GeometryError)
        return shapely.Point()


def _in_place(function: Callable[[Any], Any]) -> Callable[..., Cells]:
    def apply(call: Call, geometry: Cells) -> Cells:
        found, crs = shapes(call, geometry)
        return Cells(to_wkb(np.asarray(function(found), np.object_)), crs=crs)

    return apply


for _name, _function in (
    ("centroid", _in_place(shapely.centroid)),
    ("envelope", _in_place(shapely.envelope)),
    ("makeValid", _in_place(shapely.make_valid)),
    ("simplify", _simplify),
    ("buffer", _buffer),
):
    register(GL + _name, _function, native=True)
