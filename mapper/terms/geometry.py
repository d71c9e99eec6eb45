"""Geometry columns to GEOMETRY term columns in the CRS the mapping wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import (
    CRS84,
    CRSError,
    GeometryError,
    Lane,
    TermColumn,
    crs_from,
    crs_iri,
    move_wkb,
    parse_wkt,
    read_boxes,
    read_wkb,
    surely_valid,
    transform,
)

from .cells import Cells
from .faults import Faults

_DEGREES: Final = (360.0, 90.0 + 1e-6)
"""Greatest longitude (from -180 or from 0) and latitude, with some rounding at the pole."""

SOURCE: Final = "source"
"""Value of ``gl:targetCRS`` that keeps the CRS of the source."""


def geometry_columns(
    cells: Cells, target: str | None, declared: str | None, faults: Faults, where: str
) -> list[TermColumn]:
    """GEOMETRY columns of a geometry column, or of a column of WKT texts.

    Parameters
    ----------
    cells : Cells
        WKB with a CRS, or texts.
    target : str, optional
        CRS to bring them to; None is CRS84, "source" changes nothing.
    declared : str, optional
        CRS of WKT texts without a CRS IRI, x before y; None is CRS84.
    """
    if cells.crs is None:
        return _from_texts(cells, target, declared, faults, where)
    return [_in_crs(cells, crs_iri(cells.crs), target, faults, where)]


def _from_texts(
    cells: Cells, target: str | None, declared: str | None, faults: Faults, where: str
) -> list[TermColumn]:
    parsed = parse_wkt(cells.values)
    problems = parsed.problems
    faults.add(
        cells.row_numbers()[[p.row for p in problems]],
        lambda k: f"{where}: {problems[k].text_excerpt!r} is no geometry: {problems[k].reason}",
        GeometryError,
    )
    names = _declared(parsed.crs, cells.values, declared)
    systems = pc.unique(names).drop_null().to_pylist() or [CRS84]
    if len(systems) == 1:
        return [_in_crs(replace(cells, values=parsed.wkb), systems[0], target, faults, where)]
    names, found = pc.cast(names, pa.string()), []
    for crs in systems:
        mine = pc.if_else(pc.equal(names, crs), parsed.wkb, pa.scalar(None, pa.binary()))
        found.append(_in_crs(Cells(mine, cells.rows, crs), crs, target, faults, where))
    return found


def _declared(crs: pa.Array, texts: pa.Array, declared: str | None) -> pa.Array:
    """The CRS of each text; those that name none are in the one declared."""
    if declared is None:
        return crs
    names = crs.dictionary_decode()
    bare = pc.invert(pc.match_substring_regex(texts, r"^\s*<"))
    plain = pc.and_(bare, pc.is_valid(names))
    return pc.if_else(plain, pa.scalar(crs_iri(declared)), names)


def _in_crs(cells: Cells, crs: str, target: str | None, faults: Faults, where: str) -> TermColumn:
    wanted = crs if target == SOURCE else crs_iri(target or CRS84)
    _check(cells, faults, where)
    reason = f"{where}: the coordinates are no degrees, as {crs} wants them (a lost projection?)"
    faults.add(cells.row_numbers()[_no_degrees(cells.values, crs)], reason, CRSError)
    moved = move_wkb(cells.values, crs, wanted)
    reason = f"{where}: the geometry in {crs} has no place in {wanted}"
    faults.add(cells.row_numbers()[moved.lost], reason, GeometryError)
    return TermColumn(Lane.GEOMETRY, moved.wkb, crs=wanted)


def _check(cells: Cells, faults: Faults, where: str) -> None:
    """Mark rows that are no geometry, count invalid ones; ordinary ones never become objects."""
    if cells.sound:
        return
    doubtful = np.flatnonzero(np.asarray(cells.values.is_valid()) & ~surely_valid(cells.values))
    if len(doubtful):
        rows = cells.row_numbers()[doubtful]
        some = replace(cells, values=cells.values.take(pa.array(doubtful)), rows=rows)
        geometries = decode(some, faults, where)
        invalid = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
        faults.invalid_geometries += int(invalid.sum())


def _no_degrees(wkb: pa.Array, crs: str) -> Any:
    """Rows whose coordinates cannot be longitude and latitude though the CRS says so."""
    if crs_from(crs).axis_info[0].unit_name != "degree":
        return np.zeros(0, np.int64)
    bounds = np.abs(read_boxes(wkb.drop_null()).bounds).reshape(-1, 2, 2)
    beyond = (bounds > _DEGREES).any(axis=(1, 2))
    if not beyond.any():
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.asarray(wkb.is_valid()))[beyond]


def decode(cells: Cells, faults: Faults, where: str) -> Any:
    """Shapely geometries of WKB cells; bytes that are none mark their rows as bad."""
    geometries, lost = read_wkb(cells.values)
    reason = f"{where}: the geometry is not readable (curves must be made linear first)"
    faults.add(cells.row_numbers()[lost], reason, GeometryError)
    return geometries


def move(geometries: Any, crs: str, target: str, cells: Cells, faults: Faults, where: str) -> Any:
    """Geometries in another CRS; those that have no place there mark their rows as bad."""
    moved = transform(geometries, crs, target, outside="none")
    lost = np.flatnonzero(shapely.is_missing(moved) & ~shapely.is_missing(geometries))
    reason = f"{where}: the geometry in {crs} has no place in {target}"
    faults.add(cells.row_numbers()[lost], reason, GeometryError)
    return moved
