"""Staged rows on their way into parts, let go of piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from ..spool import Spool


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows of one key of a spool, which a DuckDB view shows, too.

    Attributes
    ----------
    spool : Spool
    key : hashable
    view : str
        The view; there is no use for it any more once the rows are drained.
    names : mapping
        Columns by what they are called in the spool's tables.
    """

    spool: Spool[Any]
    key: Any
    view: str
    names: Mapping[str, str]

    def called(self, items: Mapping[str, str]) -> HeldRows:
        """The same rows, the columns called anew: new name to old one; others are left out."""
        held = {new: self.names[old] for new, old in items.items() if old in self.names}
        return replace(self, names=held)

    def drain(self, con: duckdb.DuckDBPyConnection, schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield the rows, some at a time, and forget them; what they lack is null."""
        con.unregister(f"{self.view}_held")
        for table in self.spool.drain(self.key):
            columns = [self._column(table, field) for field in schema]
            yield pa.table(columns, schema=schema)

    def _column(self, table: pa.Table, field: pa.Field) -> Any:
        name = self.names.get(field.name)
        if name is None:
            return pa.nulls(table.num_rows, field.type)
        column = table.column(name)
        return column if column.type == field.type else column.cast(field.type)
