"""Pairs of geometries that meet, from the grids of two lanes."""

from __future__ import annotations

from typing import Final

import numpy as np

from ontology import Literal, is_geographic

from ..algebra import Call, Const, Window
from ..catalog import BoxGrid, LaneTable
from .estimate import Estimate
from .lanes import share_in_window
from .spread import Spread

UNKNOWN_PAIRS: Final = 1e-3
"""Share of all pairs that meet, where nothing is known."""
_METRES_PER_DEGREE: Final = 111_320.0
_MOST_LANES: Final = 3
"""Lanes of each side whose grids are compared."""
_TOUCHING: Final = 0.6
"""Pairs that meet of those whose boxes meet."""


def pair_share(left: Estimate, right: Estimate, condition: Call, names: tuple[str, str]) -> float:
    """Share of all pairs for which a condition between a variable of each side holds."""
    first, second = _grids_of(left, names[0]), _grids_of(right, names[1])
    if not first or not second:
        return UNKNOWN_PAIRS
    metres = _reach(condition)
    share = sum(
        ours * theirs * _meeting_share(grid, crs, lane, metres)
        for _, grid, crs, ours in first
        for lane, _, _, theirs in second
    )
    same = _same_share(left.spread, right.spread, names)
    return min(max(share if metres else share * _TOUCHING, same), 1.0)


def _same_share(left: Spread | None, right: Spread | None, names: tuple[str, str]) -> float:
    """Share of all pairs that are a geometry and itself, because both sides are one thing."""
    if left is None or right is None:
        return 0.0
    first, second = left.root(names[0]), right.root(names[1])
    if first not in left.shares or second not in right.shares:
        return 0.0
    pairs = left.shares[first] * right.shares[second] / left.sets.subjects
    return float(pairs[:-1].sum())


def _grids_of(estimate: Estimate, name: str) -> list[tuple[LaneTable, BoxGrid, str, float]]:
    """The lanes with a grid that a variable was read from, with CRS and share of the rows."""
    held = [
        (lane, lane.statistics.grid, lane.crs, rows)
        for lane, rows in estimate.lanes_of(name)
        if lane.statistics is not None and lane.statistics.grid is not None and lane.crs
    ]
    held = sorted(held, key=lambda found: -found[3])[:_MOST_LANES]
    total = sum(rows for *_, rows in held)
    return [(*found, rows / total) for *found, rows in held if rows > 0]  # type: ignore[misc]


def _reach(condition: Call) -> float:
    """The distance a comparison asks for, in metres."""
    for part in condition.args:
        if isinstance(part, Const) and isinstance(part.term, Literal):
            try:
                return max(float(part.term.lexical), 0.0)
            except ValueError:
                return 0.0
    return 0.0


def _meeting_share(grid: BoxGrid, crs: str, second: LaneTable, metres: float) -> float:
    """Cell by cell of a grid, which share of the lane's boxes meet a box that lies there."""
    counts = np.array(grid.counts, np.float64)
    reach = metres / _METRES_PER_DEGREE if is_geographic(crs) else metres
    met = sum(
        counts[k] * share_in_window(second, _around_cell(grid, k, crs, reach))
        for k in np.flatnonzero(counts).tolist()
    )
    return float(met / max(counts.sum(), 1.0))


def _around_cell(grid: BoxGrid, cell: int, crs: str, reach: float) -> Window:
    """A box of the mean size, widened by the distance, in the middle of a cell."""
    row, column = divmod(cell, grid.side)
    step_x = (grid.box[2] - grid.box[0]) / grid.side
    step_y = (grid.box[3] - grid.box[1]) / grid.side
    x, y = grid.box[0] + (column + 0.5) * step_x, grid.box[1] + (row + 0.5) * step_y
    wide, high = grid.width / 2 + reach, grid.height / 2 + reach
    return Window("", (x - wide, y - high, x + wide, y + high), crs)
