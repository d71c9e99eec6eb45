"""The nearest few geometries are looked for in a box around a place, then everywhere.

``ORDER BY geof:distance(?g, …, uom:metre) LIMIT k`` need not measure how far everything is: a box
that holds everything within some metres, and k solutions that near, holds the answer. Preserves:
the answer, ties and the errors that come first included. May drop: nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import inf, sqrt
from typing import Final

import numpy as np
import shapely

from ontology import (
    CRS84,
    IRI,
    GeoloomError,
    Lane,
    crs_from,
    degree_margins,
    is_geographic,
    same_crs,
    transform,
)

from ..algebra import (
    Bgp,
    Call,
    Nearest,
    OrderBy,
    Plan,
    Project,
    Slice,
    Var,
    Window,
)
from ..catalog import LaneTable, Snapshot
from ..estimates import Estimator
from .spatial_bindings import bindings_of
from .spatial_calls import DISTANCES, metres_per_unit
from .spatial_constants import Geometry, constant_geometry
from .spatial_window import ROUND, STRETCH, stays_near, widened, with_window
from .walk import certain, everywhere, is_repeatable, substituted, told

MOST: Final = 10_000
"""Solutions asked for beyond which all are sorted."""
_FEW: Final = 500
"""Solutions that are sorted in no time."""
_SPARE: Final = 8
"""How many times more solutions than asked for a first box is to hold, by estimate."""
_GROWTH: Final = 8.0
_HALVED: Final = 3
_START: Final = 10.0
_FARTHEST: Final = 2e6
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Place:
    """Where distances are measured to: the variable's geometry is ``first`` in the call."""

    variable: str
    geometry: Geometry
    factor: float
    first: bool


def find_nearest(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Look for the first few by distance in boxes."""
    if snapshot is None:
        return plan
    estimator = Estimator(snapshot)

    def find(node: Plan) -> Plan:
        match node:
            case Slice(child, offset, int(limit), ()) if 0 < offset + limit <= MOST:
                found = _below(child, offset + limit, snapshot, estimator)
                return node if found is None else replace(node, child=found)
        return node

    return everywhere(plan, find)


def _below(plan: Plan, count: int, snapshot: Snapshot, estimator: Estimator) -> Plan | None:
    """The sorted solutions under a limit, with a search for the first of them."""
    match plan:
        case Project(names, child):
            found = _below(child, count, snapshot, estimator)
            return None if found is None else Project(names, found)
        case OrderBy((first, *_), child) if not first.descending:
            place = _place(substituted(first.expr, bindings_of(child)))
            if place is None or not _suits(place, child, snapshot):
                return None
            steps = _steps(place, child, count, snapshot, estimator)
            if not steps:
                return None
            return replace(plan, child=Nearest(child, first.expr, count, place.variable, steps))
    return None


def _place(expr: object) -> _Place | None:
    if not (isinstance(expr, Call) and expr.op in DISTANCES):
        return None
    factor = metres_per_unit(expr)
    if factor is None:
        return None
    for at in (0, 1):
        variable, other = expr.args[at], expr.args[1 - at]
        geometry = constant_geometry(other) if isinstance(variable, Var) else None
        if isinstance(variable, Var) and geometry is not None and not geometry[0].is_empty:
            return _Place(variable.name, geometry, factor, first=at == 0)
    return None


def _suits(place: _Place, child: Plan, snapshot: Snapshot) -> bool:
    """Whether all the geometries have a place in the CRS distances are taken in."""
    if place.variable not in certain(child) or not is_repeatable(child):
        return False
    lanes = _lanes(place.variable, child, snapshot)
    return bool(lanes) and all(_measurable(place, lane) for lane in lanes)


def _lanes(variable: str, plan: Plan, snapshot: Snapshot) -> list[LaneTable]:
    """The lanes of geometries that a variable is read from."""
    names: set[str | None] = set()

    def note(bgp: Bgp) -> Bgp:
        for pattern in bgp.patterns:
            if pattern.object == Var(variable):
                known = isinstance(pattern.predicate, IRI)
                names.add(pattern.predicate.value if known else None)  # type: ignore[union-attr]
        return bgp

    told(plan, variable, note)
    geometries = (lane for lane in snapshot.lanes if lane.lane is Lane.GEOMETRY)
    return [lane for lane in geometries if None in names or lane.predicate in names]


def _measurable(place: _Place, lane: LaneTable) -> bool:
    shape, crs = place.geometry
    if lane.crs is None or not stays_near(lane):
        return False
    if same_crs(lane.crs, crs):
        return True
    if not place.first:
        return False
    try:
        moved = transform(np.array([shape]), crs, lane.crs)
    except GeoloomError:
        return False
    return bool(np.isfinite(shapely.bounds(moved)).all())


def _steps(
    place: _Place, child: Plan, count: int, snapshot: Snapshot, estimator: Estimator
) -> tuple[tuple[Window, float], ...]:
    """A box that is expected to hold enough."""
    everything = estimator.of(child).rows
    wanted = _SPARE * count + 16.0
    if everything <= max(_FEW, wanted):
        return ()
    systems = {lane.crs for lane in _lanes(place.variable, child, snapshot) if lane.crs}

    def held(metres: float) -> float:
        window = _around(place, metres, systems)
        if window is None:
            return inf
        inside = told(child, place.variable, partial(with_window, window))
        return estimator.of(inside).rows

    metres = _radius(held, wanted)
    if held(metres) > everything / 2:
        return ()
    box = _around(place, metres, systems)
    return () if box is None else ((box, metres / place.factor),)


def _radius(held: Callable[[float], float], wanted: float) -> float:
    """About the least radius within which there is as much as is wanted."""
    low = high = _START
    while held(high) < wanted and high < _FARTHEST:
        low, high = high, high * _GROWTH
    for _ in range(_HALVED):
        middle = sqrt(low * high)
        low, high = (low, middle) if held(middle) >= wanted else (middle, high)
    return high


def _around(place: _Place, metres: float, systems: set[str]) -> Window | None:
    """A box that holds everything within a distance."""
    shape, crs = place.geometry
    if is_geographic(crs) or not all(same_crs(crs, one) for one in systems):
        degrees = all(map(is_geographic, (crs, *systems)))
        found = widened(place.variable, shape, crs, metres * (1.0 if degrees else STRETCH))
        return _all_the_way_round(place, metres) if found is None and degrees else found
    size = metres / crs_from(crs).axis_info[0].unit_conversion_factor * (1 + _ROUNDING)
    west, south, east, north = shape.bounds
    return Window(place.variable, (west - size, south - size, east + size, north + size), crs)


def _all_the_way_round(place: _Place, metres: float) -> Window | None:
    """All longitudes: a box at the antimeridian or a pole."""
    shape, crs = place.geometry
    try:
        moved = transform(shapely.points(shapely.get_coordinates(shape)), crs, CRS84)
    except GeoloomError:
        return None
    _, south, _, north = shapely.total_bounds(moved).tolist()
    above = degree_margins(0.0, metres)[1]
    if not np.isfinite(south + north):
        return None
    return Window(place.variable, (-ROUND, south - above, ROUND, north + above), CRS84)
