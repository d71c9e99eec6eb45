"""Joins by a relation, one side of which may have giants: joined by their boxes, then asked.

See :mod:`store.lower.geometry.giants`. A giant's box takes its place in DuckDB's join; the pairs
found are told by the prepared giant, and only a giant meeting another is related as a whole.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlglot import exp

from ..algebra import Call, Var
from . import sql
from .geometry.giants import inverse, small
from .geometry.reference import one_crs, shape, wkb
from .geometry.relations import DIRECT, GEOF, PATTERNS, sound
from .scope import Scope
from .sql import Sql

_OF_BOXES: Final = frozenset({"ST_Intersects", "ST_Contains"})
"""Relations that a giant's box has to all that the giant has them to."""

_NOT_ASKED: Final = frozenset({"ST_Disjoint", "ST_Equals"})


class GiantJoin(NamedTuple):
    """How pairs are found when geometries of one side may be giants.

    ``test`` must hold of each pair; it reads the two geometries only through ``thinned``: what
    is NULL in the pairs that are settled without them.
    """

    join: Sql
    test: Sql
    thinned: dict[Sql, Sql]


def giant_key(geometry: Sql) -> Sql:
    """The key of a giant, NULL of another geometry; to be made once a row of the side."""
    return sql.func("gl_giant", sql.when(sql.negate(small(geometry)), wkb(geometry)))


def giant_side(call: Call, scope: Scope, few: frozenset[str]) -> str | None:
    """The variable of the side ``few`` whose geometries may be giants; None if there is none."""
    if not _relation(call) or not all(isinstance(arg, Var) for arg in call.args[:2]):
        return None
    names = [arg.name for arg in call.args[:2] if isinstance(arg, Var)]
    values = [scope[name] for name in names if name in scope]
    if len(values) < 2 or one_crs(*values) is None:
        return None
    if not all(isinstance(value.get("geometry"), exp.Column) for value in values):
        return None
    own = [name for name in names if name in few]
    return own[0] if len(own) == 1 else None


def giant_join(call: Call, scope: Scope, giant: str, key: Sql, exact: Sql) -> GiantJoin:
    """Split a relation of two variables, the geometries of ``giant`` having the key ``key``."""
    first, second = (scope[arg.name] for arg in call.args[:2] if isinstance(arg, Var))
    relation = _relation(call)
    own, other = first, second
    if scope[giant] is second:
        own, other, relation = second, first, inverse(relation)
    large, lesser = own.get("geometry"), other.get("geometry")
    asked, settled = sql.not_null(key), relation in _OF_BOXES
    told = sql.func("gl_on_joined_giant", key, wkb(lesser), sql.string(relation))
    if call.op.startswith(GEOF + "rcc8"):
        areal = sql.binary("=", sql.func("ST_Dimension", lesser), sql.number(2))
        told = sql.case([(areal, told)], sql.boolean(False))
    small_too = sql.every([asked, small(lesser)])
    branches = [(small_too, told)]
    whole = sql.negate(small_too)
    if settled:
        branches.append((sql.is_null(key), sql.boolean(True)))
        whole = sql.every([asked, sql.negate(small(lesser))])
    around = sql.case([(sql.is_null(key), sound(shape(own)))], sql.func("ST_Envelope", large))
    return GiantJoin(
        sql.func(relation if settled else "ST_Intersects", around, sound(shape(other))),
        sql.case(branches, exact),
        {large: sql.when(whole, large), lesser: sql.when(asked, lesser) if settled else lesser},
    )


def _relation(call: Call) -> str:
    """DuckDB's name of the relation, or its pattern; empty where giants have no say."""
    name = call.op.removeprefix(GEOF)
    found = DIRECT.get(name, PATTERNS.get(name, ""))
    return "" if found in _NOT_ASKED or name == "rcc8dc" else found
