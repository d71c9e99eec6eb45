"""Literals of a discrete global grid: cells of H3 (GeoSPARQL 1.1, section 8.5.5).

``<https://h3geo.org/res/N> CELL (cell)`` or ``… CELLLIST ((cell cell))``: the area of the cells
at resolution N. Coarser cells stand for all their descendants at N, so lists may be compact.
"""

from __future__ import annotations

import re
from typing import Any, Final

import h3
import numpy as np
import shapely

from .cells import POLE as _POLE
from .cells import TURN as _TURN
from .cells import cells_of, resolution_of, wrapped
from .coordinates import Coordinates, Geometries
from .errors import UnsupportedError
from .readings import Reading, Unreadable

H3: Final = "https://h3geo.org/res/"
"""Followed by a resolution, 0 to 15, the IRI of a grid."""

_LITERAL: Final = re.compile(r"\s*<([^<>]*)>\s*([A-Za-z]+)\s*\((.*)\)\s*", re.DOTALL)
_IRI: Final = re.compile(r"https?://h3geo\.org/?(?:res/(\d{1,2})/?)?")
_FINEST: Final = 15
_CELL: Final = re.compile(r"[0-9a-fA-F]{15,16}")
_LISTS: Final = ("CELLLIST", "CELLIST")
_MOST_READ: Final = 200_000
_GRID: Final = 1e-9  # degrees; corners of neighbours differ in the last bits


def read_dggs(texts: list[str | None]) -> Reading:
    """Read lists of cells as polygons in CRS84, cut at the antimeridian."""
    found = np.full(len(texts), None, object)
    reasons: dict[int, str] = {}
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            found[row] = _area(*_cells(text))
        except Unreadable as error:
            reasons[row] = str(error)
        except h3.H3BaseException as error:
            reasons[row] = f"H3 refuses its cells: {error}"
    return Reading(found, None, reasons)


def _cells(text: str) -> tuple[list[str], int]:
    """Cells of a literal and the resolution to read them at."""
    literal = _LITERAL.fullmatch(text)
    if literal is None:
        raise Unreadable("it has not the form <IRI of a grid> CELLLIST ((cell cell))")
    iri, kind, inner = literal.groups()
    resolution = _resolution(iri)
    if inner.lstrip().startswith("("):
        inner = inner.strip()[1:].removesuffix(")")
    cells = sorted({_cell(word) for word in re.split(r"[\s,]+", inner) if word})
    if kind.upper() not in ("CELL", *_LISTS):
        raise Unreadable(f"{kind} is none of CELL, CELLLIST")
    if kind.upper() == "CELL" and len(cells) != 1:
        raise Unreadable(f"a CELL has {len(cells)} cells, not one")
    finest = max(map(h3.get_resolution, cells), default=0)
    if resolution is not None and finest > resolution:
        raise Unreadable(f"a cell of resolution {finest} is finer than the grid, {resolution}")
    return cells, finest if resolution is None else resolution


def _resolution(iri: str) -> int | None:
    named = _IRI.fullmatch(iri)
    if named is None:
        raise Unreadable(f"the grid <{iri}> is not supported, only H3: <{H3}0> to <{H3}{_FINEST}>")
    if named[1] is None:
        return None
    if int(named[1]) > _FINEST:
        raise Unreadable(f"H3 has no resolution {named[1]}")
    return int(named[1])


def _cell(word: str) -> str:
    word = word.strip("'\"").lower()
    if not _CELL.fullmatch(word) or not h3.is_valid_cell(word):
        raise Unreadable(f"{word[:40]!r} is no cell of H3")
    return word.lstrip("0")


def _area(cells: list[str], resolution: int) -> Any:
    if not cells:
        return shapely.MultiPolygon()
    size = sum(h3.cell_to_children_size(cell, resolution) for cell in cells)
    if size > _MOST_READ:
        raise Unreadable(f"it stands for {size} cells, over {_MOST_READ}")
    cells = sorted(set(h3.uncompact_cells(cells, resolution)))
    outline = h3.cells_to_h3shape(cells, tight=False)
    rings = [_unwrapped(ring) for poly in outline for ring in (poly.outer, *poly.holes)]
    if max(east - west for west, east in map(_span, rings)) < _TURN / 2:
        return _cut([_polygon(poly.outer, poly.holes) for poly in outline])
    return _cut([_polygon(h3.cell_to_boundary(cell), ()) for cell in cells])


def _span(ring: Coordinates) -> tuple[float, float]:
    return float(ring[:, 0].min()), float(ring[:, 0].max())


def _polygon(outer: Any, holes: Any) -> Any:
    """Polygon of rings in latitude and longitude, its longitudes without a jump."""
    shell = _unwrapped(outer)
    if abs(shell[-1, 0] - shell[0, 0]) > _TURN / 2:  # it goes around a pole
        pole = np.sign(shell[:, 1].mean()) * _POLE
        shell = np.vstack([shell, [[shell[-1, 0], pole], [shell[0, 0], pole], shell[0]]])
    middle = shell[:, 0].mean()
    inner = []
    for hole in map(_unwrapped, holes):
        hole[:, 0] += np.round((middle - hole[:, 0].mean()) / _TURN) * _TURN
        inner.append(hole)
    return shapely.Polygon(shell, inner)


def _unwrapped(ring: Any) -> Coordinates:
    """Closed ring, longitude first."""
    rows: Coordinates = np.array([*ring, ring[0]])[:, ::-1].copy()
    rows[:, 0] = np.unwrap(rows[:, 0], period=_TURN)
    return rows


def _cut(polygons: list[Any]) -> Any:
    """Polygons cut at the antimeridian; those that came from single cells are joined."""
    column = np.array(polygons, object)
    bounds = shapely.bounds(column)
    if np.abs(bounds[:, [0, 2]]).max() <= _TURN / 2:
        return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return shapely.union_all(wrapped(column), grid_size=_GRID)


def write_dggs(geometries: Geometries, grid: str = "") -> list[str | None]:
    """Write geometries in CRS84 as cells of H3; None for None and for no place on Earth.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
    grid : str, optional
        IRI of a grid, ``https://h3geo.org/res/N``.

    Raises
    ------
    UnsupportedError
        The IRI is of no grid of H3.

    Notes
    -----
    Without a resolution it is the finest at which area and length need no more than a thousand
    cells of mean size; points alone are at the finest. A polygon is written as the cells whose
    centres it holds, a line as the cells it meets. Z and M have no place in cells. More cells
    than are read again are not written: None.
    """
    try:
        resolution = _resolution(grid) if grid else None
    except Unreadable as error:
        raise UnsupportedError("This grid is not supported", why=str(error)) from error
    valid = np.where(shapely.is_valid(geometries), geometries, shapely.make_valid(geometries))
    return [None if one is None else _written(one, resolution) for one in valid]


def _written(geometry: Any, resolution: int | None) -> str | None:
    if geometry.is_empty:
        return f"<{H3}0> CELLLIST (())"
    west, south, east, north = geometry.bounds
    if south < -_POLE or north > _POLE or west < -_TURN or east > _TURN:
        return None
    if resolution is None:
        resolution = resolution_of(geometry)
    found = cells_of(geometry, resolution)
    if len(found) > _MOST_READ:
        return None
    cells = sorted(h3.compact_cells(found))
    if len(cells) == 1:
        return f"<{H3}{resolution}> CELL ({cells[0]})"
    return f"<{H3}{resolution}> CELLLIST (({' '.join(cells)}))"
