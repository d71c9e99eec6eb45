"""Rewriting one lane: take rows away, add rows that are new, keep the untouched files.

RDF is a set: a row is added only if neither the added rows nor the lane hold it already.
Files that lose a row are written anew without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import duckdb
import pyarrow as pa

from ontology import Lane

from .counting import count
from .geometry_parts import geometry_parts
from .lane_columns import COLUMNS, same_triple
from .manifest import Box, FileEntry, LaneEntry, LaneKey
from .parts import GROUP_ROWS, Part, PartWriter, duckdb_crs, lane_folder, part_size
from .spool import Spool
from .statistics import with_statistics

_FEW: Final = 16
"""Objects that repeat this often come first in a node lane's order, so that a class is a range."""

IN_MEMORY_ROWS: Final = 2_000_000
"""Geometries sorted in memory; more are sorted by DuckDB, which spills."""


@dataclass(frozen=True, slots=True)
class LaneChange:
    """The lane after a change, None if empty, and how many triples it lost and gained."""

    entry: LaneEntry | None
    removed: int
    added: int


def prepare_rows(con: duckdb.DuckDBPyConnection, table: str, key: LaneKey) -> None:
    """Make an empty work table for rows of a lane."""
    con.execute(f"DROP TABLE IF EXISTS {table}")
    con.register("work_schema", COLUMNS[key.lane].work.empty_table())
    con.execute(f"CREATE TEMP TABLE {table} AS FROM work_schema")
    con.unregister("work_schema")


def change_lane(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, key: LaneKey, entry: LaneEntry | None
) -> LaneChange:
    """Apply the work tables ``deletes``, then ``inserts``, to a lane."""
    files = entry.files if entry is not None else ()
    if key.lane is Lane.GEOMETRY:
        for table in ("deletes", "inserts"):
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS"
                f" SELECT {COLUMNS[key.lane].normal} FROM {table}"
            )
    touched = _touched(con, writer, key, files)
    kept = tuple(file for file in files if file not in touched)
    _keep_survivors(con, writer, key, touched)
    _find_fresh(con, writer, key, kept)
    survivors, added = count(con, "survivors"), count(con, "fresh")
    if entry is not None and not touched and not added:
        return LaneChange(entry, 0, 0)
    con.execute("DROP TABLE inserts")
    return LaneChange(
        write_lane(con, writer, key, kept, "(FROM survivors UNION ALL FROM fresh)", entry),
        removed=sum(file.rows for file in touched) - survivors,
        added=added,
    )


def new_lane(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, key: LaneKey, spool: Spool[LaneKey]
) -> LaneChange:
    """Write a lane that the store does not have yet, from staged rows."""
    spool.expose(con, "staged_rows", key)
    source = "staged_rows"
    if key.lane is Lane.GEOMETRY:
        source = f"(SELECT {COLUMNS[key.lane].normal} FROM staged_rows)"
    names = ", ".join(COLUMNS[key.lane].names)
    row = con.execute(f"SELECT count(*), count(DISTINCT hash({names})) FROM {source}").fetchone()
    if row is None or row[0] != row[1]:
        con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT DISTINCT * FROM {source}")
        source = "fresh"
    entry = write_lane(con, writer, key, (), source)
    spool.drop(con, "staged_rows", key)
    return LaneChange(entry, removed=0, added=entry.rows if entry else 0)


def write_lane(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    key: LaneKey,
    kept: tuple[FileEntry, ...],
    source: str,
    before: LaneEntry | None = None,
) -> LaneEntry | None:
    """Write the work rows of ``source`` (SQL) as sorted parts beside the files kept."""
    rows = count(con, source)
    if key.lane is not Lane.GEOMETRY:
        sorted_parts = _sorted_parts(con, key, source, rows)
        parts = writer.write_tables(lane_folder(key), (_indexed(p, key) for p in sorted_parts))
    elif rows <= IN_MEMORY_ROWS:
        table = con.execute(f"FROM {source}").to_arrow_table()
        sorted_parts = geometry_parts(table, key.crs)
        parts = writer.write_tables(lane_folder(key), (_indexed(p, key) for p in sorted_parts))
    else:
        _sort_geometries(con, source)
        parts = tuple(_write_geometries(con, writer, key))
        con.execute("DROP TABLE sorted")
    files = (*kept, *parts)
    if not files:
        return None
    timed = key.lane is Lane.OTHER and (not kept or (before is not None and before.has_until))
    entry = LaneEntry(key, files, has_until=timed)
    return with_statistics(con, _paths(writer, files), entry, before)


def fold_lane(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    entry: LaneEntry,
    folded: tuple[FileEntry, ...],
) -> LaneEntry:
    """Write some of a lane's files, or all, anew as few, sorted as a whole."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT {COLUMNS[entry.key.lane].reading}"
        " FROM read_parquet($files)",
        {"files": _paths(writer, folded)},
    )
    kept = tuple(file for file in entry.files if file not in folded)
    return write_lane(con, writer, entry.key, kept, "fresh", entry if kept else None) or entry


def _paths(writer: PartWriter, files: tuple[FileEntry, ...]) -> list[str]:
    return [str(writer.root / file.path) for file in files]


def _touched(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    key: LaneKey,
    files: tuple[FileEntry, ...],
) -> tuple[FileEntry, ...]:
    if not files or not count(con, "deletes"):
        return ()
    found = con.execute(
        f"WITH e AS (SELECT {COLUMNS[key.lane].reading}, filename"
        " FROM read_parquet($files, filename = true) WHERE s IN (SELECT s FROM deletes))"
        " SELECT DISTINCT filename FROM e SEMI JOIN deletes d"
        f" ON {same_triple(key.lane, 'e', 'd')}",
        {"files": _paths(writer, files)},
    ).fetchall()
    names = {name for (name,) in found}
    return tuple(file for file in files if str(writer.root / file.path) in names)


def _keep_survivors(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    key: LaneKey,
    touched: tuple[FileEntry, ...],
) -> None:
    if not touched:
        con.execute("CREATE OR REPLACE TEMP TABLE survivors AS FROM inserts LIMIT 0")
        return
    con.execute(
        "CREATE OR REPLACE TEMP TABLE survivors AS"
        f" WITH e AS (SELECT {COLUMNS[key.lane].reading} FROM read_parquet($files))"
        f" FROM e ANTI JOIN deletes d ON {same_triple(key.lane, 'e', 'd')}",
        {"files": _paths(writer, touched)},
    )


def _find_fresh(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, key: LaneKey, kept: tuple[FileEntry, ...]
) -> None:
    query = "SELECT DISTINCT * FROM inserts EXCEPT FROM survivors"
    parameters: dict[str, Any] = {}
    if kept and count(con, "inserts"):
        query += (
            f" EXCEPT SELECT {COLUMNS[key.lane].reading} FROM read_parquet($files)"
            " WHERE s IN (SELECT s FROM inserts)"
        )
        parameters["files"] = _paths(writer, kept)
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {query}", parameters)


def _indexed(part: Part, key: LaneKey) -> Part:
    """The part with an index of its nodes, unless it is so small that one is made when needed."""
    if part.table.num_rows < GROUP_ROWS:
        return part
    return part._replace(indexed=("s", "o") if key.lane is Lane.NODE else ("s",))


def _sorted_parts(
    con: duckdb.DuckDBPyConnection, key: LaneKey, source: str, rows: int
) -> Iterator[Part]:
    """Sort rows and cut them in parts of about one size: what is searched together lies together.

    By object where objects are searched or repeat, else by subject.
    """
    order = "o, s"
    if key.lane is Lane.NODE:
        found = con.execute(
            f"SELECT approx_count_distinct(o) * $few < count(*) FROM {source}", {"few": _FEW}
        ).fetchone()
        order = "o, s" if found and found[0] else "s, o"
    size = part_size(rows)
    reader = con.execute(
        f"SELECT {COLUMNS[key.lane].deriving} FROM {source} ORDER BY {order}"
    ).to_arrow_reader(size)
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in reader:
        waiting.append(batch)
        held += batch.num_rows
        while held >= size:
            table = pa.Table.from_batches(waiting)
            yield Part(table.slice(0, size))
            waiting = table.slice(size).to_batches()
            held -= size
    if held:
        yield Part(pa.Table.from_batches(waiting))


def _sort_geometries(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Sort more geometries than fit in memory into ``sorted``, by place."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE sorted AS"
        f" WITH derived AS (SELECT {COLUMNS[Lane.GEOMETRY].deriving} FROM {source}),"
        " bounds AS (SELECT {min_x: min(xmin), min_y: min(ymin), max_x: max(xmax),"
        " max_y: max(ymax)}::BOX_2D AS world FROM derived)"
        " SELECT derived.* FROM derived, bounds"
        " ORDER BY ST_Hilbert((xmin + xmax) / 2, (ymin + ymax) / 2, world), s"
    )


def _write_geometries(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, key: LaneKey
) -> Iterator[FileEntry]:
    rows = count(con, "sorted")
    size = part_size(rows)
    for start in range(0, rows, size):
        end = min(start + size, rows)
        bounds = f"rowid >= {start} AND rowid < {end}"
        part = writer.write(
            con,
            lane_folder(key),
            f"SELECT {COLUMNS[key.lane].storing} FROM sorted WHERE {bounds}",
            end - start,
            parameters={"crs": duckdb_crs(key.crs)},
            options=", GEOPARQUET_VERSION 'V1'",
            box=_box(con, bounds),
        )
        part = replace(part, largest=_largest(con, bounds))
        subjects = con.execute(f"SELECT s FROM sorted WHERE {bounds}").to_arrow_table()
        yield writer.indexed(part, {"s": subjects.column("s")})


def _largest(con: duckdb.DuckDBPyConnection, bounds: str) -> int | None:
    row = con.execute(f"SELECT max(octet_length(wkb)) FROM sorted WHERE {bounds}").fetchone()
    return None if row is None else row[0]


def _box(con: duckdb.DuckDBPyConnection, bounds: str) -> Box | None:
    row = con.execute(
        f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM sorted WHERE {bounds}"
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return (float(row[0]), float(row[1]), float(row[2]), float(row[3]))
