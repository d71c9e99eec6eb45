"""Which files hold some nodes, and which stored rows some subjects are rows of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from ...catalog import GRAPH, SUBJECT, id_column
from ..counting import count
from ..index_files import Ints, open_index
from ..integrity import check_whole
from ..manifest import FileEntry, PartEntry, TableEntry
from ..quoting import quoted
from .columns import alive, as_work_rows

FEW: Final = 50_000
"""Subjects up to which indexes are asked; more are found by reading the ids of every row."""

MAIN: Final = quoted(id_column(SUBJECT))

FILE: Final = "_file"
"""The column with the path of the file that a row is of."""


def few_ids(con: duckdb.DuckDBPyConnection, query: str) -> Ints | None:
    """The distinct values of a query's column ``s``, None if they are more than :data:`FEW`."""
    if count(con, f"({query} LIMIT {FEW + 1})") > FEW:
        return None
    found = con.execute(f"SELECT DISTINCT s FROM ({query}) WHERE s IS NOT NULL").fetchnumpy()
    return np.asarray(found["s"], np.int64)


def parts_with(
    root: Path, parts: Iterable[PartEntry], column: str, ids: Ints | None
) -> tuple[PartEntry, ...]:
    """The parts whose index does not rule out that a column holds one of some ids."""
    return tuple(p for p in parts if _may_hold(root, p.index, column, ids))


def files_with(
    root: Path, files: Iterable[FileEntry], column: str, ids: Ints | None
) -> tuple[FileEntry, ...]:
    """The files of lanes whose index does not rule out that a column holds one of some ids."""
    return tuple(file for file in files if _may_hold(root, file.index, column, ids))


def _may_hold(root: Path, entry: FileEntry | None, column: str, ids: Ints | None) -> bool:
    if entry is None or ids is None:
        return True
    index = open_index(root, entry)
    return column not in index or bool(len(index.rows_of(column, ids)[0]))


def subject_rows(
    root: Path, table: TableEntry, ids: Ints | None
) -> Iterator[tuple[str, tuple[PartEntry, ...]]]:
    """The id column of each view of a table, with the parts that may hold the ids in it."""
    for view in table.views:
        if parts := parts_with(root, table.parts, id_column(view), ids):
            yield id_column(view), parts


def find_rows(con: duckdb.DuckDBPyConnection, root: Path, table: TableEntry, view: str) -> None:
    """Add to ``hit_ids`` the main subjects of live rows whose subject of a view is ``wanted``."""
    ids = few_ids(con, "SELECT s FROM wanted")
    parts = parts_with(root, table.parts, id_column(view), ids)
    if not parts:
        return
    check_whole(root, [*(part.file for part in parts), *([table.deleted] if table.deleted else [])])
    con.execute(
        f"INSERT INTO hit_ids SELECT {MAIN} FROM read_parquet($files) t"
        f" SEMI JOIN wanted w ON t.{quoted(id_column(view))} = w.s"
        f" AND t.{GRAPH} IS NOT DISTINCT FROM w.g WHERE {alive(table, root)}",
        {"files": [str(root / part.file.path) for part in parts]},
    )


def read_rows(con: duckdb.DuckDBPyConnection, root: Path, table: TableEntry) -> bool:
    """Read the rows of the main subjects in ``hit_ids``, of every graph, into ``hit_rows``.

    They are work rows with the path of the file they are of. Returns whether there are any.
    """
    if not count(con, "hit_ids"):
        return False
    ids = few_ids(con, "SELECT id AS s FROM hit_ids")
    parts = parts_with(root, table.parts, id_column(SUBJECT), ids)
    check_whole(root, [part.file for part in parts])
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE hit_rows AS SELECT {as_work_rows(table)}, {FILE}"
        f" FROM read_parquet($files, filename = '{FILE}')"
        f" WHERE {MAIN} IN (SELECT id FROM hit_ids)",
        {"files": [str(root / part.file.path) for part in parts]},
    )
    return True
