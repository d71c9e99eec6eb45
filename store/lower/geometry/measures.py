"""Distance, area, length, buffer: planar in a projected CRS, on the ellipsoid in a geographic one.

GeoSPARQL 1.1 section 8.6. Units are IRIs of ``uom:``; an angle asks a geographic CRS for the planar
figure in its own degrees.
"""

from __future__ import annotations

from typing import Final

from ontology import Lane, is_geographic

from ...values import Value
from .. import numbers, sql
from ..shapes import double, error
from ..sql import Sql
from .reference import aligned, geometry, metres_per_unit, one_crs, shape, unit_of, wkb

RADIANS_PER_DEGREE: Final = 0.017453292519943295


def scaled(node: Sql, factor: float) -> Sql:
    """The number times a constant."""
    if factor == 1.0:
        return node
    return sql.binary("*", node, sql.cast(sql.number(repr(factor)), "DOUBLE"))


def metric_distance(first: Value, second: Value) -> Value:
    """``geof:metricDistance``: metres."""
    return double(_metres_between(first, second))


def _metres_between(first: Value, second: Value) -> Sql:
    crs = one_crs(first) if len(first.crs) else None
    factor = metres_per_unit(crs) if crs else None
    if factor is not None:
        planar = sql.func("ST_Distance", shape(first), aligned(first, second))
        return scaled(sql.guarded(planar), factor)
    parts = (wkb(shape(first)), first.get("crs"), wkb(shape(second)), second.get("crs"))
    return sql.func("gl_distance", *parts)


def distance(first: Value, second: Value, uom: Value) -> Value:
    """``geof:distance``."""
    kind, factor = unit_of(uom, "length", "angle")
    if kind == "length":
        return double(scaled(_metres_between(first, second), 1 / factor))
    if not all(is_geographic(name) for name in first.crs):
        return error()
    planar = sql.func("ST_Distance", shape(first), aligned(first, second))
    angle = scaled(sql.guarded(planar), RADIANS_PER_DEGREE / factor)
    if first.crs:
        return double(angle)
    return double(sql.when(sql.func("gl_geographic", first.get("crs")), angle))


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
    """``geof:area``."""
    _, factor = unit_of(uom, "area", "length")
    square = factor if unit_of(uom, "area", "length")[0] == "area" else factor**2
    return double(scaled(metric_area(value).get("double"), 1 / square))


def metric_length(value: Value) -> Value:
    """``geof:metricLength``: metres, of lines and of the rings of polygons."""
    return double(_measured("gl_length", value))


def length(value: Value, uom: Value) -> Value:
    """``geof:length``."""
    return double(scaled(_measured("gl_length", value), 1 / unit_of(uom, "length")[1]))


def metric_perimeter(value: Value) -> Value:
    """``geof:metricPerimeter``: metres, of the rings of polygons."""
    return double(_measured("gl_perimeter", value))


def perimeter(value: Value, uom: Value) -> Value:
    """``geof:perimeter``."""
    return double(scaled(_measured("gl_perimeter", value), 1 / unit_of(uom, "length")[1]))


def _radius(value: Value) -> Sql | None:
    found = [sql.cast(node, "DOUBLE") for node in numbers.parts(value).values()]
    return sql.first_of(found) if found else None


def metric_buffer(value: Value, radius: Value) -> Value:
    """``geof:metricBuffer``: radius in metres."""
    return _buffered(value, radius, 1.0)


def buffer(value: Value, radius: Value, uom: Value) -> Value:
    """``geof:buffer``."""
    kind, factor = unit_of(uom, "length", "angle")
    if kind == "length":
        return _buffered(value, radius, factor)
    size = _radius(radius)
    if size is None or not value.crs or not all(is_geographic(name) for name in value.crs):
        return error()
    degrees = scaled(size, factor / RADIANS_PER_DEGREE)
    return geometry(sql.guarded(sql.func("ST_Buffer", shape(value), degrees)), value)


def _buffered(value: Value, radius: Value, factor: float) -> Value:
    size = _radius(radius)
    if size is None or Lane.GEOMETRY not in value.lanes:
        return error()
    metres = scaled(size, factor)
    crs = one_crs(value)
    unit = metres_per_unit(crs) if crs else None
    if unit is not None:
        planar = sql.func("ST_Buffer", shape(value), scaled(metres, 1 / unit))
        return geometry(sql.guarded(planar), value)
    made = sql.func("gl_buffer", wkb(shape(value)), value.get("crs"), metres)
    return geometry(sql.func("ST_GeomFromWKB", made), value)
