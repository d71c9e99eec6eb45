"""Equality and order of terms: SPARQL 1.1 sections 17.3, 17.4.1.7 (RDFterm-equal).

Values fall into *kinds* that compare among themselves. Two different known kinds are unequal;
with an unknown datatype, literals are equal when identical and an error otherwise (but no
language-tagged string equals them); ``<`` between kinds is an error. A date or time with a zone and
one without are compared where they lie over 14 hours apart; nearer, all comparisons of them are
errors (XML Schema part 2, section 3.2.7.4; the W3C's open-world/date-1 and date-2).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from ontology import LANE_DATATYPES, Lane

from ..layout.lexical_sql import ZONE_FORM
from ..values import Value
from . import numbers, sql
from .identity import term_key
from .shapes import has_lane, is_bound, of_lane, of_lanes
from .sql import Sql


class Kind(IntEnum):
    """What compares with what."""

    UNKNOWN = 0
    NUMBER = 1
    STRING = 2
    LANG = 3
    BOOLEAN = 4
    DATETIME = 5
    DATE = 6
    NODE = 7


_KIND_OF = {
    Lane.NODE: Kind.NODE,
    Lane.STRING: Kind.STRING,
    Lane.BOOLEAN: Kind.BOOLEAN,
    Lane.INTEGER: Kind.NUMBER,
    Lane.DECIMAL: Kind.NUMBER,
    Lane.DOUBLE: Kind.NUMBER,
    Lane.FLOAT: Kind.NUMBER,
    Lane.DATE: Kind.DATE,
    Lane.DATETIME: Kind.DATETIME,
    Lane.LANG: Kind.LANG,
    Lane.GEOMETRY: Kind.UNKNOWN,
}
_TIMES = {Kind.DATE: Lane.DATE, Kind.DATETIME: Lane.DATETIME}
_INDETERMINATE_US: Final = 14 * 3_600_000_000
_ZONE: Final = f"{ZONE_FORM}$"


def kinds(value: Value) -> frozenset[Kind]:
    """The kinds the value can be."""
    found = {_KIND_OF[lane] for lane in value.lanes if lane is not Lane.OTHER}
    if Lane.OTHER in value.lanes:
        found.add(Kind.UNKNOWN)
        if value.has("double"):
            found.add(Kind.NUMBER)
        if value.has("time"):
            found |= set(_TIMES)
    return frozenset(found)


def equal(left: Value, right: Value) -> Sql:
    """``left = right`` with NULL for an error."""
    shared = kinds(left) & kinds(right)
    if len(kinds(left)) == len(kinds(right)) == len(shared) == 1:
        return _same_kind("=", left, right, next(iter(shared)))
    if not shared and Kind.UNKNOWN not in kinds(left) | kinds(right):
        return sql.when(_both_bound(left, right), sql.boolean(False))
    a, b = _kind_code(left), _kind_code(right)
    unknown = sql.number(Kind.UNKNOWN)
    apart = [sql.number(Kind.NODE), sql.number(Kind.LANG)]
    same = [_same_kind("=", left, right, kind) for kind in sorted(shared)]
    differ = sql.case(
        [
            (sql.any_of([sql.one_of(a, apart), sql.one_of(b, apart)]), sql.boolean(False)),
            (
                sql.every([sql.binary("!=", a, unknown), sql.binary("!=", b, unknown)]),
                sql.boolean(False),
            ),
        ]
    )
    return sql.case(
        [(sql.binary("!=", a, b), differ)], sql.first_of(same) if same else sql.null("BOOLEAN")
    )


def unequal(left: Value, right: Value) -> Sql:
    """``left != right`` with NULL for an error."""
    if kinds(left) == kinds(right) == {Kind.NUMBER}:
        return numbers.compare("!=", left, right) or sql.null("BOOLEAN")
    return sql.negate(equal(left, right))


def ordered(op: str, left: Value, right: Value) -> Sql:
    """``<``, ``>``, ``<=``, ``>=`` with NULL for an error."""
    comparable = (kinds(left) & kinds(right)) - {Kind.UNKNOWN, Kind.NODE, Kind.LANG}
    found = [_same_kind(op, left, right, kind) for kind in sorted(comparable)]
    return sql.first_of(found) if found else sql.null("BOOLEAN")


def same_term(left: Value, right: Value) -> Sql:
    """``sameTerm``: identical terms."""
    if left.only_lane is right.only_lane is Lane.NODE:
        return sql.binary("=", left.get("id"), right.get("id"))
    if not left.lanes & right.lanes and Lane.OTHER not in left.lanes | right.lanes:
        return sql.when(_both_bound(left, right), sql.boolean(False))
    return sql.binary("=", term_key(left), term_key(right))


def _both_bound(left: Value, right: Value) -> Sql:
    return sql.every([is_bound(v) for v in (left, right)])


def _same_kind(op: str, left: Value, right: Value, kind: Kind) -> Sql:
    """Compare within a kind; NULL in rows where a side is of another."""
    match kind:
        case Kind.NUMBER:
            return numbers.compare(op, left, right) or sql.null("BOOLEAN")
        case Kind.STRING:
            return sql.binary(op, of_lane(left, Lane.STRING), of_lane(right, Lane.STRING))
        case Kind.BOOLEAN:
            return sql.binary(op, left.get("boolean"), right.get("boolean"))
        case Kind.NODE:
            return sql.binary("=", left.get("id"), right.get("id"))
        case Kind.LANG:
            return _same_lang(left, right)
        case Kind.DATE | Kind.DATETIME:
            return _times(op, left, right, kind)
        case Kind.UNKNOWN:
            identical = sql.binary("=", term_key(left), term_key(right))
            unknown = [
                sql.binary("=", _kind_code(v), sql.number(Kind.UNKNOWN)) for v in (left, right)
            ]
            return sql.when(sql.every([*unknown, identical]), sql.boolean(True))


def _same_lang(left: Value, right: Value) -> Sql:
    text = sql.binary("=", of_lane(left, Lane.LANG), of_lane(right, Lane.LANG))
    tags = [sql.func("lower", v.get("lang")) for v in (left, right)]
    return sql.every([text, sql.binary("=", *tags)])


def _times(op: str, left: Value, right: Value, kind: Kind) -> Sql:
    a, b = _time(left, kind), _time(right, kind)
    plain = sql.binary(op, a, b)
    zoned = [_has_zone(value, kind) for value in (left, right)]
    if zoned == [None, None]:
        return plain
    alike = sql.binary("=", *(flag or sql.boolean(False) for flag in zoned))
    apart = sql.func("abs", sql.func("date_diff", sql.string("microsecond"), a, b))
    sure = sql.any_of([alike, sql.binary(">", apart, sql.number(_INDETERMINATE_US))])
    return sql.when(sure, plain)


def _has_zone(value: Value, kind: Kind) -> Sql | None:
    """SQL: the row has a zone; None if no row has."""
    found = []
    if kind is Kind.DATETIME and value.has("zone"):
        found.append(sql.not_null(value.get("zone")))
    if Lane.OTHER in value.lanes and value.has("time"):
        text = sql.first_of([of_lane(value, Lane.OTHER), sql.string("")])
        found.append(sql.func("regexp_matches", text, sql.string(_ZONE)))
    return sql.any_of(found) if found else None


def _time(value: Value, kind: Kind) -> Sql:
    lane = _TIMES[kind]
    plain = of_lane(value, lane) if lane in value.lanes else None
    if Lane.OTHER not in value.lanes or not value.has("time"):
        return plain if plain is not None else sql.null("TIMESTAMP")
    here = sql.binary("=", value.get("datatype"), sql.string(LANE_DATATYPES[lane]))
    odd = sql.when(here, of_lanes(value, (Lane.OTHER,), "time"))
    return sql.first_of([plain, odd]) if plain is not None else odd


def _kind_code(value: Value) -> Sql:
    """Kind of the row as a number; NULL when unbound."""
    found = kinds(value)
    if len(found) == 1:
        known = sql.number(next(iter(found)))
        return sql.when(is_bound(value), known) if value.maybe_unbound else known
    branches: list[tuple[Sql, Sql]] = []
    for kind in sorted(found):
        lanes = [lane for lane in value.lanes if _KIND_OF.get(lane) is kind]
        if lanes:
            branches.append((has_lane(value, lanes), sql.number(kind)))
    if Lane.OTHER in value.lanes:
        branches.append((has_lane(value, (Lane.OTHER,)), _other_code(value)))
    return sql.case(branches)


def _other_code(value: Value) -> Sql:
    branches: list[tuple[Sql, Sql]] = []
    if value.has("double"):
        branches.append((sql.not_null(value.get("double")), sql.number(Kind.NUMBER)))
    if value.has("time"):
        for kind, lane in _TIMES.items():
            here = sql.binary("=", value.get("datatype"), sql.string(LANE_DATATYPES[lane]))
            timed = sql.every([here, sql.not_null(value.get("time"))])
            branches.append((timed, sql.number(kind)))
    unknown = sql.number(Kind.UNKNOWN)
    return sql.case(branches, unknown) if branches else unknown
