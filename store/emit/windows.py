"""Constant windows: files and rows whose boxes cannot meet the window are not read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from pyproj import Transformer
from pyproj.exceptions import ProjError

from ontology import crs_from

from ..algebra import Window
from ..catalog import LaneFile, LaneTable
from ..lower import sql
from ..values import Facet, Value
from .relation import Sql

Box = tuple[float, float, float, float]
_MARGIN = 0.02


def files_in(files: Sequence[LaneFile], lane: LaneTable, window: Window) -> tuple[LaneFile, ...]:
    """The files of a geometry lane that can hold geometries of the window."""
    box = box_in(window, lane.crs)
    if box is None:
        return tuple(files)
    return tuple(file for file in files if file.box is None or meet(file.box, box))


def box_conditions(crs: str | None, window: Window, geometry: Value) -> list[Sql]:
    """SQL conditions on the box of stored geometries of one CRS.

    The window is rounded outward to FLOAT: with a DOUBLE, DuckDB casts the column and skips no
    row group (8 against 37 ms for a hundredth of 2 M rows).
    """
    if window.empty:
        return [sql.is_null(geometry.get("xmin"))]
    box = box_in(window, crs)
    if box is None:
        return []
    sides: tuple[tuple[Facet, str, int], ...]
    sides = (("xmin", "<=", 2), ("ymin", "<=", 3), ("xmax", ">=", 0), ("ymax", ">=", 1))
    return [
        sql.binary(
            op, geometry.get(side), sql.float_beyond(box[at], math.inf if op == "<=" else -math.inf)
        )
        for side, op, at in sides
    ]


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes share a point."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def box_in(window: Window, crs: str | None) -> Box | None:
    """A box in a CRS that holds all of the window; None where it cannot be told."""
    if crs is None or window.empty:
        return None
    return window.box if crs == window.crs else _transformed(window.box, window.crs, crs)


@lru_cache(maxsize=256)
def _transformed(box: Box, source: str, target: str) -> Box | None:
    """The box in another CRS with a margin, or None where it cannot be told."""
    try:
        transformer = Transformer.from_crs(crs_from(source), crs_from(target), always_xy=True)
        found = transformer.transform_bounds(*box, densify_pts=51, errcheck=True)
    except (ProjError, ValueError):
        return None
    if not all(math.isfinite(side) for side in found) or found[0] > found[2]:
        return None
    pad = _MARGIN * max(found[2] - found[0], found[3] - found[1])
    return (found[0] - pad, found[1] - pad, found[2] + pad, found[3] + pad)
