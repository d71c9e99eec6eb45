"""Writing rows of an entity table as sorted parts."""

from __future__ import annotations

import duckdb

from ..manifest import TableEntry
from ..parts import PartWriter


def append_rows(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, table: TableEntry, source: str
) -> TableEntry:
    """Write work rows (:func:`.columns.work_schema`) as new parts of a table."""
    return table
