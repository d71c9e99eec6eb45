"""Geometry literals read and written while a query runs; a row that fails is NULL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    GEOMETRY_DATATYPES,
    CRSError,
    GeometryError,
    ParsedGeometries,
    format_geometries,
    format_wkt,
    parse_geometries,
)

Part = Callable[[ParsedGeometries], pa.Array]


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _where(mask: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(mask, values, pa.scalar(None, values.type))


def _read(
    texts: pa.Array | pa.ChunkedArray,
    datatypes: pa.Array | pa.ChunkedArray,
    take: Callable[[ParsedGeometries], pa.Array],
) -> pa.Array:
    texts, names = _array(texts), _array(datatypes)
    found: pa.Array | None = None
    for name in pc.unique(names).to_pylist():
        if name in GEOMETRY_DATATYPES:
            here = pc.fill_null(pc.equal(names, name), False)
            part = take(parse_geometries(_where(here, texts), name))
            found = part if found is None else pc.coalesce(found, part)
    return pa.nulls(len(texts)) if found is None else found


def wkb_of(texts: pa.Array | pa.ChunkedArray, datatypes: pa.Array | pa.ChunkedArray) -> pa.Array:
    """WKB of literals, NULL where they are not readable or no geometries."""
    return _read(texts, datatypes, lambda parsed: parsed.wkb).cast(pa.binary())


def crs_of(texts: pa.Array | pa.ChunkedArray, datatypes: pa.Array | pa.ChunkedArray) -> pa.Array:
    """CRS IRIs of literals, NULL where they are not readable or no geometries."""
    return _read(texts, datatypes, lambda parsed: parsed.crs.cast(pa.string())).cast(pa.string())


def text_of(
    wkb: pa.Array | pa.ChunkedArray,
    crs: pa.Array | pa.ChunkedArray,
    datatypes: pa.Array | pa.ChunkedArray,
) -> pa.Array:
    """Canonical literals, written one CRS and datatype at a time."""
    shapes, systems, names = _array(wkb), _array(crs), _array(datatypes)
    out = pa.nulls(len(shapes), pa.string())
    pairs = pa.table([systems, names], ["crs", "datatype"]).group_by(["crs", "datatype"])
    for pair in pairs.aggregate([]).to_pylist():
        if None in pair.values() or pair["datatype"] not in GEOMETRY_DATATYPES:
            continue
        same = pc.and_(pc.equal(systems, pair["crs"]), pc.equal(names, pair["datatype"]))
        here = _where(pc.fill_null(same, False), shapes)
        out = pc.coalesce(out, geometry_texts(here, pair["crs"], pair["datatype"]))
    return out


def geometry_texts(wkb: pa.Array, crs: str, datatype: str) -> pa.Array:
    """Canonical literals of one CRS and datatype; NULL where there is none."""
    try:
        return format_geometries(wkb, crs, datatype)
    except (CRSError, GeometryError):
        return pa.nulls(len(wkb), pa.string())


def wkt(wkb: pa.Array | pa.ChunkedArray, crs: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Canonical wktLiterals; rows of different CRSs are written one CRS at a time."""
    geometries, names = _array(wkb), _array(crs)
    out = pa.nulls(len(geometries), pa.string())
    for name in pc.unique(names).to_pylist():
        if name is not None:
            here = pc.fill_null(pc.equal(names, name), False)
            out = pc.if_else(here, format_wkt(_where(here, geometries), name), out)
    return out


GEOMETRY_TEXTS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_wkb_of": (wkb_of, ["VARCHAR", "VARCHAR"], "BLOB"),
    "gl_crs_of": (crs_of, ["VARCHAR", "VARCHAR"], "VARCHAR"),
    "gl_text_of": (text_of, ["BLOB", "VARCHAR", "VARCHAR"], "VARCHAR"),
    "gl_wkt": (wkt, ["BLOB", "VARCHAR"], "VARCHAR"),
}
"""Name in SQL: the function, types of its arguments and of its result."""
