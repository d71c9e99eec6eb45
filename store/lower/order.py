"""Sort keys with SPARQL's order: SPARQL 1.1 section 15.1.

Unbound, blank nodes, IRIs, literals; numbers by value, then truth values, times by instant,
other texts by code point. Every key is ascending and its NULLs belong first.
"""

from __future__ import annotations

from ontology import Lane

from ..values import Value
from . import numbers, sql
from .printing import lexical
from .shapes import NUMBER_LANES, TIME_LANES, has_lane, is_bound, of_lanes
from .sql import Sql

_PLAIN = {
    Lane.INTEGER: "integer",
    Lane.DECIMAL: "decimal",
    Lane.DOUBLE: "double",
    Lane.FLOAT: "double",
    Lane.STRING: "text",
    Lane.BOOLEAN: "boolean",
    Lane.DATE: "time",
    Lane.DATETIME: "time",
}


def order_keys(value: Value) -> list[Sql]:
    """SQL sort keys, most significant first; to be sorted ascending with NULLS FIRST.

    Node texts must be decoded: see ``text_demand`` with ``whole=True``.
    """
    only = value.only_lane
    if only in _PLAIN:
        return [value.get(_PLAIN[only])]  # type: ignore[arg-type]
    if only is Lane.NODE:
        return [sql.negate(value.get("blank")), value.get("text"), value.get("id")]
    if only is Lane.LANG:
        return [value.get("text"), sql.func("lower", value.get("lang"))]
    return _mixed(value)


def _mixed(value: Value) -> list[Sql]:
    keys = [_rank(value)]
    if value.lanes & (NUMBER_LANES | {Lane.OTHER}):
        found = [sql.cast(node, "DOUBLE") for node in numbers.parts(value).values()]
        keys.extend([sql.first_of(found)] if found else [])
    if value.lanes & (TIME_LANES | {Lane.OTHER}) and value.has("time"):
        keys.append(of_lanes(value, TIME_LANES | {Lane.OTHER}, "time"))
    keys.append(lexical(value))
    if Lane.LANG in value.lanes:
        keys.append(sql.func("lower", value.get("lang")))
    if Lane.OTHER in value.lanes:
        keys.append(value.get("datatype"))
    return keys


def _rank(value: Value) -> Sql:
    branches: list[tuple[Sql, Sql]] = []
    if Lane.NODE in value.lanes:
        blank = value.get("blank")
        here = has_lane(value, (Lane.NODE,))
        branches.append((sql.every([here, blank]), sql.number(1)))
        branches.append((here, sql.number(2)))
    if value.lanes & (NUMBER_LANES | {Lane.OTHER}):
        branches.append((numbers.is_number(value), sql.number(3)))
    if Lane.BOOLEAN in value.lanes:
        branches.append((has_lane(value, (Lane.BOOLEAN,)), sql.number(4)))
    if value.lanes & TIME_LANES:
        branches.append((has_lane(value, TIME_LANES), sql.number(5)))
    branches.append((is_bound(value), sql.number(6)))
    return sql.case(branches)
