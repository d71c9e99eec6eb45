"""Geometries made from geometries, and what they are like: GeoSPARQL 1.1 sections 8.4 and 8.6."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ontology import CRS84, PREFIXES, CRSError, Lane, UnsupportedError, crs_iri

from ...values import Value
from .. import sql
from ..shapes import XSD, double, error, integer, other, truth
from ..sql import Sql
from .reference import aligned, geometry, shape, source_code, transformed

_SF: Final = PREFIXES["sf"]
_TYPES: Final = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}


def made_by(name: str) -> Callable[[Value], Value]:
    """A geometry from one geometry."""
    return lambda value: geometry(sql.guarded(sql.func(name, shape(value))), value)


def overlaid_by(name: str) -> Callable[[Value, Value], Value]:
    """A geometry from two, in the CRS of the first."""

    def lowered(first: Value, second: Value) -> Value:
        made = sql.func(name, shape(first), aligned(first, second))
        return geometry(sql.guarded(made), first)

    return lowered


def tested_by(name: str) -> Callable[[Value], Value]:
    """A property that is true or false."""
    return lambda value: truth(sql.guarded(sql.func(name, shape(value))))


def counted_by(name: str) -> Callable[[Value], Value]:
    """A property that is a whole number."""
    return lambda value: integer(sql.guarded(sql.func(name, shape(value))))


def measured_by(name: str) -> Callable[[Value], Value]:
    """A coordinate; X is easting or longitude whatever the CRS says."""
    return lambda value: double(sql.func(name, shape(value)))


def _flag(name: str, value: Value) -> Sql:
    return sql.cast(sql.func(name, shape(value)), "INTEGER")


def coordinate_dimension(value: Value) -> Value:
    """``geof:coordinateDimension``: 2, and one more for each of Z and M."""
    flags = sql.binary("+", _flag("ST_HasZ", value), _flag("ST_HasM", value))
    return integer(sql.binary("+", flags, sql.number(2)))


def spatial_dimension(value: Value) -> Value:
    """``geof:spatialDimension``: 2, or 3 with Z."""
    return integer(sql.binary("+", _flag("ST_HasZ", value), sql.number(2)))


def geometry_type(value: Value) -> Value:
    """``geof:geometryType``: IRI of the Simple Features class, an xsd:anyURI."""
    name = sql.cast(sql.func("ST_GeometryType", shape(value)), "VARCHAR")
    known = [
        (sql.binary("=", name, sql.string(word)), sql.string(_SF + iri))
        for word, iri in _TYPES.items()
    ]
    return other(sql.case(known), XSD + "anyURI")


def srid(value: Value) -> Value:
    """``geof:getSRID``: IRI of the CRS, an xsd:anyURI."""
    return other(sql.when(sql.not_null(shape(value)), value.get("crs")), XSD + "anyURI")


def as_wkt(value: Value) -> Value:
    """``geof:asWKT``."""
    return geometry(shape(value), value)


def as_geojson(value: Value) -> Value:
    """``geof:asGeoJSON``, in CRS84."""
    moved = transformed(shape(value), source_code(value), CRS84)
    written = sql.cast(sql.func("ST_AsGeoJSON", moved), "VARCHAR")
    return other(written, PREFIXES["geo"] + "geoJSONLiteral")


def transform(value: Value, target: Value) -> Value:
    """``geof:transform`` to a constant CRS.

    Raises
    ------
    UnsupportedError
        The CRS is not a constant, or is not known.
    """
    node = target.get("text")
    if not node.is_string:
        raise UnsupportedError(
            "The CRS of geof:transform must be a constant",
            why="the CRS of a column is decided while planning",
        )
    if Lane.GEOMETRY not in value.lanes:
        return error()
    try:
        crs = crs_iri(node.this)
    except CRSError as problem:
        raise UnsupportedError(problem.what, where=problem.where, why=problem.why) from problem
    moved = transformed(shape(value), source_code(value), crs)
    known = Value(
        value.lanes, {"tag": value.get("tag"), "crs": sql.string(crs)}, crs=frozenset({crs})
    )
    return geometry(moved, known)
