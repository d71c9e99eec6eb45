"""Strabon's spatial functions: those of GeoSPARQL under its names, and relations of boxes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from ontology import PREFIXES

from ...values import Value
from .. import sql
from ..shapes import truth
from ..sql import Sql
from . import constructions as make
from . import measures, relations, serialised
from .reference import carried, shape

STRDF: Final = PREFIXES["strdf"]
_WEST, _SOUTH, _EAST, _NORTH = "ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax"
_Ends = tuple[str, str, str]
"""End of the first box, comparison, end of the second."""

_BOXES: Final[dict[str, tuple[_Ends, ...]]] = {
    "left": ((_EAST, "<", _WEST),),
    "right": ((_WEST, ">", _EAST),),
    "above": ((_SOUTH, ">", _NORTH),),
    "below": ((_NORTH, "<", _SOUTH),),
    "mbbIntersects": (
        (_WEST, "<=", _EAST), (_EAST, ">=", _WEST), (_SOUTH, "<=", _NORTH), (_NORTH, ">=", _SOUTH),
    ),
    "mbbContains": (
        (_WEST, "<=", _WEST), (_EAST, ">=", _EAST), (_SOUTH, "<=", _SOUTH), (_NORTH, ">=", _NORTH),
    ),
    "mbbWithin": (
        (_WEST, ">=", _WEST), (_EAST, "<=", _EAST), (_SOUTH, ">=", _SOUTH), (_NORTH, "<=", _NORTH),
    ),
    "mbbEquals": (
        (_WEST, "=", _WEST), (_EAST, "=", _EAST), (_SOUTH, "=", _SOUTH), (_NORTH, "=", _NORTH),
    ),
}  # fmt: skip


def _boxed(tests: tuple[_Ends, ...], first: Value, second: Value) -> Value:
    """A relation of boxes in the CRS of the first; an empty geometry has no box."""
    left, right = shape(first), carried(first, second)

    def compared(ends: _Ends) -> Sql:
        mine, op, other = ends
        return sql.binary(op, sql.func(mine, left), sql.func(other, right))

    return truth(sql.every([compared(ends) for ends in tests]))


_RELATIONS: Final = (
    "equals", "disjoint", "intersects", "touches", "within", "contains", "overlaps", "crosses",
)  # fmt: skip

_ONE: Final[dict[str, Callable[[Value], Value]]] = {
    "area": measures.metric_area,
    "envelope": make.envelope,
    "convexHull": make.made_by("ST_ConvexHull"),
    "boundary": make.made_by("ST_Boundary"),
    "dimension": make.dimension,
    "geometryType": make.geometry_type,
    "isEmpty": make.tested_by("ST_IsEmpty"),
    "isSimple": make.tested_by("ST_IsSimple"),
    "srid": make.srid,
    "asText": serialised.as_wkt,
    "asGML": serialised.as_gml,
}

_TWO: Final[dict[str, Callable[[Value, Value], Value]]] = {
    **{name: relations.direct(relations.DIRECT[f"sf{name.capitalize()}"]) for name in _RELATIONS},
    **{name: partial(_boxed, tests) for name, tests in _BOXES.items()},
    "intersection": make.overlaid_by("ST_Intersection"),
    "union": make.overlaid_by("ST_Union"),
    "difference": make.overlaid_by("ST_Difference"),
    "symDifference": make.overlaid_by("ST_SymDifference"),
    "transform": serialised.transform,
}

_THREE: Final[dict[str, Callable[[Value, Value, Value], Value]]] = {
    "distance": measures.distance,
    "buffer": measures.buffer,
    "relate": relations.relate,
}

STRDF_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int, int]]] = {
    STRDF + name: (function, count, count)
    for count, table in ((1, _ONE), (2, _TWO), (3, _THREE))
    for name, function in table.items()
}
"""Function IRI: how it is lowered, least and most arguments."""
