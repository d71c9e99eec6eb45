"""Canonical lexical forms: the text a value is written as unless it brings its own.

Numbers are the shortest text that
reads back the same (DuckDB's and Python's rule, so ``3000.0``, ``1e+16``, ``1e-07``), decimals have
no trailing zeros, times are ISO 8601 with a fraction only where there is one and ``Z`` when zoned;
not-a-number and the infinities are ``NaN``, ``INF``, ``-INF`` (XML Schema 1.1 part 2).
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .columns import TermColumn
from .lanes import Lane
from .namespaces import CRS84, WKT_LITERAL
from .serialisations import format_geometries

_REAL = (
    "CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN CASE WHEN v > 0 THEN 'INF' ELSE '-INF' END"
    " ELSE v::VARCHAR END"
)
_PRINT: Final = {
    Lane.BOOLEAN: "v::VARCHAR",
    Lane.INTEGER: "v::VARCHAR",
    Lane.DECIMAL: "rtrim(rtrim(v::VARCHAR, '0'), '.')",
    Lane.DOUBLE: _REAL,
    Lane.FLOAT: _REAL,
    Lane.DATE: "v::VARCHAR",
    Lane.DATETIME: "replace(v::VARCHAR, ' ', 'T')",
}
_local = threading.local()


def lexical_forms(column: TermColumn) -> pa.Array:
    """Lexical forms of a column of literals, one a row.

    Parameters
    ----------
    column : TermColumn
        Of any lane; for NODE the texts themselves are returned.

    Returns
    -------
    pa.Array of strings, shape (n,)
        ``column.lexical`` where that is given, else the canonical form; null stays null, and so
        is a geometry that its serialisation cannot hold.

    Examples
    --------
    >>> lexical_forms(TermColumn(Lane.DOUBLE, pa.array([3000.0, 0.1]))).to_pylist()
    ['3000.0', '0.1']
    """
    if column.lexical is None:
        return _canonical(column)
    lexical = pc.cast(column.lexical, pa.string())
    if column.lane is Lane.GEOMETRY:
        given = pc.is_valid(lexical)
        unwritten = pc.if_else(given, pa.scalar(None, pa.binary()), column.values)
        if unwritten.null_count == len(unwritten):
            return pc.if_else(pc.is_valid(column.values), lexical, pa.scalar(None, pa.string()))
        column = replace(column, values=unwritten)
    return pc.coalesce(lexical, _canonical(column))


def _canonical(column: TermColumn) -> pa.Array:
    if column.lane is Lane.GEOMETRY:
        datatype = column.datatype or WKT_LITERAL
        return format_geometries(column.values, column.crs or CRS84, datatype)
    if column.lane not in _PRINT:
        return column.values
    if pa.types.is_integer(column.values.type):
        return pc.cast(column.values, pa.string())
    table = _run(f"SELECT {_PRINT[column.lane]} AS lex FROM given", v=column.values)
    printed = _column(table, "lex", pa.string())
    if column.lane is Lane.DATETIME and column.zoned:
        printed = pc.binary_join_element_wise(printed, "Z", "")
    return printed


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    return pc.cast(table.column(name).combine_chunks(), kind)


def _run(query: str, **columns: pa.Array) -> pa.Table:
    """Run SQL over Arrow columns, which are the relation ``given``; order is kept."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation = _local.connection.from_arrow(pa.table(columns))
    return relation.query("given", query).to_arrow_table()
