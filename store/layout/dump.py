"""Writing a snapshot as N-Triples or N-Quads, every lexical form as it was loaded."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ontology import LANE_DATATYPES, Lane, TermColumn, UsageError, lexical_forms, node_texts

from .lane_columns import COLUMNS
from .manifest import LaneEntry
from .snapshot import StoredSnapshot

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
        yield from _lane_lines(con, snapshot, entry)


def _lane_lines(
    con: duckdb.DuckDBPyConnection, snapshot: StoredSnapshot, entry: LaneEntry
) -> Iterator[pa.Array]:
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
    predicate = f"<{entry.key.predicate}>"
    for batch in con.to_arrow_reader(_BATCH_ROWS):
        graph = pc.coalesce(
            pc.binary_join_element_wise(" ", node_texts(batch["graph"]), ""), pa.scalar("")
        )
        yield pc.binary_join_element_wise(
            pc.binary_join_element_wise(
                node_texts(batch["subject"]), predicate, _object_texts(batch, entry), " "
            ),
            graph,
            " .\n",
            "",
        )


def _object_texts(batch: pa.RecordBatch, entry: LaneEntry) -> pa.Array:
    """Canonical N-Triples texts of a lane's objects (RDF 1.1 N-Triples, section 4)."""
    lane = entry.key.lane
    if lane is Lane.NODE:
        return node_texts(batch["o"])
    quoted = pc.binary_join_element_wise('"', _escaped(_lexical(batch, entry)), '"', "")
    match lane:
        case Lane.STRING:
            return quoted
        case Lane.LANG:
            return pc.binary_join_element_wise(quoted, batch["lang"], "@")
        case Lane.OTHER:
            return pc.binary_join_element_wise(quoted, "^^<", batch["datatype"], ">", "")
        case _:
            return pc.binary_join_element_wise(quoted, "^^<", LANE_DATATYPES[lane], ">", "")


def _lexical(batch: pa.RecordBatch, entry: LaneEntry) -> pa.Array:
    match entry.key.lane:
        case Lane.STRING | Lane.LANG | Lane.OTHER:
            return batch["o"]
        case Lane.GEOMETRY:
            return lexical_forms(
                TermColumn(Lane.GEOMETRY, batch["wkb"], lexical=batch["lex"], crs=entry.key.crs)
            )
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
