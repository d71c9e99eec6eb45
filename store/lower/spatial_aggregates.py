"""Spatial aggregates: GeoSPARQL 1.1 section 8.4.5, and those of Strabon.

They keep SPARQL's rule for SUM: an unbound member, or one that is no geometry, makes the result an
error; so does a group of nothing, since it has no CRS. Members in other CRSs are carried into that
of the first member met, whose serialisation the result has too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from ontology import PREFIXES, Lane, UnsupportedError

from ..algebra import Aggregate
from ..values import Facet, Value, tag
from . import sql
from .constants import constant
from .geometry.constructions import box, ratio
from .geometry.reference import from_wkb, one_crs, shape, wkb
from .sql import Sql

GEOF: Final = PREFIXES["geof"]
STRDF: Final = PREFIXES["strdf"]


@dataclass(frozen=True, slots=True)
class _Members:
    """The geometries of a group: SQL of their list, of the CRS they are in, and of the first's."""

    value: Value
    distinct: bool

    @property
    def lists(self) -> Sql:
        """All members as a list of WKB, in one CRS."""
        if one_crs(self.value) is not None:
            return self._listed(wkb(shape(self.value)))
        return sql.func("gl_all_in_first_crs", self._listed(self._placed))

    def _listed(self, node: Sql) -> Sql:
        if self.distinct:
            return sql.func("list", exp.Distinct(expressions=[sql.own(node)]))
        return sql.func("list", node)

    @property
    def _placed(self) -> Sql:
        return sql.struct([("wkb", wkb(shape(self.value))), ("crs", self.value.get("crs"))])

    @property
    def crs(self) -> Sql:
        """The CRS of the result."""
        if len(self.value.crs) == 1:
            return sql.string(next(iter(self.value.crs)))
        if one_crs(self.value) is not None:
            return sql.func("any_value", self.value.get("crs"))
        first = sql.func("list_extract", self._listed(self._placed), sql.number(1))
        return sql.field(first, "crs")


def _made(members: _Members, node: Sql) -> Value:
    """The result, an error where a row of the group is no geometry."""
    value = members.value
    some = sql.binary(">", sql.func("count", exp.Star()), sql.number(0))
    counted = sql.func("count", shape(value))
    fits = sql.binary("=", sql.func("count", exp.Star()), counted)
    found = sql.when(sql.every([some, fits]), node)
    facets: dict[Facet, Sql] = {
        "tag": sql.when(sql.not_null(found), tag(Lane.GEOMETRY)),
        "geometry": found,
        "crs": sql.when(sql.not_null(found), members.crs),
    }
    if value.has("datatype"):
        first = sql.field(sql.func("first", sql.struct([("name", value.get("datatype"))])), "name")
        facets["datatype"] = sql.when(sql.not_null(found), first)
    return Value(frozenset({Lane.GEOMETRY}), facets, crs=value.crs)


def _collected(name: str) -> Callable[[_Members, Aggregate], Sql]:
    return lambda members, _: from_wkb(sql.func(name, members.lists))


def _box(members: _Members, aggregate: Aggregate) -> Sql:
    """The box of all: in one CRS from the ends of each, without a list."""
    value = members.value
    if one_crs(value) is None:
        return box(_collected("gl_all_hull")(members, aggregate))
    names = ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
    kinds = ("min", "min", "max", "max")
    ends = [
        sql.func(kind, sql.func(name, shape(value)))
        for kind, name in zip(kinds, names, strict=True)
    ]
    nothing = sql.func("ST_GeomFromText", sql.string("POINT EMPTY"))
    drawn = sql.func("ST_MakeEnvelope", *ends)
    return box(sql.case([(sql.is_null(ends[0]), nothing)], drawn))


def _circle(members: _Members, _: Aggregate) -> Sql:
    return from_wkb(sql.func("gl_all_circle", members.lists, members.crs))


def _concave(members: _Members, aggregate: Aggregate) -> Sql:
    given = aggregate.parameters
    share = ratio(constant(given[0].term) if given else None)
    if share is None:
        raise UnsupportedError(
            "The share of a concave hull must be a number", remedy="write one from 0 to 1"
        )
    return from_wkb(sql.func("gl_all_concave", members.lists, share))


_SHAPES: Final[dict[str, Callable[[_Members, Aggregate], Sql]]] = {
    "boundingBox": _box,
    "boundingCircle": _circle,
    "centroid": _collected("gl_all_centroid"),
    "concatLines": _collected("gl_all_lines"),
    "concaveHull": _concave,
    "convexHull": _collected("gl_all_hull"),
    "intersection": _collected("gl_all_intersection"),
    "union": _collected("gl_all_union"),
}
_SPELT: Final = (
    "boundingBox", "boundingCircle", "centroid", "concatLines", "concaveHull", "convexHull", "union"
)  # fmt: skip

SPATIAL_AGGREGATES: Final[dict[str, str]] = {
    **{f"{GEOF}agg{name}": name for name in _SPELT},
    **{f"{GEOF}agg{name[0].upper()}{name[1:]}": name for name in _SPELT},
    GEOF + "union": "union",
    STRDF + "union": "union",
    STRDF + "intersection": "intersection",
    STRDF + "extent": "boundingBox",
}
"""IRI of an aggregate: what it makes of the geometries of a group."""

_DISTINCT_COUNTS: Final = frozenset({"centroid", "concatLines"})


def is_spatial(name: str) -> bool:
    """Return whether this is the IRI of a spatial aggregate."""
    return name in SPATIAL_AGGREGATES


def spatial_aggregate(value: Value, aggregate: Aggregate) -> Value:
    """Lower a spatial aggregate over the rows of a group."""
    kind = SPATIAL_AGGREGATES[aggregate.name]
    if not value.has("geometry"):
        return Value(frozenset(), {"tag": sql.func("any_value", sql.null("UTINYINT"))})
    members = _Members(value, aggregate.distinct and kind in _DISTINCT_COUNTS)
    return _made(members, _SHAPES[kind](members, aggregate))
