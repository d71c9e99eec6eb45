"""Pairs within a distance in true metres."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import (
    CRS84,
    UsageError,
    crs_from,
    degree_margin_columns,
    is_geographic,
    metres_distance,
)

from .candidates import Boxes, Pairs, Rows, TreeFilter
from .layer import GeometryColumn, Layer, read_layer
from .link import pair_chunks

_ROUNDING: Final = 1 + 1e-9


def within_metres(
    source: GeometryColumn, target: GeometryColumn, metres: float
) -> Iterator[pa.Table]:
    """Yield tables (source, target, metres) of all pairs at most ``metres`` apart.

    Geodesic on WGS84 where the source's CRS is geographic, planar in the source's CRS where
    that is projected; the target is carried into it. Pairs that intersect are 0 apart.

    Parameters
    ----------
    source, target : GeometryColumn
    metres : float
        The greatest distance, inclusive.

    Raises
    ------
    UsageError
        ``metres`` is negative or not finite.
    """
    if not (isfinite(metres) and metres >= 0):
        raise UsageError(
            "A distance must be a finite number of metres, 0 or more", where=repr(metres)
        )
    crs = CRS84 if is_geographic(source.crs) else source.crs
    left, right = read_layer(source, crs), read_layer(target, crs)
    if not (len(left.geometries) and len(right.geometries)):
        return
    finder = _WidenedFilter(left.boxes, right.boxes, metres, crs)
    for pairs in pair_chunks(finder, len(left.geometries)):
        yield _near(left, right, finder, pairs, metres, crs)


def _near(
    left: Layer, right: Layer, finder: _WidenedFilter, pairs: Pairs, metres: float, crs: str
) -> pa.Table:
    source, target = pairs
    heavy = left.vertices[source] >= right.vertices[target]
    ours, theirs = left.geometries[source], right.geometries[target]
    first, second = np.where(heavy, ours, theirs), np.where(heavy, theirs, ours)
    shapely.prepare(first)
    likely = np.flatnonzero(shapely.dwithin(first, second, finder.reach(source)))
    apart = metres_distance(first[likely], second[likely], crs)
    shapely.destroy_prepared(first)
    near = likely[apart <= metres]
    return pa.table(
        {
            "source": left.ids.take(pa.array(source[near])),
            "target": right.ids.take(pa.array(target[near])),
            "metres": pa.array(apart[apart <= metres], pa.float64()),
        }
    )


class _WidenedFilter:
    """Boxes of the source widened by the distance; a turn further where they pass 180 degrees."""

    def __init__(self, source: Boxes, target: Boxes, metres: float, crs: str) -> None:
        self._count = len(source)
        self._boxes = _widened(source, metres, crs)
        self._margins = self._boxes[:, 2:] - source[:, 2:]
        self._turns = (0.0, 360.0, -360.0) if is_geographic(crs) else (0.0,)
        turned = [self._boxes + np.array([turn, 0, turn, 0]) for turn in self._turns]
        self._filter = TreeFilter(np.concatenate(turned), target)

    def candidates(self, rows: Rows) -> Pairs:
        """See :class:`interlink.CandidateFilter`."""
        asked = [
            rows[self._passes(rows, turn)] + number * self._count
            for number, turn in enumerate(self._turns)
        ]
        source, target = self._filter.candidates(np.concatenate(asked))
        pairs = np.unique(np.column_stack([source % self._count, target]), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def reach(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Planar distance, in the CRS's unit, beyond which no target can be near a source.

        There is none for a source that reaches over the antimeridian.
        """
        east, north = self._margins[rows].T
        reach: npt.NDArray[np.float64] = np.hypot(east, north)
        if len(self._turns) > 1:
            reach[self._passes(rows, 360.0) | self._passes(rows, -360.0)] = np.inf
        return reach

    def _passes(self, rows: Rows, turn: float) -> npt.NDArray[np.bool_]:
        if turn == 0:
            return np.ones(len(rows), bool)
        boxes = self._boxes[rows]
        return np.asarray(boxes[:, 0] < -180 if turn > 0 else boxes[:, 2] > 180)


def _widened(boxes: Boxes, metres: float, crs: str) -> Boxes:
    if is_geographic(crs):
        highest = np.abs(boxes[:, [1, 3]]).max(axis=1)
        east, north = degree_margin_columns(highest, metres)
    else:
        unit = crs_from(crs).axis_info[0].unit_conversion_factor
        east = north = np.full(len(boxes), metres / unit * _ROUNDING)
    return boxes + np.column_stack([-east, -north, east, north])
