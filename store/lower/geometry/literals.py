"""Geometry constants and CRS codes, decided while planning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import shapely

from ontology import (
    WKT_LITERAL,
    Lane,
    TermColumn,
    crs_iri,
    format_wkt,
    parse_geometries,
)

from ...layout.parts import is_stored
from ...layout.preparation import storable
from ...values import Value, tag
from .. import sql
from ..sql import Sql

_AUTHORITY = r"^.*/def/crs/([^/]+)/[^/]+/([^/]+)$"


@dataclass(frozen=True, slots=True)
class _Read:
    """A geometry literal that was read; ``stored`` where lane GEOMETRY holds it."""

    code: str
    crs: str
    text: str | None
    stored: bool


@lru_cache(maxsize=512)
def _read(lexical: str, datatype: str) -> _Read | None:
    parsed = parse_geometries(pa.array([lexical], pa.string()), datatype)
    if parsed.problems:
        return None
    crs, wkb = parsed.crs[0].as_py(), parsed.wkb
    canonical = datatype == WKT_LITERAL and format_wkt(wkb, crs)[0].as_py() == lexical
    measured = any(column.lane is Lane.OTHER for column in storable(_column(wkb, crs)))
    stored = not measured and is_stored(crs)
    return _Read(wkb[0].as_py().hex(), crs, None if canonical and stored else lexical, stored)


def _column(wkb: pa.Array, crs: str) -> TermColumn:
    return TermColumn(Lane.GEOMETRY, wkb, crs=crs)


def geometry_constant(lexical: str, datatype: str = WKT_LITERAL) -> Value | None:
    """Return the value of a geometry literal; None if it is not readable (then it is no geometry).

    It is of the lane a load would put it in: M coordinates, for example, are of lane OTHER.
    """
    found = _read(lexical, datatype)
    if found is None:
        return None
    lane = Lane.GEOMETRY if found.stored else Lane.OTHER
    facets: dict[str, Sql] = {
        "tag": tag(lane),
        "geometry": geometry_from_hex(found.code),
        "crs": sql.string(found.crs),
    }
    if found.text is not None:
        facets["text"] = sql.string(found.text)
    if datatype != WKT_LITERAL or lane is Lane.OTHER:
        facets["datatype"] = sql.string(datatype)
    bounds = shapely.from_wkb(bytes.fromhex(found.code)).bounds
    if bounds[0] == bounds[0]:
        for name, bound in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
            toward = -math.inf if name.endswith("min") else math.inf
            facets[name] = sql.float_beyond(bound, toward)
    return Value(
        frozenset({lane}),
        facets,  # type: ignore[arg-type]
        maybe_unbound=False,
        crs=frozenset({found.crs}),
    )


def geometry_from_hex(code: str) -> Sql:
    """A constant geometry."""
    return sql.func("ST_GeomFromHEXWKB", sql.string(code.upper()))


@lru_cache(maxsize=512)
def proj_code(crs: str) -> str:
    """Name of a CRS for PROJ, for example ``EPSG:3035``."""
    *_, authority, version, code = crs_iri(crs).split("/")
    if authority == "IAU":
        return f"IAU_{version}:{code}"
    return f"{authority}:{code}"


def proj_code_at_run_time(crs: Sql) -> Sql:
    """SQL of :func:`proj_code` for canonical CRS IRIs."""
    return sql.func("regexp_replace", crs, sql.string(_AUTHORITY), sql.string(r"\1:\2"))
