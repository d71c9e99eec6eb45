"""Sets of known values that restrict what a remote source has to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, BlankNode, Literal, Term
from store import algebra as al

from .answers import blank_columns

_LONGEST: Final = 200  # characters; WKT sent back in VALUES swells requests


def distinct_values(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the different combinations of terms in some columns."""
    flat: dict[str, pa.ChunkedArray] = {}
    for i, name in enumerate(names):
        for part in ("kind", "value", "datatype", "lang"):
            flat[f"{i}{part}"] = pc.struct_field(table.column(name), part)
    unique = pa.table(flat).group_by(list(flat)).aggregate([])
    type_ = table.schema.field(names[0]).type
    columns = [
        pa.StructArray.from_arrays(
            [
                unique.column(f"{i}{part}").combine_chunks()
                for part in ("kind", "value", "datatype", "lang")
            ],
            fields=list(type_),
        )
        for i, _ in enumerate(names)
    ]
    return pa.table(columns, names=list(names))


def sendable(table: pa.Table, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns whose values can be sent: bound, no blank nodes, not long."""
    blank = blank_columns(table.select(list(names))) if names else ()

    def short(name: str) -> bool:
        longest = pc.max(pc.utf8_length(pc.struct_field(table.column(name), "value"))).as_py()
        return (longest or 0) <= _LONGEST

    return tuple(n for n in names if n not in blank and not table.column(n).null_count and short(n))


def as_values(table: pa.Table) -> al.Values:
    """Return the rows as inline data."""
    columns = [[_term(cell) for cell in column.to_pylist()] for column in table.columns]
    return al.Values(tuple(table.column_names), tuple(zip(*columns, strict=True)))


def _term(cell: dict[str, str | int]) -> Term:
    value = str(cell["value"])
    if cell["kind"] == 1:
        return IRI(value)
    if cell["kind"] == 2:
        return BlankNode(value)
    lang = cell["lang"]
    return Literal(value, str(cell["datatype"]), None if lang is None else str(lang))
