"""Topological relations: GeoSPARQL 1.1 sections 8.7 to 8.9.

The Simple Features relations and those equal to one of them are DuckDB's; the others are tested
by their DE-9IM pattern. The patterns the standard prints for equality are false for points, so
equality is that of Simple Features in all three families; an empty geometry equals nothing, since
equal geometries have a common point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from interlink import RELATIONS
from ontology import PREFIXES, UnsupportedError

from ...values import Value
from .. import sql
from ..shapes import truth
from ..sql import Sql
from .reference import aligned, shape, wkb

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


def direct(name: str) -> Callable[[Value, Value], Value]:
    """A relation of DuckDB's."""

    def lowered(first: Value, second: Value) -> Value:
        found = sql.guarded(sql.func(name, shape(first), aligned(first, second)))
        if name == "ST_Equals":
            empty = sql.func("ST_IsEmpty", shape(first))
            found = sql.every([found, sql.negate(empty)])
        return truth(found)

    return lowered


def patterned(pattern: str) -> Callable[[Value, Value], Value]:
    """A relation by pattern."""

    def lowered(first: Value, second: Value) -> Value:
        return truth(matches(first, second, sql.string(pattern)))

    return lowered


def matches(first: Value, second: Value, pattern: Sql) -> Sql:
    """SQL: the DE-9IM matrix of the two fits the pattern."""
    return sql.func("gl_relate", wkb(shape(first)), wkb(aligned(first, second)), pattern)


def relate(first: Value, second: Value, pattern: Value) -> Value:
    """``geof:relate`` with a constant pattern of nine characters of ``TF*012``.

    Raises
    ------
    UnsupportedError
        The pattern is not constant, or is none.
    """
    node = pattern.get("text")
    if not isinstance(node, exp.Literal):
        raise UnsupportedError("The pattern of geof:relate must be a constant")
    text = node.this.upper()
    if len(text) != 9 or not set(text) <= set("TF*012"):
        raise UnsupportedError(
            "This is no DE-9IM pattern",
            where=repr(node.this),
            remedy="write nine characters of T, F, *, 0, 1, 2, for example 'T*F**F***'",
        )
    return truth(matches(first, second, sql.string(text)))
