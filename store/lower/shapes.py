"""Making and asking :class:`store.values.Value`.

The invariant every function of this package keeps and relies on: a facet other than ``text``,
``time`` and ``double`` is NULL in each row whose lane does not have it; those three are
shared by lanes, so :func:`of_lane` guards them by the tag where it must. In lane OTHER ``until``
is NULL exactly where ``time`` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlglot import exp

from ontology import LANE_CODES, LANE_DATATYPES, XSD_STRING, Lane

from ..values import Facet, Value, tag
from . import sql
from .sql import Sql

XSD: Final = XSD_STRING.removesuffix("string")
NUMBER_LANES: Final = frozenset({Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT})
TEXT_LANES: Final = frozenset({Lane.STRING, Lane.LANG})
TIME_LANES: Final = frozenset({Lane.DATE, Lane.DATETIME})

OWN_FACET: Final[Mapping[Lane, Facet]] = {
    Lane.NODE: "id",
    Lane.STRING: "text",
    Lane.LANG: "text",
    Lane.BOOLEAN: "boolean",
    Lane.INTEGER: "integer",
    Lane.DECIMAL: "decimal",
    Lane.DOUBLE: "double",
    Lane.FLOAT: "double",
    Lane.DATE: "time",
    Lane.DATETIME: "time",
    Lane.GEOMETRY: "geometry",
    Lane.OTHER: "text",
}
"""The facet that is never NULL in a bound row of the lane."""


def code(lane: Lane) -> Sql:
    """The lane's tag as a plain number."""
    return sql.number(LANE_CODES[lane])


def is_bound(value: Value) -> Sql:
    """SQL: neither unbound nor an error."""
    if not value.maybe_unbound:
        return sql.boolean(True)
    only = value.only_lane
    own = OWN_FACET[only] if only not in (None, Lane.NODE) else "tag"
    return sql.not_null(value.get(own))


def has_lane(value: Value, lanes: Iterable[Lane]) -> Sql:
    """SQL: the row is of one of the lanes (NULL when unbound, unless statically known)."""
    wanted = value.lanes & frozenset(lanes)
    if not wanted:
        return sql.boolean(False)
    if wanted == value.lanes and not value.maybe_unbound:
        return sql.boolean(True)
    codes = [code(lane) for lane in sorted(wanted, key=LANE_CODES.__getitem__)]
    if wanted == value.lanes:
        return is_bound(value)
    if len(codes) == 1:
        return sql.binary("=", value.get("tag"), codes[0])
    return sql.one_of(value.get("tag"), codes)


def of_lanes(value: Value, lanes: Iterable[Lane], facet: Facet) -> Sql:
    """The facet where the row is of these lanes, else NULL."""
    wanted = value.lanes & frozenset(lanes)
    if not wanted:
        return exp.Null()
    if wanted == value.lanes:
        return value.get(facet)
    return sql.when(has_lane(value, wanted), value.get(facet))


def of_lane(value: Value, lane: Lane, facet: Facet | None = None) -> Sql:
    """The facet (by default the lane's own) where the row is of the lane, else NULL."""
    return of_lanes(value, (lane,), facet or OWN_FACET[lane])


def single(lane: Lane, own: Sql, *, crs: Iterable[str] = (), **facets: Sql | None) -> Value:
    """A value of one lane; it is an error wherever its own facet is NULL."""
    found: dict[Facet, Sql] = {"tag": sql.when(sql.not_null(own), tag(lane)), OWN_FACET[lane]: own}
    found |= {name: node for name, node in facets.items() if node is not None}  # type: ignore[misc]
    return Value(frozenset({lane}), found, crs=frozenset(crs))


def just_after(moment: Sql) -> Sql:
    """The end of an instant taken as a period: a microsecond later, the finest that is kept."""
    return sql.binary("+", moment, sql.func("to_microseconds", sql.number(1)))


def truth(node: Sql) -> Value:
    """An xsd:boolean."""
    return single(Lane.BOOLEAN, node)


def text(node: Sql) -> Value:
    """An xsd:string."""
    return single(Lane.STRING, node)


def integer(node: Sql) -> Value:
    """An xsd:integer."""
    return single(Lane.INTEGER, sql.cast(node, "BIGINT"))


def double(node: Sql) -> Value:
    """An xsd:double."""
    return single(Lane.DOUBLE, node)


def other(lexical: Sql, datatype: str | Sql) -> Value:
    """A literal of a datatype without a lane of its own."""
    made = sql.string(datatype) if isinstance(datatype, str) else datatype
    return single(Lane.OTHER, lexical, datatype=sql.when(sql.not_null(lexical), made))


def error() -> Value:
    """A value that is an error in every row."""
    return Value(frozenset({Lane.BOOLEAN}), {"tag": sql.null("UTINYINT")})


def merge(branches: Iterable[tuple[Sql | None, Value]]) -> Value:
    """CASE over whole values: the first branch whose condition is true; None is ELSE."""
    pairs = list(branches)
    names: dict[Facet, None] = {"tag": None}
    for _, value in pairs:
        names.update(dict.fromkeys(value.facets))
    facets: dict[Facet, Sql] = {}
    for name in names:
        whens = [(test, value.get(name)) for test, value in pairs if test is not None]
        rest = next((value.get(name) for test, value in pairs if test is None), None)
        facets[name] = sql.case(whens, rest)
    lanes: frozenset[Lane] = frozenset().union(*(value.lanes for _, value in pairs))
    return Value(lanes, facets, crs=merged_crs(value for _, value in pairs))


def merged_crs(values: Iterable[Value]) -> frozenset[str]:
    """CRS the union of values can have; empty (unknown) if one of them is unknown."""
    geometric = [value for value in values if value.has("geometry")]
    if any(not value.crs for value in geometric):
        return frozenset()
    return frozenset().union(*(value.crs for value in geometric))


def serialisation(value: Value) -> Sql:
    """Datatype IRI of the rows of lane GEOMETRY."""
    plain = sql.string(LANE_DATATYPES[Lane.GEOMETRY])
    if not value.has("datatype"):
        return plain
    named = value.get("datatype")
    return named if isinstance(named, exp.Literal) else sql.first_of([named, plain])


def datatype(value: Value) -> Sql:
    """Datatype IRI of a literal; NULL for nodes and errors."""
    branches = [
        (has_lane(value, (lane,)), sql.string(LANE_DATATYPES[lane]))
        for lane in Lane
        if lane in value.lanes and lane in LANE_DATATYPES and lane is not Lane.GEOMETRY
    ]
    if Lane.GEOMETRY in value.lanes:
        branches.append((has_lane(value, (Lane.GEOMETRY,)), serialisation(value)))
    if Lane.OTHER in value.lanes:
        branches.append((has_lane(value, (Lane.OTHER,)), value.get("datatype")))
    return sql.case(branches) if branches else sql.null("VARCHAR")
