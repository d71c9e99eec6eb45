"""Rows that leave an entity table for lanes, and the file that says which have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import duckdb
import pyarrow as pa

from ..counting import count
from ..integrity import check_whole
from ..lane_columns import COLUMNS, same_triple
from ..manifest import ColumnEntry, FileEntry, PartEntry, TableEntry
from ..parts import Part, PartWriter
from ..quoting import listed_files, quoted
from ..staging import Staging
from .columns import as_lane_rows
from .settle_find import FILE, MAIN

_BATCH_ROWS: Final = 100_000


def stage_rows(
    con: duckdb.DuckDBPyConnection,
    table: TableEntry,
    source: str,
    inserts: Staging,
    deletes: Staging | None = None,
) -> tuple[int, int]:
    """Stage the triples of a table's work rows as rows of lanes, those to be deleted left out.

    Returns
    -------
    staged, left_out : int
        Triples.
    """
    staged = left_out = 0
    for column in table.columns:
        rows = f"(SELECT * FROM {source} WHERE {quoted(column.name)} IS NOT NULL)"
        found = count(con, rows)
        taken = _stage_column(con, column, rows, inserts, deletes) if found else 0
        staged, left_out = staged + taken, left_out + found - taken
    return staged, left_out


def _stage_column(
    con: duckdb.DuckDBPyConnection,
    column: ColumnEntry,
    rows: str,
    inserts: Staging,
    deletes: Staging | None,
) -> int:
    key, columns = column.key, COLUMNS[column.key.lane]
    query = f"SELECT {as_lane_rows(column, stored=False)} FROM {rows}"
    query = f"SELECT {columns.normal} FROM ({query})"
    if deletes is not None and deletes.lanes.has(key):
        with deletes.lanes.exposed(con, "staged_rows", key):
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE unwanted AS SELECT {columns.normal} FROM staged_rows"
            )
        query = f"FROM ({query}) n ANTI JOIN unwanted d ON {same_triple(key.lane, 'n', 'd')}"
    taken = 0
    for batch in con.execute(query).to_arrow_reader(_BATCH_ROWS):
        inserts.lanes.add(key, pa.Table.from_batches([batch]).cast(columns.work))
        taken += batch.num_rows
    return taken


def demote(con: duckdb.DuckDBPyConnection, writer: PartWriter, table: TableEntry) -> TableEntry:
    """Mark as deleted the rows of the main subjects in ``demoted``, which are in ``hit_rows``."""
    counts = _counts(con, table)
    parts = tuple(
        _without(part, counts.get(str(writer.root / part.file.path))) for part in table.parts
    )
    left = tuple(part for part in parts if part.deleted < part.file.rows)
    return with_parts(con, writer, table, left, "SELECT DISTINCT id FROM demoted")


def _counts(con: duckdb.DuckDBPyConnection, table: TableEntry) -> dict[str, Mapping[str, int]]:
    """Rows ('') and triples of each column that are demoted, by path of the part."""
    names = ["", *(column.name for column in table.columns)]
    items = ", ".join(["count(*)", *(f"count({quoted(name)})" for name in names[1:])])
    found = con.execute(
        f"SELECT {FILE}, {items} FROM hit_rows WHERE {MAIN} IN (SELECT id FROM demoted)"
        f" GROUP BY {FILE}"
    ).fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _without(part: PartEntry, counts: Mapping[str, int] | None) -> PartEntry:
    if counts is None:
        return part
    triples = {name: held - counts.get(name, 0) for name, held in part.triples.items()}
    return replace(part, deleted=part.deleted + counts[""], triples=triples)


def with_parts(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    parts: Sequence[PartEntry],
    newly: str | None = None,
) -> TableEntry:
    """The table with some of its parts only, and the deleted rows of those.

    Parameters
    ----------
    newly : str, optional
        SQL of more ids of deleted rows.
    """
    worn = [part for part in parts if part.deleted]
    if not worn:
        return replace(table, parts=tuple(parts), deleted=None)
    kept = {part.file.path for part in parts}
    dropped = [part for part in table.parts if part.file.path not in kept]
    gone = any(part.deleted or newly is not None for part in dropped)
    if newly is None and not gone:
        return replace(table, parts=tuple(parts))
    deleted = _write_deleted(con, writer, table, newly, worn if gone else None)
    return replace(table, parts=tuple(parts), deleted=deleted)


def _write_deleted(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    newly: str | None,
    among: Sequence[PartEntry] | None,
) -> FileEntry:
    """Write the ids deleted so far and newly, only those that are ``among`` the rows of parts."""
    sources = [] if newly is None else [newly]
    if table.deleted is not None:
        check_whole(writer.root, [table.deleted])
        sources.append(f"SELECT id FROM read_parquet({listed_files(writer.root, [table.deleted])})")
    query = f"SELECT DISTINCT id FROM ({' UNION ALL '.join(sources)})"
    if among is not None:
        check_whole(writer.root, [part.file for part in among])
        files = listed_files(writer.root, [part.file for part in among])
        query += f" WHERE id IN (SELECT {MAIN} FROM read_parquet({files}))"
    rows = con.execute(f"{query} ORDER BY id").to_arrow_table()
    return writer.write_tables(f"tables/{table.name}/_deleted", [Part(rows)])[0]
