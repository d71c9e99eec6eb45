"""The rows of one graph in a lane: taken away, or copied into another graph."""

from __future__ import annotations

import duckdb

from .integrity import check_whole
from .lane_columns import COLUMNS
from .lane_files import LaneChange, change_lane, prepare_rows, write_lane
from .manifest import LaneEntry
from .parts import PartWriter


def clear_graph(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, entry: LaneEntry, graph: int | None
) -> LaneChange:
    """Take a graph's rows (None: those of the default graph) out of a lane.

    Files without such rows stay, files of nothing else go, the others are written anew.
    """
    counts = _counts(con, writer, entry, graph)
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


def copy_graph(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    entry: LaneEntry,
    source: int | None,
    target: int | None,
) -> LaneChange:
    """Add a graph's rows to another graph; None is the default graph."""
    counts = _counts(con, writer, entry, source)
    files = [file for file in entry.files if counts.get(file.path)]
    if not files:
        return LaneChange(entry, 0, 0)
    for table in ("deletes", "inserts"):
        prepare_rows(con, table, entry.key)
    con.execute(
        f"INSERT INTO inserts SELECT {COLUMNS[entry.key.lane].reading}"
        " FROM read_parquet($files) WHERE g IS NOT DISTINCT FROM $graph",
        {"files": [str(writer.root / file.path) for file in files], "graph": source},
    )
    con.execute("UPDATE inserts SET g = $graph", {"graph": target})
    return change_lane(con, writer, entry.key, entry)


def _counts(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, entry: LaneEntry, graph: int | None
) -> dict[str, int]:
    """Rows of a graph by file, of those files that have any."""
    if graph is None or entry.has_graphs:
        check_whole(writer.root, entry.files)
    if not entry.has_graphs:
        return {file.path: file.rows for file in entry.files} if graph is None else {}
    rows = con.execute(
        "SELECT filename, count(*) FROM read_parquet($files, filename = true)"
        " WHERE g IS NOT DISTINCT FROM $graph GROUP BY filename",
        {"files": [str(writer.root / file.path) for file in entry.files], "graph": graph},
    ).fetchall()
    found = dict(rows)
    return {
        file.path: found[name]
        for file in entry.files
        if (name := str(writer.root / file.path)) in found
    }
