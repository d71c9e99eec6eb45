"""Making rows of subjects whose triples lie in lanes: what ``compact`` does with stored ones."""

from __future__ import annotations

from collections import Counter
from typing import Final

import duckdb
import pyarrow as pa

from ...catalog import GRAPH, id_column
from ..integrity import check_whole
from ..lane_columns import COLUMNS
from ..lane_files import write_lane
from ..manifest import LaneEntry, LaneKey, Manifest, TableEntry
from ..parts import PartWriter
from ..quoting import listed_files, quoted
from ..staging import Staging
from .demote import stage_rows
from .forming import LIMITS, Formed, form_tables
from .settle import refuse

_BATCH_ROWS: Final = 100_000


def form_stored(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, manifest: Manifest, staged: Staging
) -> tuple[Manifest, tuple[Formed, ...]]:
    """Take subjects that are no rows yet out of the stored lanes, as rows of tables.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    writer : PartWriter
    manifest : Manifest
        No row of its tables is deleted.
    staged : Staging
        Empty.

    Returns
    -------
    manifest : Manifest
        Without the triples of the rows formed.
    formed : tuple of Formed
    """
    if not manifest.lanes:
        return manifest, ()
    rows = _table_subjects(writer, manifest.tables)
    for entry in manifest.lanes:
        _stage_lane(con, writer, entry, rows, staged)
    before = {key: staged.lanes.rows(key) for key in staged.lanes.keys}
    terms = listed_files(writer.root, manifest.terms)
    con.execute(f"CREATE OR REPLACE TEMP VIEW named_terms AS FROM read_parquet({terms})")
    formed = _enough(con, manifest, form_tables(con, staged, manifest, joining=True), staged)
    if formed:
        others = Manifest(manifest.number, None, "", "", tables=manifest.tables)
        formed = refuse(con, writer.root, others, formed, staged)
    con.execute("DROP VIEW named_terms")
    if not formed:
        return manifest, ()
    changed = {
        entry.key: _rewrite(con, writer, entry, rows, staged)
        for entry in manifest.lanes
        if staged.lanes.rows(entry.key) < before.get(entry.key, 0)
    }
    return manifest.with_lanes(changed), formed


def _enough(
    con: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    formed: tuple[Formed, ...],
    staged: Staging,
) -> tuple[Formed, ...]:
    """The rows of tables there are, and of new ones that are large enough; the others go back."""
    rows: Counter[str] = Counter()
    for group in formed:
        rows[group.entry.name] += group.rows
    least = LIMITS[manifest.policy].subjects
    kept = []
    for group in formed:
        if group.entry.parts or rows[group.entry.name] >= least:
            kept.append(group)
        else:
            stage_rows(con, group.entry, group.source, staged)
    return tuple(kept)


def _table_subjects(writer: PartWriter, tables: tuple[TableEntry, ...]) -> str | None:
    """SQL of the graphs and subjects that are of rows of tables."""
    queries = []
    for table in tables:
        check_whole(writer.root, [part.file for part in table.parts])
        files = listed_files(writer.root, [part.file for part in table.parts])
        queries += [
            f"SELECT {GRAPH} AS g, {quoted(id_column(view))} AS s FROM read_parquet({files})"
            for view in table.views
        ]
    return " UNION ALL ".join(queries) or None


def _rows(writer: PartWriter, entry: LaneEntry) -> str:
    columns = COLUMNS[entry.key.lane]
    return f"(SELECT {columns.reading} FROM read_parquet({listed_files(writer.root, entry.files)}))"


def _stage_lane(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    entry: LaneEntry,
    rows: str | None,
    staged: Staging,
) -> None:
    """Stage a lane's triples of subjects that are no rows."""
    check_whole(writer.root, entry.files)
    query = f"FROM {_rows(writer, entry)} l"
    if rows is not None:
        query += f" ANTI JOIN ({rows}) t ON l.s = t.s AND l.g IS NOT DISTINCT FROM t.g"
    schema = COLUMNS[entry.key.lane].work
    for batch in con.execute(query).to_arrow_reader(_BATCH_ROWS):
        staged.lanes.add(entry.key, pa.Table.from_batches([batch]).cast(schema))


def _rewrite(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    entry: LaneEntry,
    rows: str | None,
    staged: Staging,
) -> LaneEntry | None:
    """Write a lane anew: triples of subjects that were rows before, and what is still staged."""
    key: LaneKey = entry.key
    sources = []
    if rows is not None:
        sources.append(
            f"FROM {_rows(writer, entry)} l"
            f" SEMI JOIN ({rows}) t ON l.s = t.s AND l.g IS NOT DISTINCT FROM t.g"
        )
    if not staged.lanes.has(key):
        return write_lane(con, writer, key, (), f"({sources[0]})") if sources else None
    with staged.lanes.exposed(con, "staged_rows", key):
        source = " UNION ALL ".join(f"({query})" for query in (*sources, "FROM staged_rows"))
        return write_lane(con, writer, key, (), f"({source})")
