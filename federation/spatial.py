"""Nearness filters as windows: where a remote geometry must lie to matter at all.

A window only spares transfer. The filter itself is still evaluated locally, so a window may be
too large but never too small: boxes are widened by the distance at their latitude, and by what
the edges of a box bulge on a source that draws them as great circles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import (
    CRS84,
    IRI,
    WKT_LITERAL,
    GeoloomError,
    Literal,
    degree_margins,
    parse_wkt,
    read_wkb,
    transform,
    unit,
)
from store import algebra as al

from .scope import conjuncts, nodes
from .sources import Box

_GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
INTERSECTS: Final = _GEOF + "sfIntersects"
_DISTANCE: Final = _GEOF + "distance"
_MEETING: Final = frozenset(
    _GEOF + name
    for name in (
        *("sfIntersects", "sfWithin", "sfContains", "sfTouches", "sfOverlaps", "sfCrosses"),
        *("sfEquals", "ehInside", "ehContains", "ehMeet", "ehOverlap", "ehEquals", "ehCovers"),
        "ehCoveredBy",
    )
)
_CELLS: Final = 8  # along the longer side of all boxes
_ROUNDING: Final = 1e-6  # degrees
_PROJECTED: Final = 1.05  # metres of a projected plane against true ones

Boxes = npt.NDArray[np.float64]  # shape (n, 4): west, south, east, north


@dataclass(frozen=True, slots=True)
class Near:
    """Two geometries that every solution has within some metres of each other."""

    one: al.Var | Literal
    other: al.Var | Literal
    metres: float

    def partner(self, name: str) -> al.Var | Literal | None:
        """Return the other geometry if a variable is one of the two."""
        if self.one == al.Var(name):
            return self.other
        return self.one if self.other == al.Var(name) else None


def nearness(condition: al.Expr | None) -> tuple[Near, ...]:
    """Return what a filter says about pairs of geometries."""
    parts = () if condition is None else conjuncts(condition)
    return tuple(near for part in parts for near in _near(part))


def _near(expr: al.Expr) -> Iterator[Near]:
    match expr:
        case al.Call(op, (one, other)) if op in _MEETING:
            yield from _pair(one, other, 0.0)
        case al.Call("<" | "<=", (al.Call(op, args), limit)) if op == _DISTANCE:
            yield from _within(args, limit)
        case al.Call(">" | ">=", (limit, al.Call(op, args))) if op == _DISTANCE:
            yield from _within(args, limit)


def _within(args: tuple[al.Expr, ...], limit: al.Expr) -> Iterator[Near]:
    match args, limit:
        case (one, other, al.Const(IRI(uom))), al.Const(Literal(number)):
            try:
                measure, metres = unit(uom), float(number)
            except (GeoloomError, ValueError):
                return
            if measure.kind == "length" and np.isfinite(metres):
                yield from _pair(one, other, metres * measure.factor)


def _pair(one: al.Expr, other: al.Expr, metres: float) -> Iterator[Near]:
    ends = [_end(one), _end(other)]
    if ends[0] is not None and ends[1] is not None:
        yield Near(ends[0], ends[1], metres)


def _end(expr: al.Expr) -> al.Var | Literal | None:
    match expr:
        case al.Var():
            return expr
        case al.Const(Literal() as literal):
            return literal
    return None


def boxes_of(texts: pa.Array, metres: float) -> Boxes | None:
    """Return a few boxes in CRS84 degrees that hold everything within metres of some geometries.

    None when they cannot be boxed: over a pole or the antimeridian, or without a place there.
    """
    bounds = _bounds(pc.unique(texts))
    if bounds is None:
        return None
    if not len(bounds):
        return bounds
    cells = _merged(bounds)
    return _widened(cells, metres * _PROJECTED)


def _bounds(texts: pa.Array) -> Boxes | None:
    parsed = parse_wkt(texts)
    found: list[Boxes] = []
    for crs in pc.unique(parsed.crs.drop_null()).to_pylist():
        chosen = parsed.wkb.filter(pc.equal(parsed.crs, crs))
        geometries, _ = read_wkb(chosen)
        try:
            placed = transform(geometries, crs, CRS84)
        except GeoloomError:
            return None
        found.append(shapely.bounds(placed[~shapely.is_empty(placed)]).reshape(-1, 4))
    return np.concatenate(found) if found else np.empty((0, 4))


def _merged(bounds: Boxes) -> Boxes:
    """Unite boxes whose middles share a cell of a coarse grid."""
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    low = middles.min(axis=0)
    side = max(float((middles.max(axis=0) - low).max()) / _CELLS, 1e-9)
    column, row = np.minimum((middles - low) // side, _CELLS).T.astype(int)
    _, cell = np.unique(row * (_CELLS + 1) + column, return_inverse=True)
    merged = np.full((int(cell.max()) + 1, 4), np.inf)
    merged[:, 2:] = -np.inf
    np.minimum.at(merged[:, :2], cell, bounds[:, :2])
    np.maximum.at(merged[:, 2:], cell, bounds[:, 2:])
    return merged


def _widened(boxes: Boxes, metres: float) -> Boxes | None:
    out = np.empty_like(boxes)
    for i, (west, south, east, north) in enumerate(boxes):
        bulge = np.degrees(np.radians(east - west) ** 2 / 8) + _ROUNDING
        dx, dy = degree_margins(max(abs(south), abs(north)), metres)
        # a wider box bulges more and lies nearer to the pole: the second margin covers both
        dx, dy = degree_margins(max(abs(south), abs(north)) + dy + bulge, metres)
        bulge = np.degrees(np.radians(east - west + 2 * dx) ** 2 / 8) + _ROUNDING
        out[i] = (
            west - dx - _ROUNDING,
            south - dy - bulge,
            east + dx + _ROUNDING,
            north + dy + bulge,
        )
    inside = out[:, 0].min() > -180 and out[:, 2].max() < 180
    return out if inside and np.abs(out[:, [1, 3]]).max() < 90 else None


def meets(boxes: Boxes, box: Box) -> bool:
    """Return whether any of the boxes meets a box."""
    west, south, east, north = box
    hit = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
    return bool((hit & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)).any())


def window_filter(name: str, boxes: Boxes, plan: al.Plan) -> al.Filter:
    """Return the plan restricted to solutions whose geometry meets one of the boxes."""
    area = shapely.union_all(shapely.box(*boxes.T))
    text = shapely.to_wkt(area, rounding_precision=7, trim=True)
    constant = al.Const(Literal(text, WKT_LITERAL))
    return al.Filter(al.Call(INTERSECTS, (al.Var(name), constant)), plan)


def other_crs(name: str, plan: al.Plan) -> al.Plan | None:
    """Return the source's geometries that are not plain CRS84 text; a window needs that none is.

    Looks at all objects of the predicate that binds the variable; None if there is no such one.
    """
    predicates = {
        pattern.predicate
        for node in nodes(plan)
        if isinstance(node, al.Bgp) and node.graph is None
        for pattern in node.patterns
        if pattern.object == al.Var(name) and isinstance(pattern.predicate, IRI)
    }
    if len(predicates) != 1:
        return None
    text = al.Call("STR", (al.Var("w"),))

    def starts(prefix: str) -> al.Call:
        return al.Call("STRSTARTS", (text, al.Const(Literal(prefix))))

    foreign = al.Call("&&", (starts("<"), al.Call("!", (starts(f"<{CRS84}>"),))))
    pattern = al.TriplePattern(al.Var("s"), predicates.pop(), al.Var("w"))
    return al.Filter(foreign, al.Bgp((pattern,)))
