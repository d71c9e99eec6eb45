"""Literals whose datatype is met while running: STRDT over columns of text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp

from ontology import GEOMETRY_DATATYPES, RDF_LANG_STRING, WKT_LITERAL, XSD_STRING, Lane

from ..layout.lexical_sql import NUMBER_SQL, TIME_SQL, UNTIL_SQL
from ..layout.parts import STORED_CRS
from ..values import Facet, Value, tag
from . import casts, sql
from .binding import let, named, pack, unpacked
from .printing import lexical
from .shapes import merge, single, text
from .sql import Sql

_SIDES: Final[dict[Facet, str]] = {"xmin": "-inf", "ymin": "-inf", "xmax": "inf", "ymax": "inf"}
"""Sides of boxes, and whither each is rounded."""


def typed_column(plain: Sql, datatype: str) -> Value:
    """Texts as literals of one datatype, each in the lane that a load would put it in."""
    if datatype == XSD_STRING:
        return text(plain)
    if datatype in GEOMETRY_DATATYPES:
        return _geometry(plain, sql.string(datatype), wkt=datatype == WKT_LITERAL)
    cast = casts.XSD_CASTS.get(datatype)
    if cast is None:
        return _odd(plain, sql.string(datatype))
    tight = sql.when(sql.binary("=", sql.func("trim", plain), plain), plain)
    return casts.retyped(cast(text(tight)), plain, datatype)


def typed_columns(plain: Sql, datatype: Sql) -> Value:
    """Texts as literals of the datatypes of a column; rdf:langString is an error."""
    kept = sql.when(sql.binary("!=", datatype, sql.string(RDF_LANG_STRING)), plain)
    made = _of_datatypes(named("lexical"), named("datatype"))
    return unpacked(made, let({"lexical": kept, "datatype": datatype}, pack(made)))


def _of_datatypes(plain: Sql, datatype: Sql) -> Value:
    known = [
        (sql.binary("=", datatype, sql.string(name)), typed_column(plain, name))
        for name in casts.XSD_CASTS
    ]
    wkt, *others = map(sql.string, GEOMETRY_DATATYPES)
    geometric = [
        (sql.binary("=", datatype, wkt), _geometry(plain, wkt, wkt=True)),
        (sql.one_of(datatype, others), _geometry(plain, datatype, wkt=False)),
    ]
    return merge([*known, *geometric, (None, _odd(plain, datatype))])


def _geometry(plain: Sql, datatype: Sql, *, wkt: bool) -> Value:
    """Texts as geometry literals; what lane GEOMETRY does not hold is of lane OTHER."""
    kept = sql.when(sql.not_null(plain), datatype)
    odd = single(Lane.OTHER, plain, datatype=kept)
    found = with_geometry(odd)
    stored = sql.every(
        [
            sql.func("regexp_matches", found.get("crs"), sql.string(STORED_CRS)),
            sql.negate(sql.func("ST_HasM", found.get("geometry"))),
        ]
    )
    facets = {**found.facets, "tag": sql.case([(stored, tag(Lane.GEOMETRY))], odd.get("tag"))}
    if wkt:
        canonical = lexical(Value(frozenset({Lane.GEOMETRY}), _without(found, "text", "datatype")))
        same = sql.every([stored, sql.binary("=", canonical, plain)])
        facets["text"] = sql.case([(same, sql.null("VARCHAR"))], plain)
        facets["datatype"] = sql.case([(stored, sql.null("VARCHAR"))], kept)
    return Value(frozenset({Lane.GEOMETRY, Lane.OTHER}), facets)


def _without(value: Value, *names: Facet) -> dict[Facet, Sql]:
    return {facet: node for facet, node in value.facets.items() if facet not in names}


def with_geometry(value: Value) -> Value:
    """Literals of lane OTHER with the facets of the geometries among them, read at run time."""
    lexical_form, datatype = value.get("text"), value.get("datatype")
    shape = sql.func("ST_GeomFromWKB", sql.func("gl_wkb_of", lexical_form, datatype))
    facets: dict[Facet, Sql] = {
        "geometry": shape,
        "crs": sql.func("gl_crs_of", lexical_form, datatype),
    }
    for facet, towards in _SIDES.items():
        side = sql.cast(sql.func(f"ST_{facet[0].upper()}{facet[1:].capitalize()}", shape), "FLOAT")
        infinite = sql.cast(sql.string(towards), "FLOAT")
        facets[facet] = sql.func("nextafter", side, infinite)
    return replace(value, facets={**value.facets, **facets})


def _odd(plain: Sql, datatype: Sql) -> Value:
    """Lane OTHER, with the number, time or period of those that have one."""
    kept = sql.when(sql.not_null(plain), datatype)
    return single(Lane.OTHER, plain, datatype=kept, **odd_values(plain, kept))


def odd_values(plain: Sql, datatype: Sql) -> dict[Facet, Sql]:
    """What literals of lane OTHER mean: numbers, instants, both ends of periods."""
    return {
        "double": _over(NUMBER_SQL, plain, datatype),
        "time": _over(TIME_SQL, plain, datatype),
        "until": _over(UNTIL_SQL, plain, datatype),
    }


def _over(template: str, plain: Sql, datatype: Sql) -> Sql:
    columns = {"o": plain, "datatype": datatype}

    def filled(node: Sql) -> Sql:
        return sql.own(columns[node.name]) if isinstance(node, exp.Column) else node

    return _parsed(template).transform(filled)


@cache
def _parsed(template: str) -> Sql:
    parsed: Sql = sqlglot.maybe_parse(template, dialect="duckdb")
    return parsed
