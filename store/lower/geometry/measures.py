"""Distance, area, length, buffer: planar in a projected CRS, on the ellipsoid in a geographic one.

GeoSPARQL 1.1 section 8.6. Units are IRIs of ``uom:``, as nodes, xsd:anyURI or strings, constant
or one a row; an angle asks a geographic CRS for the planar figure in its own degrees.
"""

from __future__ import annotations

from typing import Final

from ontology import QUARTER_SEGMENTS, is_geographic

from ...values import Value
from .. import numbers, sql
from ..shapes import double, error
from ..sql import Sql
from .reference import carried, from_wkb, geometry, metres_per_unit, one_crs, shape, wkb
from .units import Factor, factors

RADIANS_PER_DEGREE: Final = 0.017453292519943295


def scaled(node: Sql, factor: float) -> Sql:
    """The number times a constant."""
    if factor == 1.0:
        return node
    return sql.binary("*", node, sql.cast(sql.number(repr(factor)), "DOUBLE"))


def _per(node: Sql, factor: Factor) -> Sql:
    return scaled(node, 1 / factor) if isinstance(factor, float) else sql.quotient(node, factor)


def _times(node: Sql, factor: Factor) -> Sql:
    return scaled(node, factor) if isinstance(factor, float) else sql.binary("*", node, factor)


def metric_distance(first: Value, second: Value) -> Value:
    """``geof:metricDistance``: metres; an error where one is empty."""
    return double(_metres_between(first, second))


def _metres_between(first: Value, second: Value) -> Sql:
    crs = one_crs(first) if first.crs else None
    factor = metres_per_unit(crs) if crs else None
    if factor is not None:
        return scaled(_planar(first, second), factor)
    parts = (wkb(shape(first)), first.get("crs"), wkb(shape(second)), second.get("crs"))
    return sql.func("gl_distance", *parts)


def _planar(first: Value, second: Value) -> Sql:
    """Distance in the unit of the CRS of the first; to DuckDB an empty geometry is 0 away.

    So are, to DuckDB 1.5, many polygons that lie apart: their shortest line is right.
    """
    sides = (shape(first), carried(first, second))
    line = sql.func("ST_Length", sql.func("ST_ShortestLine", *sides))
    areas = (sql.binary("=", sql.func("ST_Dimension", side), sql.number(2)) for side in sides)
    apart = sql.case([(sql.every([*areas]), line)], sql.func("ST_Distance", *sides))
    found = sql.guarded(apart)
    empty = [sql.func("ST_IsEmpty", shape(value)) for value in (first, second)]
    return sql.when(sql.negate(sql.any_of(empty)), found)


def distance(first: Value, second: Value, uom: Value) -> Value:
    """``geof:distance``."""
    found: list[Sql] = []
    for kind, factor in factors(uom, "length", "angle").items():
        if kind == "length":
            found.append(_per(_metres_between(first, second), factor))
        else:
            angle = scaled(_planar(first, second), RADIANS_PER_DEGREE)
            found.append(_only_geographic(first, _per(angle, factor)))
    return double(sql.first_of(found)) if found else error()


def _only_geographic(value: Value, node: Sql) -> Sql:
    """The figure where the CRS has degrees: an angle is no measure in another one."""
    if not value.crs:
        return sql.when(sql.func("gl_geographic", value.get("crs")), node)
    degrees = {name for name in value.crs if is_geographic(name)}
    if len(degrees) == len(value.crs):
        return node
    names = [sql.string(name) for name in sorted(degrees)]
    return sql.when(sql.one_of(value.get("crs"), names), node) if names else _nothing(node)


def _nothing(node: Sql) -> Sql:
    return sql.when(sql.boolean(False), node)


def metric_area(value: Value) -> Value:
    """``geof:metricArea``: square metres."""
    crs = one_crs(value)
    factor = metres_per_unit(crs) if crs else None
    if factor is not None:
        return double(scaled(sql.guarded(sql.func("ST_Area", shape(value))), factor**2))
    return double(_measured("gl_area", value))


def _measured(name: str, value: Value) -> Sql:
    return sql.func(name, wkb(shape(value)), value.get("crs"))


def area(value: Value, uom: Value) -> Value:
    """``geof:area``; the unit is one of area, or one of length that is squared."""
    metres = metric_area(value).get("double")
    found = []
    for kind, factor in factors(uom, "area", "length").items():
        once = _per(metres, factor)
        found.append(once if kind == "area" else _per(once, factor))
    return double(sql.first_of(found)) if found else error()


def metric_length(value: Value) -> Value:
    """``geof:metricLength``: metres, of lines and of the rings of polygons."""
    return double(_measured("gl_length", value))


def length(value: Value, uom: Value) -> Value:
    """``geof:length``."""
    return _in_unit("gl_length", value, uom)


def metric_perimeter(value: Value) -> Value:
    """``geof:metricPerimeter``: metres, of the rings of polygons."""
    return double(_measured("gl_perimeter", value))


def perimeter(value: Value, uom: Value) -> Value:
    """``geof:perimeter``."""
    return _in_unit("gl_perimeter", value, uom)


def _in_unit(name: str, value: Value, uom: Value) -> Value:
    found = factors(uom, "length")
    return double(_per(_measured(name, value), found["length"])) if found else error()


def _radius(value: Value) -> Sql | None:
    found = [sql.cast(node, "DOUBLE") for node in numbers.parts(value).values()]
    return sql.first_of(found) if found else None


def metric_buffer(value: Value, radius: Value) -> Value:
    """``geof:metricBuffer``: radius in metres."""
    size = _radius(radius)
    if size is None or not value.has("geometry"):
        return error()
    return geometry(_around(value, size), value)


def buffer(value: Value, radius: Value, uom: Value) -> Value:
    """``geof:buffer``; a radius in degrees is planar."""
    size = _radius(radius)
    known = factors(uom, "length", "angle")
    if size is None or not value.has("geometry") or not known:
        return error()
    found = []
    for kind, factor in known.items():
        if kind == "length":
            found.append(_around(value, _times(size, factor)))
        else:
            degrees = scaled(_times(size, factor), 1 / RADIANS_PER_DEGREE)
            found.append(_only_geographic(value, _grown(value, degrees)))
    return geometry(sql.first_of(found), value)


def _around(value: Value, metres: Sql) -> Sql:
    """The geometry with what is within so many metres."""
    crs = one_crs(value)
    unit = metres_per_unit(crs) if crs else None
    if unit is not None:
        return _grown(value, scaled(metres, 1 / unit))
    return from_wkb(sql.func("gl_buffer", wkb(shape(value)), value.get("crs"), metres))


def _grown(value: Value, size: Sql) -> Sql:
    """The same on the plane; GEOS drops half of a polygon that crosses itself unless mended."""
    mended = sql.func("ST_MakeValid", shape(value))
    sound = sql.case([(sql.func("ST_IsValid", shape(value)), shape(value))], mended)
    return sql.guarded(sql.func("ST_Buffer", sound, size, sql.number(QUARTER_SEGMENTS)))
