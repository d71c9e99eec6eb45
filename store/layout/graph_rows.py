"""The rows of one graph: taken away from a lane, or on their way into another graph."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from ..catalog import GRAPH
from .integrity import check_whole
from .lane_columns import COLUMNS
from .lane_files import LaneChange, prepare_rows, write_lane
from .manifest import LaneEntry, TableEntry
from .parts import PartWriter
from .quoting import listed_files, quoted
from .staging import Staging
from .tables.columns import alive, as_work_rows
from .tables.forming import Formed

_BATCH_ROWS: Final = 100_000


def clear_graph(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, entry: LaneEntry, graph: int | None
) -> LaneChange:
    """Take a graph's rows (None: those of the default graph) out of a lane.

    Files without such rows stay, files of nothing else go, the others are written anew.
    """
    counts = _counts(con, writer.root, entry, graph)
    removed = sum(counts.values())
    if not removed:
        return LaneChange(entry, 0, 0)
    kept = tuple(file for file in entry.files if not counts.get(file.path))
    mixed = [file for file in entry.files if 0 < counts.get(file.path, 0) < file.rows]
    prepare_rows(con, "survivors", entry.key)
    if mixed:
        con.execute(
            f"INSERT INTO survivors SELECT {COLUMNS[entry.key.lane].reading}"
            " FROM read_parquet($files) WHERE g IS DISTINCT FROM $graph",
            {"files": [str(writer.root / file.path) for file in mixed], "graph": graph},
        )
    return LaneChange(
        write_lane(con, writer, entry.key, kept, "survivors", entry), removed=removed, added=0
    )


def stage_graph(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    entry: LaneEntry,
    staged: Staging,
    source: int | None,
    target: int | None,
) -> None:
    """Stage a graph's rows of a lane as rows of another graph; None is the default graph."""
    counts = _counts(con, root, entry, source)
    files = [file for file in entry.files if counts.get(file.path)]
    if not files:
        return
    columns = COLUMNS[entry.key.lane]
    reader = con.execute(
        f"SELECT * REPLACE ($target::BIGINT AS g) FROM (SELECT {columns.reading}"
        " FROM read_parquet($files) WHERE g IS NOT DISTINCT FROM $graph)",
        {"files": [str(root / file.path) for file in files], "graph": source, "target": target},
    ).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        staged.lanes.add(entry.key, pa.Table.from_batches([batch]).cast(columns.work))


def copied_rows(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    table: TableEntry,
    source: str | None,
    target: int | None,
) -> Formed:
    """The rows of a table that are of a graph, as rows of the graph with an id."""
    parts = [part for part in table.parts if part.graph == source]
    check_whole(root, table.files)
    view = f"copied_{table.name}"
    files = listed_files(root, [part.file for part in parts])
    graph = "NULL" if target is None else str(target)
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {quoted(view)} AS"
        f" SELECT * REPLACE ({graph}::BIGINT AS {GRAPH}) FROM"
        f" (SELECT {as_work_rows(table)} FROM read_parquet({files})"
        f" WHERE {alive(table, root)})"
    )
    return Formed(table, quoted(view), sum(part.file.rows - part.deleted for part in parts))


def _counts(
    con: duckdb.DuckDBPyConnection, root: Path, entry: LaneEntry, graph: int | None
) -> dict[str, int]:
    """Rows of a graph by file, of those files that have any."""
    if graph is None or entry.has_graphs:
        check_whole(root, entry.files)
    if not entry.has_graphs:
        return {file.path: file.rows for file in entry.files} if graph is None else {}
    rows = con.execute(
        "SELECT filename, count(*) FROM read_parquet($files, filename = true)"
        " WHERE g IS NOT DISTINCT FROM $graph GROUP BY filename",
        {"files": [str(root / file.path) for file in entry.files], "graph": graph},
    ).fetchall()
    found = dict(rows)
    return {
        file.path: found[name] for file in entry.files if (name := str(root / file.path)) in found
    }
