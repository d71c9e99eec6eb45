"""Geometry constants and CRS codes, decided while planning."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import shapely

from ontology import Lane, crs_iri, format_wkt, parse_wkt

from ...values import Value, tag
from .. import sql
from ..sql import Sql

_AUTHORITY = r"^.*/def/crs/([^/]+)/[^/]+/([^/]+)$"


@lru_cache(maxsize=512)
def _read(lexical: str) -> tuple[str, str, str] | None:
    parsed = parse_wkt(pa.array([lexical], pa.string()))
    if parsed.problems:
        return None
    crs = parsed.crs[0].as_py()
    return parsed.wkb[0].as_py().hex(), crs, format_wkt(parsed.wkb, crs)[0].as_py()


def geometry_constant(lexical: str) -> Value | None:
    """Return the value of a wktLiteral; None if it is not readable (then it is no geometry)."""
    found = _read(lexical)
    if found is None:
        return None
    code, crs, canonical = found
    facets: dict[str, Sql] = {
        "tag": tag(Lane.GEOMETRY),
        "geometry": geometry_from_hex(code),
        "crs": sql.string(crs),
    }
    if canonical != lexical:
        facets["text"] = sql.string(lexical)
    bounds = shapely.from_wkb(bytes.fromhex(code)).bounds
    if bounds[0] == bounds[0]:
        for name, bound in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
            facets[name] = _outward(bound, down=name.endswith("min"))
    return Value(
        frozenset({Lane.GEOMETRY}),
        facets,  # type: ignore[arg-type]
        maybe_unbound=False,
        crs=frozenset({crs}),
    )


def geometry_from_hex(code: str) -> Sql:
    """A constant geometry."""
    return sql.func("ST_GeomFromHEXWKB", sql.string(code.upper()))


def _outward(bound: float, *, down: bool) -> Sql:
    towards = sql.cast(sql.string("-inf" if down else "inf"), "FLOAT")
    near = sql.cast(sql.number(repr(float(bound))), "FLOAT")
    return sql.func("nextafter", near, towards)


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
