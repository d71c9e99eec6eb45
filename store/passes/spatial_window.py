"""Boxes of constant geometries, given to the scans of the geometries compared with them.

Preserves: the answer (the filter stays). May drop: nothing. A scan skips files and rows whose boxes
lie outside; a distance widens the box, in degrees that grow with latitude.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import (
    CRS84,
    WKT_LITERAL,
    GeoloomError,
    Literal,
    degree_margins,
    is_geographic,
    parse_wkt,
    transform,
)

from ..algebra import (
    Bgp,
    Const,
    Expr,
    Filter,
    Plan,
    Var,
    Window,
)
from ..catalog import Snapshot
from ..conditions import conjuncts
from .spatial_calls import Meeting, meeting
from .walk import everywhere, told

_POINTS = 25
_STRETCH = 1.25  # metres on the ellipsoid against those of a projected CRS


def add_windows(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Push the boxes of constant geometries down to the triple patterns."""

    def add(node: Plan) -> Plan:
        if not isinstance(node, Filter):
            return node
        child = node.child
        for part in conjuncts(node.condition):
            window = _window(part)
            if window is not None:
                child = told(child, window.variable, partial(_with_window, window))
        return Filter(node.condition, child)

    return everywhere(plan, add)


def _window(expr: Expr) -> Window | None:
    found = meeting(expr)
    if found is None:
        return None
    match found.first, found.second:
        case (Var(name), Const(Literal(text, datatype))) if datatype == WKT_LITERAL:
            return _around(name, text, found, planar=True)
        case (Const(Literal(text, datatype)), Var(name)) if datatype == WKT_LITERAL:
            return _around(name, text, found, planar=False)
    return None


def _around(variable: str, text: str, found: Meeting, *, planar: bool) -> Window | None:
    """The window; ``planar`` if distances may be taken in a projected CRS of the variable."""
    parsed = parse_wkt(pa.array([text], pa.string()))
    if parsed.problems:
        return None
    geometry = shapely.from_wkb(parsed.wkb[0].as_py())
    crs = parsed.crs[0].as_py()
    if geometry.is_empty:
        return None
    if not found.metres:
        return Window(variable, geometry.bounds, crs)
    stretch = _STRETCH if planar or not is_geographic(crs) else 1.0
    return _widened(variable, geometry, crs, found.metres * stretch)


def _widened(variable: str, geometry: shapely.Geometry, crs: str, metres: float) -> Window | None:
    """The box in CRS84 of all places within a distance; None near the date line and poles."""
    try:
        moved = transform(_grid(geometry), crs, CRS84)
        west, south, east, north = shapely.total_bounds(moved).tolist()
    except GeoloomError:
        return None
    beside, above = degree_margins(max(abs(south), abs(north)), metres)
    widened = (west - beside, south - above, east + beside, north + above)
    inside = widened[0] >= -180 and widened[2] <= 180 and widened[1] > -90 and widened[3] < 90
    if not inside or not all(map(math.isfinite, widened)):
        return None
    return Window(variable, widened, CRS84)


def _grid(geometry: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Points all over the box, since its edges bend in another CRS."""
    west, south, east, north = geometry.bounds
    x, y = np.meshgrid(np.linspace(west, east, _POINTS), np.linspace(south, north, _POINTS))
    return np.asarray(shapely.points(x.ravel(), y.ravel()), dtype=object)


def _with_window(window: Window, plan: Bgp) -> Bgp:
    objects = [pattern.object for pattern in plan.patterns]
    if Var(window.variable) not in objects or window in plan.windows:
        return plan
    return replace(plan, windows=(*plan.windows, window))
