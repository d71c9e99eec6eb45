"""Literals whose datatype is met while running: STRDT over columns of text."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

from ontology import RDF_LANG_STRING, WKT_LITERAL, XSD_STRING, Lane

from ..layout.lexical_sql import NUMBER_SQL, TIME_SQL, UNTIL_SQL
from ..layout.parts import STORED_CRS
from ..values import Facet, Value, tag
from . import casts, sql
from .shapes import merge, single, text
from .sql import Sql


def typed_column(plain: Sql, datatype: str) -> Value:
    """Texts as literals of one datatype, each in the lane that a load would put it in."""
    if datatype == XSD_STRING:
        return text(plain)
    if datatype == WKT_LITERAL:
        return casts.retyped(_geometry(plain), plain, datatype)
    cast = casts.XSD_CASTS.get(datatype)
    if cast is None:
        return _odd(plain, sql.string(datatype))
    tight = sql.when(sql.binary("=", sql.func("trim", plain), plain), plain)
    return casts.retyped(cast(text(tight)), plain, datatype)


def typed_columns(plain: Sql, datatype: Sql) -> Value:
    """Texts as literals of the datatypes of a column; rdf:langString is an error."""
    plain = sql.when(sql.binary("!=", datatype, sql.string(RDF_LANG_STRING)), plain)
    known = [
        (sql.binary("=", datatype, sql.string(name)), typed_column(plain, name))
        for name in (*casts.XSD_CASTS, WKT_LITERAL)
    ]
    return merge([*known, (None, _odd(plain, datatype))])


def _geometry(plain: Sql) -> Value:
    wkb = sql.func("gl_wkb_of", plain)
    return Value(
        frozenset({Lane.GEOMETRY}),
        {
            "tag": sql.when(sql.not_null(wkb), tag(Lane.GEOMETRY)),
            "geometry": sql.func("ST_GeomFromWKB", wkb),
            "crs": sql.func("gl_crs_of", plain),
        },
    )


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
