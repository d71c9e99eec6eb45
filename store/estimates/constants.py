"""Constants of a query as the keys under which a lane's statistics know its objects."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pyarrow as pa

from ontology import IRI, XSD_STRING, BlankNode, Lane, Literal, Term, term_id

from ..lower.columns import literal_columns

Key = int | float | str

NUMBERS: Final = frozenset({Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT})
TIMES: Final = frozenset({Lane.DATE, Lane.DATETIME})

_MICROSECONDS: Final = 1_000_000


def object_key(term: Term) -> tuple[Lane, Key | None]:
    """The lane an object lies in and its key there, None for geometries."""
    match term:
        case IRI() | BlankNode():
            return Lane.NODE, term_id(term.n3)
        case Literal(lexical, _, lang) if lang is not None:
            return Lane.LANG, f"{lexical}@{lang}"
        case Literal(lexical, datatype) if datatype == XSD_STRING:
            return Lane.STRING, lexical
    return _typed(term)


@lru_cache(maxsize=4096)
def _typed(term: Literal) -> tuple[Lane, Key | None]:
    ((lane, columns),) = literal_columns(pa.array([term.lexical], pa.string()), term.datatype)
    if lane is Lane.OTHER:
        return lane, f"{term.lexical}^^{term.datatype}"
    for facet in ("integer", "decimal", "double", "boolean", "time"):
        if facet in columns:
            return lane, _number(columns[facet][0])
    return lane, None


def _number(held: pa.Scalar) -> float | None:
    if not held.is_valid:
        return None
    if isinstance(held, pa.TimestampScalar):
        return float(held.value / _MICROSECONDS)  # years beyond those of Python's datetime as well
    return float(held.as_py())
