"""Rows that are about to join a table."""

from __future__ import annotations

from dataclasses import dataclass

from ..manifest import TableEntry
from .held_rows import HeldRows


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
    held : tuple of HeldRows
        All rows of ``source``, where they are staged as they are.
    """

    entry: TableEntry
    source: str
    rows: int
    held: tuple[HeldRows, ...] = ()
