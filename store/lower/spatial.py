"""Spatial conditions as DuckDB's SPATIAL_JOIN takes them, and what is left to check.

The join predicate holds for every pair the condition holds for; the residual makes it exact. A
distance in metres on geographic coordinates joins by boxes widened by a margin that grows with
latitude, up to the whole circle at the poles and across the antimeridian.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ontology import CRS84, IRI, Lane, UnsupportedError, degree_margins, is_geographic

from ..algebra import Call, Const, Expr
from ..values import Value
from . import numbers, sql
from .constants import constant
from .geometry.reference import (
    aligned,
    metres_per_unit,
    one_crs,
    shape,
    source_code,
    transformed,
    unit_of,
)
from .geometry.relations import DIRECT, GEOF, PATTERNS
from .registry import shown
from .scope import Context
from .sql import Sql

_JOINABLE: Final = frozenset(DIRECT.values()) - {"ST_Disjoint"}
_MIRRORED: Final = {"<": "<", "<=": "<=", ">": "<", ">=": "<="}
_SLACK: Final = 1.01  # the ellipsoid against the sphere, and rounding
_STRETCH: Final = 1.25  # metres on the ellipsoid against those of a projected CRS
_BEND: Final = 0.02  # share of a box an edge may leave it by when carried to another CRS


class SpatialCondition(NamedTuple):
    """``join`` for SPATIAL_JOIN, and ``residual`` to check for its pairs (None: it is exact)."""

    join: Sql
    residual: Sql | None


def split_condition(call: Call, context: Context, exact: Sql) -> SpatialCondition:
    """Split a spatial condition into an indexable predicate and an exact residual.

    Raises
    ------
    UnsupportedError
        The condition can hold for geometries that are anywhere.
    """
    near = _distance(call)
    if near is not None:
        return _within(near, context, exact)
    name = call.op.removeprefix(GEOF)
    first, second = (context.value(arg) for arg in call.args[:2])
    function = DIRECT.get(name)
    if function in _JOINABLE:
        return _related(function, first, second, exact)
    if name in PATTERNS or name == "relate":
        return _related("ST_Intersects", first, second, exact)._replace(residual=exact)
    raise UnsupportedError(f"{shown(call.op)} cannot be answered by a spatial join")


def _related(function: str, first: Value, second: Value, exact: Sql) -> SpatialCondition:
    if _static(first, second):
        return SpatialCondition(sql.func(function, shape(first), aligned(first, second)), None)
    return SpatialCondition(_boxes_meet(first, second, 0.0), exact)


def _static(first: Value, second: Value) -> bool:
    """Whether it is known while planning if and how the second geometry must be carried."""
    return one_crs(first, second) is not None or len(first.crs) == len(second.crs) == 1


class _Near(NamedTuple):
    first: Expr
    second: Expr
    metres: float
    strict: bool


def _distance(call: Call) -> _Near | None:
    """A distance in metres that must not exceed a constant."""
    if call.op not in _MIRRORED:
        return None
    near, far = call.args if call.op in ("<", "<=") else reversed(call.args)
    if not (isinstance(near, Call) and isinstance(far, Const)):
        return None
    limit = _constant_number(constant(far.term))
    if near.op == GEOF + "metricDistance":
        metres = limit
    elif near.op == GEOF + "distance" and isinstance(near.args[2], Const):
        uom = near.args[2].term
        if not isinstance(uom, IRI):
            return None
        metres = limit * unit_of(constant(uom), "length")[1]
    else:
        return None
    return _Near(near.args[0], near.args[1], metres, _MIRRORED[call.op] == "<")


def _constant_number(value: Value) -> float:
    for node in numbers.parts(value).values():
        while hasattr(node, "this") and not isinstance(node.this, str):
            negative = node.key == "neg"
            node = node.this
            if negative:
                return -float(node.this)
        return float(node.this)
    raise UnsupportedError("A distance must be compared with a number")


def _within(near: _Near, context: Context, exact: Sql) -> SpatialCondition:
    first, second = context.value(near.first), context.value(near.second)
    crs = one_crs(first)
    unit = metres_per_unit(crs) if crs else None
    if crs and unit is not None and _static(first, second):
        limit = sql.cast(sql.number(repr(near.metres / unit)), "DOUBLE")
        join = sql.func("ST_DWithin", shape(first), aligned(first, second), limit)
        return SpatialCondition(join, exact if near.strict or unit != 1.0 else None)
    stretch = 1.0 if _geographic(first) else _STRETCH
    return SpatialCondition(_boxes_meet(first, second, max(near.metres, 0.0) * stretch), exact)


def _boxes_meet(first: Value, second: Value, metres: float) -> Sql:
    """Boxes in CRS84 meet, the first widened by a distance."""
    bend = _BEND if not (_geographic(first) and _geographic(second)) else 0.0
    left, right = (_in_crs84(value) for value in (first, second))
    return sql.func("ST_Intersects_Extent", _widened(left, metres, bend), right)


def _geographic(value: Value) -> bool:
    return bool(value.crs) and all(is_geographic(name) for name in value.crs)


def _in_crs84(value: Value) -> Sql:
    if one_crs(value, Value(frozenset({Lane.GEOMETRY}), crs=frozenset({CRS84}))):
        return shape(value)
    return transformed(shape(value), source_code(value), CRS84)


def _widened(node: Sql, metres: float, bend: float) -> Sql:
    sides = [sql.func(name, node) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")]
    west, south, east, north = sides
    above = degree_margins(0.0, metres)[1] * _SLACK if metres else 0.0
    beside = _beside(south, north, above)
    pad_x, pad_y = (_share(low, high, bend) for low, high in ((west, east), (south, north)))
    around = sql.binary("+", beside, pad_x)
    up = sql.binary("+", sql.cast(sql.number(repr(above)), "DOUBLE"), pad_y)
    low, high = sql.binary("-", west, around), sql.binary("+", east, around)
    over = sql.any_of(
        [sql.binary("<", low, sql.number(-180)), sql.binary(">", high, sql.number(180))]
    )
    return sql.func(
        "ST_MakeEnvelope",
        sql.case([(over, sql.cast(sql.number(-180), "DOUBLE"))], low),
        sql.binary("-", south, up),
        sql.case([(over, sql.cast(sql.number(180), "DOUBLE"))], high),
        sql.binary("+", north, up),
    )


def _share(low: Sql, high: Sql, share: float) -> Sql:
    if not share:
        return sql.cast(sql.number("0.0"), "DOUBLE")
    size = sql.binary("-", high, low)
    pad = sql.binary("*", size, sql.cast(sql.number(repr(share)), "DOUBLE"))
    return sql.binary("+", pad, sql.cast(sql.number("1e-6"), "DOUBLE"))


def _beside(south: Sql, north: Sql, above: float) -> Sql:
    """Margin in longitude: asin(sin(angle) / cos(latitude)), 180 where the pole is in reach."""
    if not above:
        return sql.cast(sql.number("0.0"), "DOUBLE")
    angle = sql.func("radians", sql.cast(sql.number(repr(min(above, 90.0))), "DOUBLE"))
    latitude = sql.func("greatest", sql.func("abs", south), sql.func("abs", north))
    reach = sql.binary("+", latitude, sql.cast(sql.number(repr(above)), "DOUBLE"))
    cosine = sql.func("cos", sql.func("radians", latitude))
    ratio = sql.quotient(sql.func("sin", angle), cosine)
    widest = sql.func("degrees", sql.func("asin", sql.func("least", ratio, sql.number("1.0"))))
    slack = sql.binary("*", widest, sql.cast(sql.number(repr(_SLACK)), "DOUBLE"))
    polar = sql.binary(">=", reach, sql.number("89.9"))
    return sql.case([(polar, sql.cast(sql.number(360), "DOUBLE"))], slack)
