"""Constant terms as :class:`store.values.Value`, in the lane a load would put them in."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from ontology import (
    GEOMETRY_DATATYPES,
    IRI,
    LANE_DATATYPES,
    XSD_STRING,
    BlankNode,
    Lane,
    Literal,
    Term,
    term_id,
)

from ..values import FACET_TYPES, Facet, Value, tag
from . import sql
from .columns import literal_columns
from .geometry.literals import geometry_constant
from .shapes import XSD
from .sql import Sql

INTEGERS: Final = frozenset(
    XSD + name
    for name in (
        "integer", "long", "int", "short", "byte", "unsignedLong", "unsignedInt",
        "unsignedShort", "unsignedByte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger",
    )
)  # fmt: skip
"""xsd:integer and what XML Schema derives from it."""

_INFINITE: Final = 2**63 - 1
"""Microseconds that stand for DuckDB's infinite times."""
_SMALL_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,17})\Z")


def constant(term: Term) -> Value:
    """Return the value of a constant term.

    Parameters
    ----------
    term : Term

    Returns
    -------
    Value
        Of one lane, never unbound; ``text`` only where the term is not written canonically
        (nodes, strings and odd datatypes always carry theirs).
    """
    match term:
        case IRI(value):
            return _node(term.n3, value, blank=False)
        case BlankNode():
            return _node(term.n3, term.n3, blank=True)
        case Literal(lexical, _, lang) if lang is not None:
            return _make(Lane.LANG, text=sql.string(lexical), lang=sql.string(lang))
        case _:
            return _literal(term)


def _node(n3: str, text: str, *, blank: bool) -> Value:
    return _make(
        Lane.NODE,
        id=sql.cast(sql.number(term_id(n3)), FACET_TYPES["id"]),
        blank=sql.boolean(blank),
        text=sql.string(text),
    )


def _make(lane: Lane, **facets: Sql) -> Value:
    found: dict[Facet, Sql] = {"tag": tag(lane)}
    found |= facets  # type: ignore[arg-type]
    return Value(frozenset({lane}), found, maybe_unbound=False)


def _literal(term: Literal) -> Value:
    if term.datatype == XSD_STRING:
        return _make(Lane.STRING, text=sql.string(term.lexical))
    if term.datatype == LANE_DATATYPES[Lane.INTEGER] and _SMALL_INTEGER.match(term.lexical):
        return _make(Lane.INTEGER, integer=sql.cast(sql.number(term.lexical), "BIGINT"))
    if term.datatype in GEOMETRY_DATATYPES:
        geometry = geometry_constant(term.lexical, term.datatype)
        if geometry is not None:
            return geometry
    return _read(term)


@lru_cache(maxsize=4096)
def _read(term: Literal) -> Value:
    ((lane, columns),) = literal_columns(pa.array([term.lexical], pa.string()), term.datatype)
    found = {facet: _python(column[0]) for facet, column in columns.items() if facet != "tag"}
    return _make(
        lane, **{facet: _sql(facet, value) for facet, value in found.items() if value is not None}
    )


def _python(scalar: pa.Scalar) -> Any:
    """A value; microseconds since 1970 for times in years that Python does not have."""
    try:
        return scalar.as_py()
    except OverflowError:
        return scalar.value


def _sql(facet: Facet, value: Any) -> Sql:
    match value:
        case int() if facet in ("time", "until") and abs(value) == _INFINITE:
            text = sql.string("infinity" if value > 0 else "-infinity")
            return sql.cast(text, FACET_TYPES[facet])
        case int() if facet in ("time", "until"):
            return sql.func("make_timestamp", sql.number(value))
        case bool():
            return sql.boolean(value)
        case str():
            return sql.string(value)
        case Decimal():
            return sql.cast(sql.number(format(value.normalize(), "f")), FACET_TYPES[facet])
        case int():
            return sql.cast(sql.number(value), FACET_TYPES[facet])
        case float() if math.isfinite(value):
            return sql.cast(sql.number(repr(value)), FACET_TYPES[facet])
        case float():
            return sql.cast(sql.string(str(value)), FACET_TYPES[facet])
        case _:
            return sql.cast(sql.string(value.isoformat(sep=" ")), FACET_TYPES[facet])
