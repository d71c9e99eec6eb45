"""Shares of a lane's rows, from its statistics.

Frequent objects are counted, the others taken as equally many each (Selinger et al., SIGMOD 1979;
Ioannidis and Poosala, SIGMOD 1995); ranges come from bins of equal height (Piatetsky-Shapiro and
Connell, SIGMOD 1984), windows from a grid of box centres, widened by the mean box (Acharya,
Poosala and Ramaswamy, SIGMOD 1999). Where nothing was measured the constants are System R's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import lru_cache

import numpy as np
import shapely

from ontology import GeoloomError, transform

from ..algebra import Window
from ..catalog import BoxGrid, LaneTable
from .constants import Key

UNKNOWN_EQUAL = 0.1
UNKNOWN_RANGE = 1 / 3
_WHOLE = 0.99
"""Share of the rows from which on the frequent objects are taken for all of them."""

Box = tuple[float, float, float, float]


def distinct_subjects(lane: LaneTable) -> float:
    """Different subjects of a lane, at most its rows."""
    return float(max(min(lane.distinct_subjects or lane.rows, lane.rows), 1))


def distinct_objects(lane: LaneTable) -> float:
    """Different objects of a lane; geometries count as all different."""
    known = lane.distinct_objects
    if known is None:
        known = lane.rows if lane.crs else round(1 / UNKNOWN_EQUAL)
    return float(max(min(known, lane.rows), 1))


def share_equal(lane: LaneTable, key: Key | None) -> float:
    """Share of the rows with one object; ``key`` None for an object that has no key."""
    distinct = distinct_objects(lane)
    held = lane.statistics
    if held is None or key is None:
        return 1 / distinct
    common = dict(held.common)
    measured = max(held.rows, 1)
    if key in common:
        return min(common[key] / measured, 1.0)
    rest = max(1 - sum(common.values()) / measured, held.changed / max(lane.rows, 1))
    others = max(distinct - len(common), 1.0 if held.changed else 0.0)
    return min(rest / others, 1.0) if others >= 1 else 0.0


def share_between(
    lane: LaneTable,
    low: float | None,
    high: float | None,
    *,
    with_low: bool = True,
    with_high: bool = True,
) -> float:
    """Share of the rows whose number or time lies in an interval; None is no bound."""
    held = lane.statistics
    if held is None or not held.bounds:
        return UNKNOWN_RANGE
    if sum(rows for _, rows in held.common) >= _WHOLE * held.rows:
        inside = (
            rows
            for value, rows in held.common
            if _above(float(value), low, with_low) and _below(float(value), high, with_high)
        )
        return min(sum(inside) / max(held.rows, 1), 1.0)
    below = 1.0 if high is None else _share_below(lane, held.bounds, high, with_equal=with_high)
    under = 0.0 if low is None else _share_below(lane, held.bounds, low, with_equal=not with_low)
    return max(below - under, 0.0)


def _above(value: float, low: float | None, with_equal: bool) -> bool:
    return low is None or value > low or (with_equal and value == low)


def _below(value: float, high: float | None, with_equal: bool) -> bool:
    return high is None or value < high or (with_equal and value == high)


def _share_below(
    lane: LaneTable, bounds: tuple[float, ...], value: float, *, with_equal: bool
) -> float:
    bins = len(bounds) - 1
    if value > bounds[-1]:
        return 1.0
    if value < bounds[0]:
        return 0.0
    first, past = bisect_left(bounds, value), bisect_right(bounds, value)
    if not with_equal:
        return _at(bounds, first, value) / bins if first else 0.0
    through = 1.0 if past > bins else _at(bounds, past, value) / bins
    smaller = _at(bounds, first, value) / bins if first else 0.0
    return min(max(through, smaller + share_equal(lane, value)), 1.0)


def _at(bounds: tuple[float, ...], after: int, value: float) -> float:
    """Bins below a value in the bin that ends at ``bounds[after]``, the last one in part."""
    low, high = bounds[after - 1], bounds[after]
    part = (value - low) / (high - low) if high > low else 1.0
    return after - 1 + part


def share_in_graphs(lane: LaneTable, graphs: Collection[int] | None) -> float:
    """Share of the rows in some named graphs, given by id, or in the default graph if None."""
    if not lane.has_graphs:
        return 1.0 if graphs is None else 0.0
    if lane.statistics is None or not lane.statistics.graphs:
        return 0.5
    held = dict(lane.statistics.graphs)
    wanted = [None] if graphs is None else list(graphs)
    rest = max(1 - sum(held.values()) / max(lane.statistics.rows, 1), 0.0)
    found = sum(held.get(graph, 0) for graph in wanted) / max(lane.statistics.rows, 1)
    return min(found + (rest if any(graph not in held for graph in wanted) else 0.0), 1.0)


def share_in_window(lane: LaneTable, window: Window) -> float:
    """Share of a geometry lane's rows whose boxes meet a window."""
    box = box_in(window, lane.crs)
    if box is None:
        return 1.0
    if lane.statistics is None or lane.statistics.grid is None:
        met = sum(file.rows for file in lane.files if file.box is None or _meet(file.box, box))
        return met / max(lane.rows, 1)
    return _share_of_grid(lane.statistics.grid, box)


def _meet(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _share_of_grid(grid: BoxGrid, box: Box) -> float:
    columns = _overlaps(grid.box[0], grid.box[2], grid.side, box[0], box[2], grid.width)
    rows = _overlaps(grid.box[1], grid.box[3], grid.side, box[1], box[3], grid.height)
    counts = np.array(grid.counts, np.float64).reshape(grid.side, grid.side)
    return float(rows @ counts @ columns / max(counts.sum(), 1.0))


def _overlaps(
    start: float, end: float, side: int, low: float, high: float, extent: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Part of each cell's width in which a centre's box of mean extent meets the interval."""
    edges = np.linspace(start, end, side + 1)
    met = np.minimum(edges[1:], high + extent / 2) - np.maximum(edges[:-1], low - extent / 2)
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = np.clip(met / np.diff(edges), 0.0, 1.0)
    return found


def box_in(window: Window, crs: str | None) -> Box | None:
    """The window's box in another CRS, None where that cannot be told."""
    if crs is None:
        return None
    return window.box if crs == window.crs else _moved(window.box, window.crs, crs)


@lru_cache(maxsize=256)
def _moved(box: Box, source: str, target: str) -> Box | None:
    x, y = np.meshgrid(np.linspace(box[0], box[2], 9), np.linspace(box[1], box[3], 9))
    places = shapely.multipoints(np.column_stack([x.ravel(), y.ravel()]))
    try:
        moved = transform(np.array([places]), source, target)
    except GeoloomError:
        return None
    west, south, east, north = shapely.bounds(moved[0]).tolist()
    return (west, south, east, north) if np.isfinite([west, south, east, north]).all() else None
