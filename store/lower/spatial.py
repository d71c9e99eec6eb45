"""Spatial conditions as DuckDB's SPATIAL_JOIN takes them, and what is left to check.

The join predicate holds for every pair the condition holds for; the residual makes it exact. A
distance in metres on geographic coordinates joins by boxes widened by a margin that grows with
latitude, up to the whole circle at the poles and across the antimeridian.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from sqlglot import exp

from ontology import CRS84, IRI, Lane, UnsupportedError, degree_margins, is_geographic

from ..algebra import Call, Const, Expr, Var
from ..conditions import NEAR
from ..values import Value
from . import numbers, sql
from .constants import constant
from .geometry.measures import scaled
from .geometry.reference import (
    aligned,
    metres_per_unit,
    one_crs,
    shape,
    source_code,
    transformed,
    unit_of,
    wkb,
)
from .geometry.relations import DIRECT, GEOF, NEEDED, PATTERNS, sound
from .registry import shown
from .scope import Context
from .sql import Sql

_JOINABLE: Final = frozenset(DIRECT.values()) - {"ST_Disjoint"}
_COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})
_SLACK: Final = 1.01  # the ellipsoid against the sphere, and rounding
_STRETCH: Final = 1.25  # metres on the ellipsoid against those of a projected CRS
_FARTHEST: Final = "2.1e7"  # metres between any two places, and more
_LEAST: Final = 0.001  # metres: a distance may be zero, by rounding, though boxes do not meet
_ROUNDING: Final = 1e-9
_NOWHERE: Final = "1e30"  # no coordinate, and one a FLOAT can hold
_BEND: Final = 0.02  # share of a box an edge may leave it by when carried to another CRS


Metres = float | Sql


class SpatialCondition(NamedTuple):
    """``join`` for SPATIAL_JOIN, and ``residual`` to check for its pairs (None: it is exact)."""

    join: Sql
    residual: Sql | None


def split_condition(
    call: Call, context: Context, exact: Sql | None, few: Set[str] = frozenset()
) -> SpatialCondition:
    """Split a spatial condition into an indexable predicate and an exact residual.

    ``exact`` is None for :data:`store.conditions.NEAR`, which decides nothing; ``few`` are the
    variables of the side with fewer rows.

    Raises
    ------
    UnsupportedError
        The condition can hold for geometries that are anywhere.
    """
    if call.op == NEAR:
        return _near(call, context)
    assert exact is not None
    near = _distance(call)
    if near is not None:
        return _within(near, context, exact, few)
    name = call.op.removeprefix(GEOF)
    first, second = (context.value(arg) for arg in call.args[:2])
    function = DIRECT.get(name)
    if function in _JOINABLE:
        return _related(function, first, second, exact)
    if name in PATTERNS or name == "relate":
        needed = NEEDED.get(name, "ST_Intersects")
        return _related(needed, first, second, exact)._replace(residual=exact)
    raise UnsupportedError(f"{shown(call.op)} cannot be answered by a spatial join")


def _near(call: Call, context: Context) -> SpatialCondition:
    """What holds for geometries within a distance, and for some that are further apart."""
    first, second = (context.value(arg) for arg in call.args[:2])
    metres = _constant_number(context.value(call.args[2]))
    if one_crs(first, second) is not None and not metres:
        sides = (_placed(sound(shape(first))), _placed(sound(shape(second))))
        return SpatialCondition(sql.func("ST_Intersects", *sides), None)
    return SpatialCondition(_reaches(first, second, metres, empties=True), None)


def _placed(node: Sql, made: Sql | None = None) -> Sql:
    """What is made of a geometry; of an empty one a place where it meets others: they are equal."""
    far = sql.cast(sql.number(_NOWHERE), "DOUBLE")
    empty = sql.func("ST_IsEmpty", node)
    return sql.case([(empty, sql.func("ST_Point", far, far))], node if made is None else made)


def _related(function: str, first: Value, second: Value, exact: Sql) -> SpatialCondition:
    if _static(first, second):
        sides = (sound(shape(first)), sound(aligned(first, second)))
        if function == "ST_Equals":
            return SpatialCondition(sql.func(function, *map(_placed, sides)), exact)
        return SpatialCondition(sql.func(function, *sides), None)
    return SpatialCondition(_boxes_meet(first, second, 0.0, empties=function == "ST_Equals"), exact)


def _static(first: Value, second: Value) -> bool:
    """Whether it is known while planning if and how the second geometry must be carried."""
    return one_crs(first, second) is not None or len(first.crs) == len(second.crs) == 1


class _Near(NamedTuple):
    """Two geometries, how far apart they may be in a unit, and its metres."""

    first: Expr
    second: Expr
    limit: Expr
    factor: float


def _distance(call: Call) -> _Near | None:
    """A distance that must not exceed something."""
    if call.op not in _COMPARISONS:
        return None
    near, far = call.args if call.op in ("<", "<=") else reversed(call.args)
    if not isinstance(near, Call):
        return None
    if near.op == GEOF + "metricDistance":
        factor = 1.0
    elif near.op == GEOF + "distance" and isinstance(near.args[2], Const):
        uom = near.args[2].term
        if not isinstance(uom, IRI):
            return None
        factor = unit_of(constant(uom), "length")[1]
    else:
        return None
    return _Near(near.args[0], near.args[1], far, factor)


def _constant_number(value: Value) -> float:
    for node in numbers.parts(value).values():
        while hasattr(node, "this") and not isinstance(node.this, str):
            negative = node.key == "neg"
            node = node.this
            if negative:
                return -float(node.this)
        return float(node.this)
    raise UnsupportedError("A distance must be compared with a number")


def _within(near: _Near, context: Context, exact: Sql, few: Set[str]) -> SpatialCondition:
    first, second = context.value(near.first), context.value(near.second)
    if not isinstance(near.limit, Const):
        limit = _limit(context.value(near.limit), near.factor)
        join = _reaches(first, second, _clipped(limit))
        return SpatialCondition(join, _nearly(first, second, limit, exact))
    metres = _constant_number(constant(near.limit.term)) * near.factor
    swapped = isinstance(near.second, Var) and near.second.name in few
    crs = one_crs(first)
    unit = metres_per_unit(crs) if crs else None
    if crs and unit is not None and _static(first, second):
        sides = (shape(first), aligned(first, second))
        near_box = _enlarged(sides[swapped], max(metres, 0.0) * (1 + _ROUNDING) / unit + _LEAST)
        return SpatialCondition(
            sql.func("ST_Intersects_Extent", near_box, sides[not swapped]), exact
        )
    reach = max(metres, _LEAST) * (1.0 if _geographic(first) else _STRETCH)
    join = _boxes_meet(*((second, first) if swapped else (first, second)), reach)
    size = sql.cast(sql.number(repr(metres)), "DOUBLE")
    return SpatialCondition(join, _nearly(first, second, size, exact))


def _nearly(first: Value, second: Value, metres: Sql, exact: Sql) -> Sql:
    """A distance on the ellipsoid is measured only where a glance does not tell."""
    if not (_geographic(first) and _geographic(second)):
        return exact
    sides = [part for one in (first, second) for part in (wkb(shape(one)), one.get("crs"))]
    return sql.first_of([sql.func("gl_near", *sides, metres), exact])


def _limit(value: Value, factor: float) -> Sql:
    """Metres in each row; NULL where it is no number."""
    found = [sql.cast(node, "DOUBLE") for node in numbers.parts(value).values()]
    return scaled(sql.first_of(found), factor) if found else sql.null("DOUBLE")


def _clipped(metres: Sql) -> Sql:
    """Metres a box is widened by, at most half the way around the earth."""
    most = sql.cast(sql.number(_FARTHEST), "DOUBLE")
    least = sql.cast(sql.number(repr(_LEAST)), "DOUBLE")
    clipped = sql.func("least", most, sql.func("greatest", least, metres))
    return sql.when(sql.not_null(metres), clipped)


def _reaches(first: Value, second: Value, metres: Metres, *, empties: bool = False) -> Sql:
    """Boxes meet, that of the geometry whose row says how far it reaches widened."""
    if isinstance(metres, exp.Expression) and _tables(metres) & _tables(shape(second)):
        first, second = second, first
    crs = one_crs(first, second)
    unit = metres_per_unit(crs) if crs else None
    if unit is not None:
        around = _enlarged(shape(first), _times(metres, (1 + _ROUNDING) / unit))
        return _extents_meet(first, around, second, shape(second), empties)
    stretch = 1.0 if _geographic(first) and _geographic(second) else _STRETCH
    return _boxes_meet(first, second, _times(metres, stretch), empties=empties)


def _tables(node: Sql) -> set[str]:
    return {column.table for column in node.find_all(exp.Column)}


def _times(metres: Metres, factor: float) -> Metres:
    return metres * factor if isinstance(metres, float) else scaled(metres, factor)


def _enlarged(node: Sql, size: Metres) -> Sql:
    """The box of a geometry with so many units more on each side."""
    more = sql.cast(sql.number(repr(size)), "DOUBLE") if isinstance(size, float) else size
    sides = (("ST_XMin", "-"), ("ST_YMin", "-"), ("ST_XMax", "+"), ("ST_YMax", "+"))
    ends = (sql.binary(op, sql.func(name, node), more) for name, op in sides)
    return sql.func("ST_MakeEnvelope", *ends)


def _boxes_meet(first: Value, second: Value, metres: Metres, *, empties: bool = False) -> Sql:
    """Boxes in CRS84 meet, the first widened by a distance; if asked, those of two empty ones."""
    bend = _BEND if not (_geographic(first) and _geographic(second)) else 0.0
    left, right = (_in_crs84(value) for value in (first, second))
    if not (isinstance(metres, float) and not metres):
        right = _all_around(right)
    return _extents_meet(first, _widened(left, metres, bend), second, right, empties)


def _all_around(node: Sql) -> Sql:
    """The geometry; of one that reaches over the antimeridian a box around the earth."""
    west, south, east, north = (
        sql.func(name, node) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
    )
    low, high = (sql.cast(sql.number(side), "DOUBLE") for side in (-180, 180))
    over = sql.any_of([sql.binary("<", west, low), sql.binary(">", east, high)])
    return sql.case([(over, sql.func("ST_MakeEnvelope", low, south, high, north))], node)


def _extents_meet(first: Value, around: Sql, second: Value, other: Sql, empties: bool) -> Sql:
    """Boxes of what was made of two geometries meet."""
    if empties:
        around, other = _placed(shape(first), around), _placed(shape(second), other)
    return sql.func("ST_Intersects_Extent", around, other)


def _geographic(value: Value) -> bool:
    return bool(value.crs) and all(is_geographic(name) for name in value.crs)


def _in_crs84(value: Value) -> Sql:
    if one_crs(value, Value(frozenset({Lane.GEOMETRY}), crs=frozenset({CRS84}))):
        return shape(value)
    return transformed(shape(value), source_code(value), CRS84)


def _widened(node: Sql, metres: Metres, bend: float) -> Sql:
    sides = [sql.func(name, node) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")]
    west, south, east, north = sides
    above = _above(metres)
    beside = _beside(south, north, above)
    pad_x, pad_y = (_share(low, high, bend) for low, high in ((west, east), (south, north)))
    around = sql.binary("+", beside, pad_x)
    up = sql.binary("+", above, pad_y)
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


def _above(metres: Metres) -> Sql:
    """Margin in latitude, degrees."""
    if isinstance(metres, float):
        margin = degree_margins(0.0, metres)[1] * _SLACK if metres else 0.0
        return sql.cast(sql.number(repr(margin)), "DOUBLE")
    return scaled(metres, degree_margins(0.0, 1.0)[1] * _SLACK)


def _share(low: Sql, high: Sql, share: float) -> Sql:
    if not share:
        return sql.cast(sql.number("0.0"), "DOUBLE")
    size = sql.binary("-", high, low)
    pad = sql.binary("*", size, sql.cast(sql.number(repr(share)), "DOUBLE"))
    return sql.binary("+", pad, sql.cast(sql.number("1e-6"), "DOUBLE"))


def _beside(south: Sql, north: Sql, above: Sql) -> Sql:
    """Margin in longitude: asin(sin(angle) / cos(latitude)), 360 where the pole is in reach."""
    if isinstance(above, exp.Cast) and above.this.this == "0.0":
        return above
    angle = sql.func("radians", sql.func("least", above, sql.cast(sql.number("90.0"), "DOUBLE")))
    latitude = sql.func("greatest", sql.func("abs", south), sql.func("abs", north))
    reach = sql.binary("+", latitude, above)
    cosine = sql.func("cos", sql.func("radians", latitude))
    ratio = sql.quotient(sql.func("sin", angle), cosine)
    widest = sql.func("degrees", sql.func("asin", sql.func("least", ratio, sql.number("1.0"))))
    slack = sql.binary("*", widest, sql.cast(sql.number(repr(_SLACK)), "DOUBLE"))
    polar = sql.binary(">=", reach, sql.number("89.9"))
    return sql.case([(polar, sql.cast(sql.number(360), "DOUBLE"))], slack)
