"""Boxes of constant geometries, given to the scans of the geometries compared with them.

Preserves: the answer (the filter stays). May drop: nothing. A scan skips files and rows whose boxes
lie outside; a distance widens the box, in degrees that grow with latitude.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from ontology import CRS84, IRI, GeoloomError, Term, degree_margins, is_geographic, transform

from ..algebra import (
    Bgp,
    Call,
    Const,
    Expr,
    Extend,
    Filter,
    Join,
    Plan,
    SpatialJoin,
    TriplePattern,
    Values,
    Var,
    Window,
    child_plans,
)
from ..catalog import LaneTable, Snapshot
from ..conditions import conjuncts, disjuncts
from .spatial_calls import DISTANCES, GEOF, meeting, parts_of
from .spatial_constants import Geometry, constant_geometry
from .walk import everywhere, told

Geometries = tuple[Geometry, ...]

_WITHIN_BOX: Final = frozenset(
    GEOF + name for name in ("envelope", "convexHull", "boundary", "centroid", "asWKT")
)
_MOST_LISTED: Final = 1000
_POINTS = 25
ROUND = 180.0001
STRETCH = 1.25  # metres on the ellipsoid against those of a projected CRS


def add_windows(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Push the boxes of constant geometries down to the triple patterns."""
    far = () if snapshot is None else [one for one in snapshot.lanes if not stays_near(one)]

    def add(node: Plan) -> Plan:
        match node:
            case Filter(condition):
                parts = list(conjuncts(condition))
            case SpatialJoin(_, _, condition, residual):
                parts = [condition, *residual]
            case _:
                return node
        listed = listed_geometries(node)
        for part in parts:
            window = window_of(part, listed)
            if window is not None:
                beyond = far if _reaches(part) else ()
                tell = partial(with_window, window, beyond=beyond)
                node = told(node, window.variable, tell)
        return node

    return everywhere(plan, add)


def _reaches(expr: Expr) -> bool:
    """Whether distances are among what an expression compares."""
    return any(isinstance(one, Call) and one.op in DISTANCES for one in parts_of(expr))


def window_of(expr: Expr, listed: Mapping[str, Geometries] = MappingProxyType({})) -> Window | None:
    """The box that a geometry must meet for a condition to hold, or None if there is none.

    ``listed`` are variables that can only be some constants.
    """
    found = meeting(expr)
    if found is None:
        branches = list(disjuncts(expr))
        return _all_around([window_of(one, listed) for one in branches]) if branches[1:] else None
    if found.limit is not None:
        return None
    for mine, other, planar in (
        (found.first, found.second, True),
        (found.second, found.first, False),
    ):
        variable = _boxed(mine)
        constants = _constants(other, listed) if variable else None
        if constants:
            return _all_around(
                [_around(variable, one, found.metres, planar=planar) for one in constants]
            )
    return None


def _all_around(windows: Sequence[Window | None]) -> Window | None:
    """The box around windows of one variable; None if one of them may be anywhere."""
    found = [window for window in windows if window is not None]
    if len(found) < len(windows) or len({window.variable for window in found}) != 1:
        return None
    if len({window.crs for window in found}) > 1:
        return _all_around([_in_crs84(window) for window in found])
    sides = np.array([window.box for window in found])
    low, high = sides[:, :2].min(axis=0), sides[:, 2:].max(axis=0)
    return Window(found[0].variable, (*low.tolist(), *high.tolist()), found[0].crs)


def _in_crs84(window: Window) -> Window | None:
    return widened(window.variable, shapely.box(*window.box), window.crs, 0.0)


def _boxed(expr: Expr) -> str:
    """The variable whose box holds that of a geometry made of it; empty if there is none."""
    match expr:
        case Var(name):
            return name
        case Call(op, (inner,)) if op in _WITHIN_BOX:
            return _boxed(inner)
    return ""


def _constants(expr: Expr, listed: Mapping[str, Geometries]) -> Geometries | None:
    if isinstance(expr, Var):
        return listed.get(expr.name)
    found = constant_geometry(expr)
    return None if found is None else (found,)


def listed_geometries(plan: Plan) -> dict[str, Geometries]:
    """Variables that VALUES binds to geometries, among what a plan joins."""
    match plan:
        case Filter(child=child) | Extend(child=child):
            return listed_geometries(child)
        case Join(left, right) | SpatialJoin(left, right):
            return {**listed_geometries(left), **listed_geometries(right)}
        case Values(variables, rows) if 0 < len(rows) <= _MOST_LISTED:
            columns = zip(variables, zip(*rows, strict=True), strict=True)
            return {name: made for name, terms in columns if (made := _all_read(terms))}
    return {}


def _all_read(terms: Sequence[Term | None]) -> Geometries | None:
    found = [None if term is None else constant_geometry(Const(term)) for term in terms]
    read = tuple(one for one in found if one is not None)
    return read if len(read) == len(terms) else None


def _around(variable: str, geometry: Geometry, metres: float, *, planar: bool) -> Window | None:
    """The window; ``planar`` if distances may be taken in a projected CRS of the variable."""
    shape, crs = geometry
    if shape.is_empty:
        return None
    if not metres:
        return Window(variable, shape.bounds, crs)
    stretch = STRETCH if planar or not is_geographic(crs) else 1.0
    return widened(variable, shape, crs, metres * stretch)


def widened(variable: str, geometry: shapely.Geometry, crs: str, metres: float) -> Window | None:
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


def stays_near(lane: LaneTable) -> bool:
    """Whether the lane's places have one longitude: what lies beyond 180 degrees has two."""
    if lane.crs is None or not is_geographic(lane.crs):
        return True
    boxes = [file.box for file in lane.files if file.box is not None]
    return all(box[0] >= -ROUND and box[2] <= ROUND for box in boxes)


def _reads(pattern: TriplePattern, lanes: Sequence[LaneTable]) -> bool:
    predicate = pattern.predicate
    return any(not isinstance(predicate, IRI) or predicate.value == one.predicate for one in lanes)


def has_window(plan: Plan, window: Window) -> bool:
    """Whether a triple pattern of a plan is told of a window of this variable."""
    if isinstance(plan, Bgp):
        return any(one.variable == window.variable for one in plan.windows)
    return any(has_window(child, window) for child in child_plans(plan))


def with_window(window: Window, plan: Bgp, *, beyond: Sequence[LaneTable] = ()) -> Bgp:
    """A basic graph pattern with a window, if the variable is an object in it.

    Not if it may be read from lanes ``beyond`` what the window can tell of.
    """
    own = [one for one in plan.patterns if one.object == Var(window.variable)]
    if not own or window in plan.windows or any(_reads(one, beyond) for one in own):
        return plan
    return replace(plan, windows=(*plan.windows, window))
