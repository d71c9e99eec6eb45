"""Writing a snapshot as N-Triples or N-Quads, every lexical form as it was loaded."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ontology import LANE_DATATYPES, Lane, TermColumn, UsageError, lexical_forms, node_texts

from .lane_columns import COLUMNS
from .manifest import ColumnEntry, LaneEntry, LaneKey, TableEntry
from .quoting import quoted
from .snapshot import StoredSnapshot
from .tables.columns import alive, object_items

_ESCAPES: Final = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))
_BATCH_ROWS: Final = 50_000


def dump_snapshot(con: duckdb.DuckDBPyConnection, snapshot: StoredSnapshot, path: Path) -> int:
    """Write every triple of a snapshot, in no particular order, and return how many.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    snapshot : StoredSnapshot
    path : Path
        ``.nq`` or, for a store without named graphs, ``.nt``; also with ``.gz``.

    Raises
    ------
    UsageError
        If the name has another extension, or is ``.nt`` and there are named graphs.
    """
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind not in ("nt", "nq") or (kind == "nt" and snapshot.graphs):
        raise UsageError(
            "A store is dumped to .nq, or to .nt if it has no named graphs",
            where=str(path),
            remedy="name the file .nq or .nq.gz",
        )
    count = 0
    with _opened(path) as out:
        for lines in statements(con, snapshot):
            count += len(lines)
            out.write("".join(lines.to_pylist()).encode())
    return count


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "wb") if path.name.endswith(".gz") else path.open("wb")  # type: ignore[return-value]


def statements(con: duckdb.DuckDBPyConnection, snapshot: StoredSnapshot) -> Iterator[pa.Array]:
    """Yield the triples of a snapshot as N-Quads lines, in batches."""
    if not snapshot.dictionary:
        return
    con.execute(
        "CREATE OR REPLACE TEMP TABLE dictionary AS SELECT id, text FROM read_parquet($files)",
        {"files": [str(path) for path in snapshot.dictionary]},
    )
    for entry in snapshot.manifest.lanes:
        _read_lane(con, snapshot, entry)
        yield from _lines(con, entry.key)
    for table in snapshot.manifest.tables:
        for graph in dict.fromkeys(part.graph for part in table.parts):
            for column in table.columns:
                if _read_column(con, snapshot, table, column, graph):
                    yield from _lines(con, column.key)


def _read_column(
    con: duckdb.DuckDBPyConnection,
    snapshot: StoredSnapshot,
    table: TableEntry,
    column: ColumnEntry,
    graph: str | None,
) -> bool:
    """Select a column's triples of one graph; the texts of nodes lie in the table itself."""
    parts = [part for part in table.parts if part.graph == graph and part.triples[column.name]]
    if not parts:
        return False
    name, subject = quoted(column.name), quoted(column.view)
    values = f"{name} AS o" if column.key.lane is Lane.NODE else object_items(column)
    con.execute(
        f"SELECT {subject} AS subject, $graph::VARCHAR AS graph, {values}"
        f" FROM read_parquet($files) WHERE {name} IS NOT NULL AND {alive(table, snapshot.root)}",
        {"files": [str(snapshot.root / part.file.path) for part in parts], "graph": graph},
    )
    return True


def _read_lane(con: duckdb.DuckDBPyConnection, snapshot: StoredSnapshot, entry: LaneEntry) -> None:
    """Select a lane's triples, nodes as their texts."""
    node = entry.key.lane is Lane.NODE
    values = "object.text AS o" if node else "l.* EXCLUDE (g, s, s_blank)"
    join = "JOIN dictionary object ON l.o = object.id" if node else ""
    con.execute(
        f"WITH l AS (SELECT {COLUMNS[entry.key.lane].reading} FROM read_parquet($files))"
        f" SELECT subject.text AS subject, graph.text AS graph, {values} FROM l"
        f" JOIN dictionary subject ON l.s = subject.id {join}"
        " LEFT JOIN dictionary graph ON l.g = graph.id",
        {"files": [str(snapshot.root / file.path) for file in entry.files]},
    )


def _lines(con: duckdb.DuckDBPyConnection, key: LaneKey) -> Iterator[pa.Array]:
    """N-Quads lines of the triples that were selected last."""
    predicate = f"<{key.predicate}>"
    for batch in con.to_arrow_reader(_BATCH_ROWS):
        graph = pc.coalesce(
            pc.binary_join_element_wise(" ", node_texts(batch["graph"]), ""), pa.scalar("")
        )
        yield pc.binary_join_element_wise(
            pc.binary_join_element_wise(
                node_texts(batch["subject"]), predicate, _object_texts(batch, key), " "
            ),
            graph,
            " .\n",
            "",
        )


def _object_texts(batch: pa.RecordBatch, key: LaneKey) -> pa.Array:
    """Canonical N-Triples texts of a lane's objects (RDF 1.1 N-Triples, section 4)."""
    lane = key.lane
    if lane is Lane.NODE:
        return node_texts(batch["o"])
    quoted = pc.binary_join_element_wise('"', _escaped(_lexical(batch, key)), '"', "")
    match lane:
        case Lane.STRING:
            return quoted
        case Lane.LANG:
            return pc.binary_join_element_wise(quoted, batch["lang"], "@")
        case Lane.OTHER:
            return pc.binary_join_element_wise(quoted, "^^<", batch["datatype"], ">", "")
        case _:
            datatype = key.datatype or LANE_DATATYPES[lane]
            return pc.binary_join_element_wise(quoted, "^^<", datatype, ">", "")


def _lexical(batch: pa.RecordBatch, key: LaneKey) -> pa.Array:
    match key.lane:
        case Lane.STRING | Lane.LANG | Lane.OTHER:
            return batch["o"]
        case Lane.GEOMETRY:
            shapes = TermColumn(Lane.GEOMETRY, batch["wkb"], batch["lex"], crs=key.crs)
            return lexical_forms(replace(shapes, datatype=key.datatype or None))
        case Lane.DATETIME:
            forms = [
                lexical_forms(
                    TermColumn(Lane.DATETIME, batch["o"], lexical=batch["lex"], zoned=zoned)
                )
                for zoned in (True, False)
            ]
            return pc.if_else(pc.is_valid(batch["zone"]), *forms)
        case lane:
            return lexical_forms(TermColumn(lane, batch["o"], lexical=batch["lex"]))


def _escaped(texts: pa.Array) -> pa.Array:
    for plain, escaped in _ESCAPES:
        texts = pc.replace_substring(texts, plain, escaped)
    return texts
