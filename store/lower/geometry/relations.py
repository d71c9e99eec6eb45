"""Topological relations: GeoSPARQL 1.1 sections 8.7 to 8.9.

The Simple Features relations and those equal to one of them are DuckDB's; the others are tested
by their DE-9IM pattern. The patterns the standard prints for equality are false for points, so
equality is that of Simple Features in all three families: the same set of points, which two empty
geometries have too. RCC8 relations hold of areas only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from interlink import RELATIONS
from ontology import PREFIXES, Lane, UnsupportedError

from ...values import Value
from .. import sql
from ..shapes import of_lane, truth
from ..sql import Sql
from .boxes import boxes_first
from .giants import constant_first
from .reference import carried, from_wkb, shape, wkb

GEOF: Final = PREFIXES["geof"]

DIRECT: Final[dict[str, str]] = {
    "sfEquals": "ST_Equals",
    "sfDisjoint": "ST_Disjoint",
    "sfIntersects": "ST_Intersects",
    "sfTouches": "ST_Touches",
    "sfCrosses": "ST_Crosses",
    "sfWithin": "ST_Within",
    "sfContains": "ST_Contains",
    "sfOverlaps": "ST_Overlaps",
    "ehEquals": "ST_Equals",
    "ehDisjoint": "ST_Disjoint",
    "ehMeet": "ST_Touches",
    "rcc8eq": "ST_Equals",
}
"""Relations DuckDB has under another name."""

PATTERNS: Final[dict[str, str]] = {
    name: relation.cases[0].pattern for name, relation in RELATIONS.items() if name not in DIRECT
}
"""Relations tested by the DE-9IM pattern that interlink links by."""


NEEDED: Final[dict[str, str]] = {
    "ehOverlap": "ST_Intersects",
    "ehCovers": "ST_Contains",
    "ehCoveredBy": "ST_Within",
    "ehInside": "ST_Within",
    "ehContains": "ST_Contains",
    "rcc8ec": "ST_Touches",
    "rcc8po": "ST_Intersects",
    "rcc8tppi": "ST_Contains",
    "rcc8tpp": "ST_Within",
    "rcc8ntpp": "ST_Within",
    "rcc8ntppi": "ST_Contains",
    "rcc8dc": "ST_Disjoint",
}
"""What DuckDB is asked first: the pattern cannot fit where it says no, so few pairs are left."""


def sound(node: Sql) -> Sql:
    """A geometry as relations take it: GEOS ends the process over some empty parts of collections.

    (Found with GEOS 3.13 and 3.14: two polygons and POLYGON EMPTY in one collection.)
    """
    kind = sql.func("ST_GeometryType", node)
    several = sql.binary("=", kind, sql.string("GEOMETRYCOLLECTION"))
    mended = from_wkb(sql.func("gl_without_empty", wkb(node)))
    return sql.case([(several, mended)], node)


def of_areas(
    relation: Callable[[Value, Value], Value],
) -> Callable[[Value, Value], Value]:
    """The relation, false of points and lines; an error where it is one of areas."""

    def lowered(first: Value, second: Value) -> Value:
        found = relation(first, second)
        highest = [sql.func("ST_Dimension", shape(value)) for value in (first, second)]
        lower = sql.binary("<", sql.binary("+", *highest), sql.number(4))
        return truth(sql.case([(lower, sql.boolean(False))], found.get("boolean")))

    return lowered


def direct(name: str) -> Callable[[Value, Value], Value]:
    """A relation of DuckDB's."""

    def lowered(first: Value, second: Value) -> Value:
        one, other = shape(first), carried(first, second)
        whole = sql.guarded(sql.func(name, sound(one), sound(other)))
        exact = constant_first(one, other, name, whole)
        return truth(boxes_first(first, second, exact, apart=name == "ST_Disjoint"))

    return lowered


def patterned(name: str) -> Callable[[Value, Value], Value]:
    """A relation by its pattern."""
    pattern = sql.string(PATTERNS[name])

    def lowered(first: Value, second: Value) -> Value:
        other = carried(first, second)
        possible = sql.guarded(sql.func(NEEDED[name], sound(shape(first)), sound(other)))
        exact = _fits(shape(first), other, pattern)
        whole = sql.case([(sql.negate(possible), sql.boolean(False))], exact)
        tested = constant_first(shape(first), other, PATTERNS[name], whole)
        if name == "rcc8dc":
            return truth(tested)
        return truth(boxes_first(first, second, tested, apart=False))

    return lowered


def _fits(first: Sql, second: Sql, pattern: Sql) -> Sql:
    return sql.func("gl_relate", wkb(first), wkb(second), pattern)


def relate(first: Value, second: Value, pattern: Value) -> Value:
    """``geof:relate``: the DE-9IM matrix fits nine characters of ``TF*012``.

    A pattern that varies and is none is an error value.

    Raises
    ------
    UnsupportedError
        The pattern is constant, and is none.
    """
    node = pattern.get("text")
    if not isinstance(node, exp.Literal):
        given = sql.func("upper", of_lane(pattern, Lane.STRING))
        good = sql.func("regexp_full_match", given, sql.string("[TF*012]{9}"))
        return truth(_fits(shape(first), carried(first, second), sql.when(good, given)))
    text = node.this.upper()
    if len(text) != 9 or not set(text) <= set("TF*012"):
        raise UnsupportedError(
            "This is no DE-9IM pattern",
            where=repr(node.this),
            remedy="write nine characters of T, F, *, 0, 1, 2, for example 'T*F**F***'",
        )
    sides = shape(first), carried(first, second)
    exact = constant_first(*sides, text, _fits(*sides, sql.string(text)))
    if any(text[k] in "T012" for k in (0, 1, 3, 4)):
        exact = boxes_first(first, second, exact, apart=False)
    elif text == "FF*FF****":
        exact = boxes_first(first, second, exact, apart=True)
    return truth(exact)
