"""Geometries made from geometries, and what they are like: GeoSPARQL 1.1 sections 8.4 and 8.6.

What is drawn new (buffers, envelopes, circles, centroids) has neither Z nor M. Hulls, boundaries,
parts and what is cut out of geometries keep Z; parts keep M too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ontology import PREFIXES

from ...values import Value
from .. import numbers, sql
from ..binding import let, named
from ..shapes import double, error, integer, other, truth
from ..sql import Sql
from .reference import ANY_URI, carried, from_wkb, geometry, shape, wkb

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


def envelope(value: Value) -> Value:
    """``geof:envelope``: the box in the CRS; a line or a point where it has no width."""
    return geometry(box(shape(value)), value)


def box(node: Sql) -> Sql:
    """The box around a geometry, as GEOS has it: an empty point around nothing."""
    here = named("inside")
    west, south, east, north = (
        sql.func(name, here) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
    )
    flat = sql.any_of([sql.binary("=", west, east), sql.binary("=", south, north)])
    ends = [sql.func("ST_Point", *corner) for corner in ((west, south), (east, north))]
    line = sql.func("ST_MakeLine", *ends)
    point = sql.every([sql.binary("=", west, east), sql.binary("=", south, north)])
    drawn = sql.case([(point, ends[0]), (flat, line)], sql.func("ST_Envelope", here))
    return let({"inside": node}, sql.guarded(drawn))


def centroid(value: Value) -> Value:
    """``geof:centroid``: of areas, else of lines, else of points."""
    here, middle = named("whole"), named("middle")
    lost = sql.every([sql.func("ST_IsEmpty", middle), sql.negate(sql.func("ST_IsEmpty", here))])
    mended = from_wkb(sql.func("gl_centroid", wkb(here)))
    found = sql.func("ST_Force2D", sql.func("ST_Centroid", here))
    chosen = let({"middle": sql.guarded(found)}, sql.case([(lost, mended)], middle))
    return geometry(let({"whole": shape(value)}, chosen), value)


def bounding_circle(value: Value) -> Value:
    """``geof:boundingCircle``: the smallest circle, on the ground where the CRS has degrees."""
    made = sql.func("gl_bounding_circle", wkb(shape(value)), value.get("crs"))
    return geometry(from_wkb(made), value)


DEFAULT_RATIO: Final = "0.5"
"""How long an edge of a concave hull may be, between the shortest (0) and the longest (1)."""


def ratio(value: Value | None) -> Sql | None:
    """The share a concave hull is asked for, NULL outside 0 to 1; None if it is no number."""
    if value is None:
        return sql.cast(sql.number(DEFAULT_RATIO), "DOUBLE")
    found = [sql.cast(node, "DOUBLE") for node in numbers.parts(value).values()]
    if not found:
        return None
    share = sql.first_of(found)
    ends = [sql.binary(">=", share, sql.number(0)), sql.binary("<=", share, sql.number(1))]
    return sql.when(sql.every(ends), share)


def concave_hull(value: Value, share: Value | None = None) -> Value:
    """``geof:concaveHull``, without holes; the share goes from 0 (tight) to 1 (convex)."""
    wanted = ratio(share)
    if wanted is None:
        return error()
    lists = sql.func("list_value", wkb(shape(value)))
    known = sql.when(sql.not_null(shape(value)), lists)
    return geometry(from_wkb(sql.func("gl_all_concave", known, wanted)), value)


def geometry_n(value: Value, number: Value) -> Value:
    """``geof:geometryN``: a part by its number from 1; what has no parts is its own first."""
    wanted = numbers.parts(number).get("integer")
    if wanted is None:
        return error()
    return geometry(from_wkb(sql.func("gl_geometry_n", wkb(shape(value)), wanted)), value)


def overlaid_by(name: str) -> Callable[[Value, Value], Value]:
    """A geometry from two, in the CRS of the first; where its rings begin, see ``rings``."""

    def lowered(first: Value, second: Value) -> Value:
        made = sql.guarded(sql.func(name, shape(first), carried(first, second)))
        begun = sql.func("gl_begun", wkb(made), wkb(shape(first)))
        return geometry(from_wkb(begun), first)

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


def dimension(value: Value) -> Value:
    """``geof:dimension``: of a collection that of its highest part, an error of one without any."""
    here = shape(value)
    empty = sql.every(
        [
            sql.func("ST_IsEmpty", here),
            sql.binary("=", _type(value), sql.string("GEOMETRYCOLLECTION")),
        ]
    )
    return integer(sql.when(sql.negate(empty), sql.guarded(sql.func("ST_Dimension", here))))


def _type(value: Value) -> Sql:
    return sql.cast(sql.func("ST_GeometryType", shape(value)), "VARCHAR")


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
    known = [
        (sql.binary("=", _type(value), sql.string(word)), sql.string(_SF + iri))
        for word, iri in _TYPES.items()
    ]
    return other(sql.case(known), ANY_URI)


def srid(value: Value) -> Value:
    """``geof:getSRID``: IRI of the CRS, an xsd:anyURI."""
    return other(sql.when(sql.not_null(shape(value)), value.get("crs")), ANY_URI)
