"""Canonical lexical forms: the one text a value is written as unless it brings its own.

Numbers are the shortest text that reads back the same (DuckDB's and Python's rule, so
``3000.0``, ``1e+16``, ``1e-07``), decimals have no trailing zeros, times are ISO 8601 with the
fraction only where there is one, ``Z`` when zoned; not-a-number and the infinities are
``NaN``, ``INF``, ``-INF`` (XML Schema 1.1 part 2). :mod:`store.lower` prints the same bytes.
"""

from __future__ import annotations

import threading
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .columns import TermColumn
from .geometry import format_wkt
from .lanes import Lane
from .namespaces import CRS84

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
        ``column.lexical`` where that is given, else the canonical form; null stays null.

    Examples
    --------
    >>> lexical_forms(TermColumn(Lane.DOUBLE, pa.array([3000.0, 0.1]))).to_pylist()
    ['3000.0', '0.1']
    """
    canonical = _canonical(column)
    if column.lexical is None:
        return canonical
    kept: pa.Array = pc.coalesce(pc.cast(column.lexical, pa.string()), canonical)
    return kept


def _canonical(column: TermColumn) -> pa.Array:
    if column.lane is Lane.GEOMETRY:
        return format_wkt(column.values, column.crs or CRS84)
    if column.lane not in _PRINT:
        return column.values
    printed = _run(_PRINT[column.lane], column.values)
    if column.lane is Lane.DATETIME and column.zoned:
        printed = pc.binary_join_element_wise(printed, "Z", "")
    return printed


def _run(expression: str, values: pa.Array) -> pa.Array:
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation = _local.connection.from_arrow(pa.table({"v": values}))
    printed = relation.project(f"{expression} AS t").to_arrow_table().column("t")
    return pc.cast(printed.combine_chunks(), pa.string())
