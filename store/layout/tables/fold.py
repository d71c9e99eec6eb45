"""Writing parts of an entity table anew: without deleted rows, and fewer of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

import duckdb

from ..integrity import check_whole
from ..manifest import PartEntry, TableEntry
from ..parts import PART_ROWS, PartWriter
from ..quoting import listed_files
from .columns import alive, as_work_rows
from .demote import with_parts
from .write import append_rows

WORN_SHARE: Final = 0.1
"""Share of a part's rows that may be deleted before it is written anew."""

_SMALL_ROWS: Final = PART_ROWS // 4


def worn_parts(table: TableEntry) -> tuple[PartEntry, ...]:
    """The parts of which many rows are deleted."""
    return tuple(p for p in table.parts if p.deleted > WORN_SHARE * p.file.rows)


def small_parts(table: TableEntry, many: int) -> tuple[PartEntry, ...]:
    """The small parts of those graphs that have more than ``many``."""
    small: defaultdict[str | None, list[PartEntry]] = defaultdict(list)
    for part in table.parts:
        if part.file.rows < _SMALL_ROWS:
            small[part.graph].append(part)
    return tuple(part for parts in small.values() if len(parts) > many for part in parts)


def needs_folding(table: TableEntry) -> bool:
    """Whether a table has deleted rows, or more parts than its rows need."""
    rows: defaultdict[str | None, int] = defaultdict(int)
    for part in table.parts:
        rows[part.graph] += part.file.rows
    needed = sum(math.ceil(held / PART_ROWS) for held in rows.values())
    by_time = 2 * sum(rows.values()) // PART_ROWS
    worn = any(part.deleted for part in table.parts)
    return worn or len(table.parts) > max(needed, by_time)


def fold_parts(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    folded: Collection[PartEntry],
    graphs: Iterable[str],
) -> TableEntry:
    """Write the live rows of some parts as new parts, sorted as a whole."""
    if not folded:
        return table
    files = [part.file for part in folded]
    check_whole(writer.root, [*files, *([table.deleted] if table.deleted else [])])
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW folded_rows AS SELECT {as_work_rows(table)}"
        f" FROM read_parquet({listed_files(writer.root, files)}) WHERE {alive(table, writer.root)}"
    )
    gone = {file.path for file in files}
    kept = [part for part in table.parts if part.file.path not in gone]
    left = with_parts(con, writer, table, kept)
    if all(part.deleted == part.file.rows for part in folded):
        return left
    return append_rows(con, writer, left, "folded_rows", graphs)
