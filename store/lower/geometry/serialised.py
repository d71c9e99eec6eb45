"""Geometries in another serialisation or another CRS: GeoSPARQL 1.1 sections 8.5 and 8.6."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pyarrow as pa

from ontology import (
    CRS84,
    DGGS_LITERAL,
    GEOJSON_LITERAL,
    GML_LITERAL,
    KML_LITERAL,
    CRSError,
    Lane,
    UnsupportedError,
    crs_iri,
    format_dggs,
)

from ...values import Value
from .. import sql
from ..shapes import error, of_lane
from ..sql import Sql
from .reference import (
    ANY_URI,
    drawn,
    finite,
    from_wkb,
    geometry,
    iri_constant,
    one_crs,
    shape,
    source_code,
    transformed,
    wkb,
)

_H3: Final = "https://h3geo.org"
_CRS84: Final = frozenset({CRS84})
_ONLY_CRS84: Final = (GEOJSON_LITERAL, KML_LITERAL, DGGS_LITERAL)


def as_wkt(value: Value) -> Value:
    """``geof:asWKT``."""
    return geometry(drawn(value), value, datatype="")


def as_gml(value: Value, profile: Value | None = None) -> Value:
    """``geof:asGML``: GML of Simple Features, which lies within every profile.

    Raises
    ------
    UnsupportedError
        The profile is constant and names none of GML.
    """
    if profile is not None and not _is_text(profile):
        return error()
    name = None if profile is None else iri_constant(profile)
    if name and "gml" not in name.lower():
        raise UnsupportedError(
            "This is no profile of GML",
            where=repr(name),
            remedy="write http://www.opengis.net/def/profile/ogc/2.0/gml-sf0, or leave it away",
        )
    return geometry(drawn(value), value, datatype=GML_LITERAL)


def _is_text(value: Value) -> bool:
    return bool(value.lanes & {Lane.NODE, Lane.STRING, Lane.OTHER})


def as_geojson(value: Value) -> Value:
    """``geof:asGeoJSON``, in CRS84."""
    return in_crs(value, CRS84, datatype=GEOJSON_LITERAL)


def as_kml(value: Value) -> Value:
    """``geof:asKML``, in CRS84."""
    return in_crs(value, CRS84, datatype=KML_LITERAL)


def as_dggs(value: Value, grid: Value | None = None) -> Value:
    """``geof:asDGGS``: the cells of H3 that a geometry is in, which are then its coordinates.

    The grid is ``geo:dggsLiteral``, or an IRI with the resolution: ``https://h3geo.org/res/9``.

    Raises
    ------
    UnsupportedError
        The grid is not a constant, or is none of H3.
    """
    name = _H3 if grid is None else iri_constant(grid)
    if name is None:
        raise UnsupportedError(
            "The grid of geof:asDGGS must be a constant IRI",
            remedy=f"write geo:dggsLiteral or <{_H3}>",
        )
    name = _H3 if name == DGGS_LITERAL else name
    format_dggs(pa.array([], pa.binary()), CRS84, name)
    placed = shape(in_crs(value, CRS84))
    text = sql.func("gl_dggs", wkb(placed), sql.string(name))
    cells = from_wkb(sql.func("gl_wkb_of", text, sql.string(DGGS_LITERAL)))
    known = Value(value.lanes, {"tag": value.get("tag"), "crs": sql.string(CRS84)}, crs=_CRS84)
    made = geometry(cells, known, datatype=DGGS_LITERAL)
    return replace(made, facets={**made.facets, "text": text})


def in_crs(value: Value, crs: str, *, datatype: str | None = None) -> Value:
    """The geometry carried into a known CRS."""
    if not value.has("geometry"):
        return error()
    known = Value(value.lanes, {**value.facets, "crs": sql.string(crs)}, crs=frozenset({crs}))
    if one_crs(value, known) is not None:
        return geometry(drawn(value), known, datatype=datatype)
    return geometry(
        finite(transformed(shape(value), source_code(value), crs)), known, datatype=datatype
    )


def transform(value: Value, target: Value) -> Value:
    """``geof:transform``; to a serialisation that is in CRS84 always, WKT is written instead.

    Raises
    ------
    UnsupportedError
        The CRS is a constant that is not known.
    """
    if not value.has("geometry"):
        return error()
    name = iri_constant(target)
    if name is None:
        return _to_each(value, target)
    try:
        crs = crs_iri(name)
    except CRSError as problem:
        raise UnsupportedError(problem.what, where=problem.where, why=problem.why) from problem
    made = in_crs(value, crs)
    return made if crs == CRS84 else _writable(made)


def _writable(made: Value) -> Value:
    """WKT where the serialisation has no other CRS."""
    if not made.has("datatype"):
        return made
    name = made.get("datatype")
    elsewhere = sql.one_of(name, [sql.string(iri) for iri in _ONLY_CRS84])
    away = sql.binary("!=", made.get("crs"), sql.string(CRS84))
    kept = sql.case([(sql.every([elsewhere, away]), sql.null("VARCHAR"))], name)
    return Value(made.lanes, {**made.facets, "datatype": kept}, crs=made.crs)


def _to_each(value: Value, target: Value) -> Value:
    """The CRS differs from row to row: a node or an xsd:anyURI."""
    named = _names(target)
    if named is None:
        return error()
    crs = sql.func("gl_crs_name", named)
    moved = from_wkb(sql.func("gl_moved", wkb(shape(value)), value.get("crs"), crs))
    facets = {**value.facets, "crs": sql.when(sql.not_null(moved), crs)}
    return _writable(geometry(moved, Value(value.lanes, facets)))


def _names(value: Value) -> Sql | None:
    found = [
        of_lane(value, lane, "text") for lane in (Lane.NODE, Lane.STRING) if lane in value.lanes
    ]
    if Lane.OTHER in value.lanes:
        uri = sql.binary("=", value.get("datatype"), sql.string(ANY_URI))
        found.append(sql.when(uri, of_lane(value, Lane.OTHER)))
    return sql.first_of(found) if found else None
