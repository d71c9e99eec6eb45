"""Keys that are equal exactly for identical terms, and the struct terms leave the engine in."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from ontology import LANE_DATATYPES, Lane

from ..values import Value
from . import sql
from .binding import with_bound_sql
from .printing import lexical
from .shapes import datatype, has_lane, is_bound, of_lane
from .sql import Sql


def term_key(value: Value) -> Sql:
    """VARCHAR that is equal iff the terms are identical; NULL when unbound.

    Literals are keyed by datatype and lexical form whatever lane they lie in, geometries that
    print canonically by their coordinates.
    """
    return with_bound_sql(value, _key)


def _key(value: Value) -> Sql:
    branches: list[tuple[Sql, Sql]] = []
    if Lane.NODE in value.lanes:
        key = sql.binary("||", sql.string("N"), sql.cast(value.get("id"), "VARCHAR"))
        branches.append((has_lane(value, (Lane.NODE,)), key))
    if Lane.LANG in value.lanes:
        lang = sql.func("lower", value.get("lang"))
        key = _joined(sql.string("@"), lang, value.get("text"))
        branches.append((has_lane(value, (Lane.LANG,)), key))
    if Lane.GEOMETRY in value.lanes:
        branches.append((has_lane(value, (Lane.GEOMETRY,)), _geometry_key(value)))
    rest = value.lanes - {Lane.NODE, Lane.LANG, Lane.GEOMETRY}
    if rest:
        plain = Value(rest, value.facets, value.maybe_unbound)
        key = _joined(sql.string("L"), datatype(plain), lexical(plain))
        branches.append((has_lane(value, rest), key))
    if len(branches) < 2:
        return branches[0][1] if branches else sql.null("VARCHAR")
    return sql.case(branches)


def _joined(*parts: Sql) -> Sql:
    made = parts[0]
    for part in parts[1:-1]:
        made = sql.binary("||", made, part)
    return sql.binary("||", sql.binary("||", made, sql.string(" ")), parts[-1])


def _geometry_key(value: Value) -> Sql:
    """WKT that prints canonically by its coordinates, other geometries by their text."""
    if not value.has("datatype"):
        return _wkt_key(value)
    named = value.get("datatype")
    text = lexical(Value(frozenset({Lane.GEOMETRY}), value.facets))
    spelt = _joined(sql.string("L"), named, text)
    if isinstance(named, exp.Literal):
        return spelt
    return sql.case([(sql.is_null(named), _wkt_key(value))], spelt)


def _wkt_key(value: Value) -> Sql:
    wkb = sql.func("hex", sql.func("ST_AsWKB", value.get("geometry")))
    own = _joined(sql.string("G"), value.get("crs"), wkb)
    if not value.has("text"):
        return own
    spelt = _joined(sql.string("L"), sql.string(LANE_DATATYPES[Lane.GEOMETRY]), value.get("text"))
    return sql.first_of([spelt, own])


def to_struct(value: Value) -> Sql:
    """The value as a struct of the fields of ``TERM_STRUCT``; NULL when unbound.

    Where the value can be a geometry two fields follow, ``wkb`` and ``crs``; ``value`` is then NULL
    for geometries that have no text; :class:`store.results.Result` writes it.
    """
    return with_bound_sql(value, _struct)


def _struct(value: Value) -> Sql:
    present = is_bound(value)
    unbound = value.maybe_unbound
    value = replace(value, maybe_unbound=unbound and value.only_lane is None)
    node = has_lane(value, (Lane.NODE,))
    fields = [
        ("kind", sql.cast(_kind(value, node), "TINYINT")),
        ("value", sql.cast(_text(value, node), "VARCHAR")),
        ("datatype", datatype(value)),
        ("lang", _lang(value)),
    ]
    if Lane.GEOMETRY in value.lanes:
        shape = of_lane(value, Lane.GEOMETRY) if Lane.OTHER in value.lanes else None
        fields.append(("wkb", sql.func("ST_AsWKB", shape or value.get("geometry"))))
        fields.append(("crs", value.get("crs")))
    packed = sql.struct(fields)
    return sql.when(present, packed) if unbound else packed


def _kind(value: Value, node: Sql) -> Sql:
    if Lane.NODE not in value.lanes:
        return sql.number(3)
    blank = sql.case([(value.get("blank"), sql.number(2))], sql.number(1))
    return blank if value.only_lane else sql.case([(node, blank)], sql.number(3))


def _text(value: Value, node: Sql) -> Sql:
    printed = lexical(value, geometry=False)
    if Lane.NODE not in value.lanes:
        return printed
    label = sql.func("substr", value.get("text"), sql.number(3))
    blank = value.get("blank") if value.only_lane else sql.every([node, value.get("blank")])
    return sql.case([(blank, label)], printed)


def _lang(value: Value) -> Sql:
    return value.get("lang") if Lane.LANG in value.lanes else sql.null("VARCHAR")
