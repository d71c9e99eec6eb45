"""Geometries that are known while planning: literals, and what some functions make of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from ontology import (
    GEOMETRY_DATATYPES,
    IRI,
    GeoloomError,
    Literal,
    crs_iri,
    parse_geometries,
    transform,
    unit,
)

from ..algebra import Call, Const, Expr
from ..lower.geometry.columns import buffer
from .spatial_calls import GEOF

Geometry = tuple[shapely.Geometry, str]
"""A geometry, easting or longitude first, and the IRI of its CRS."""

_MADE: Final[dict[str, Callable[[Any], Any]]] = {
    GEOF + "envelope": shapely.envelope,
    GEOF + "convexHull": shapely.convex_hull,
    GEOF + "boundary": shapely.boundary,
    GEOF + "centroid": shapely.centroid,
    GEOF + "asWKT": lambda shape: shape,
}
_WIDER: Final = 1e-6
"""Share of a buffer's size its box may differ by from what is made at run time."""


def constant_geometry(expr: Expr) -> Geometry | None:
    """The geometry an expression is in every solution, or None if it is not known or is none.

    That of a buffer is a box around it.
    """
    match expr:
        case Const(Literal(text, datatype)) if datatype in GEOMETRY_DATATYPES:
            return _read(text, datatype)
        case Call(op, (inner,)) if op in _MADE:
            found = constant_geometry(inner)
            return None if found is None else (_MADE[op](found[0]), found[1])
        case Call(op, (inner, Const(target))) if op == GEOF + "transform":
            return _carried(constant_geometry(inner), target)
        case Call(op, (inner, Const(Literal(radius)))) if op == GEOF + "metricBuffer":
            return _buffered(constant_geometry(inner), radius, 1.0)
        case Call(op, (inner, Const(Literal(radius)), Const(IRI(name)))) if op == GEOF + "buffer":
            return _buffered(constant_geometry(inner), radius, _metres(name))
    return None


@lru_cache(maxsize=256)
def _read(text: str, datatype: str) -> Geometry | None:
    parsed = parse_geometries(pa.array([text], pa.string()), datatype)
    if parsed.problems:
        return None
    return shapely.from_wkb(parsed.wkb[0].as_py()), parsed.crs[0].as_py()


def _metres(name: str) -> float | None:
    try:
        found = unit(name)
    except GeoloomError:
        return None
    return found.factor if found.kind == "length" else None


def _carried(geometry: Geometry | None, target: Any) -> Geometry | None:
    name = getattr(target, "value", None) or getattr(target, "lexical", "")
    if geometry is None:
        return None
    try:
        crs = crs_iri(name)
        (moved,) = transform(np.array([geometry[0]]), geometry[1], crs)
    except GeoloomError:
        return None
    return moved, crs


def _buffered(geometry: Geometry | None, radius: str, factor: float | None) -> Geometry | None:
    if geometry is None or factor is None or geometry[0].is_empty:
        return None
    try:
        metres = float(radius) * factor
    except ValueError:
        return None
    wkb = pa.array([shapely.to_wkb(geometry[0])], pa.binary())
    made = buffer(wkb, pa.array([geometry[1]]), pa.array([metres]))[0].as_py()
    if made is None:
        return None
    west, south, east, north = shapely.bounds(shapely.from_wkb(made)).tolist()
    more = _WIDER * (max(east - west, north - south, 0.0) or 1.0)
    return shapely.box(west - more, south - more, east + more, north + more), geometry[1]
