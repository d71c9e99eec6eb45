"""Which of the staged rows become rows of entity tables."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from ..manifest import Manifest, TableEntry
from ..staging import Staging


@dataclass(frozen=True, slots=True)
class Formed:
    """Work rows for one table.

    Attributes
    ----------
    entry : TableEntry
        The table; new ones have no parts.
    source : str
        Name of a DuckDB table or view of the columns of :func:`.columns.work_schema`.
    rows : int
    """

    entry: TableEntry
    source: str
    rows: int


def form_tables(
    con: duckdb.DuckDBPyConnection, staged: Staging, manifest: Manifest
) -> tuple[Formed, ...]:
    """Take subjects that share predicates out of the staged lanes, as rows of tables."""
    return ()
