"""The dictionary: id, text and blank flag of every node, and the check that ids are unique."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import InputError

from .manifest import FileEntry
from .part_files import write_part
from .parts import GROUP_ROWS, PartWriter, begun, in_order
from .preparation import TERMS
from .sorted_terms import collision, distinct_terms
from .staging import Staging

FOLDER: Final = "terms"

IN_MEMORY_TERMS: Final = 4_000_000
"""Terms sorted in memory; DuckDB writes more, since it spills."""

PART_TERMS: Final = 1_000_000
"""Terms of a file written from memory."""

_NODE_FORM: Final = r"""[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*|_:[^\s]+"""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Terms, each once, and their order by id."""

    terms: pa.Table
    order: npt.NDArray[np.intp]


def check_terms(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    files: tuple[FileEntry, ...],
    staged: Staging,
) -> Ordered | None:
    """Check the terms of staged rows against each other and the dictionary.

    Returns them if they fit in memory.

    Raises
    ------
    StoreError
        If two texts share an id, naming both.
    """
    held = _collect(con, staged)
    if stored := _stored(writer, files):
        _check_stored(con, stored)
    return held


def add_terms(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    files: tuple[FileEntry, ...],
    staged: Staging,
) -> Callable[[], tuple[FileEntry, ...]]:
    """Add the terms of staged rows that the dictionary lacks.

    Leaves the view ``named_terms`` of all staged terms, each once.

    Returns
    -------
    callable
        Waits until they are written, by threads of their own, and gives the dictionary's files.

    Raises
    ------
    StoreError
        If two texts share an id, naming both.
    InputError
        If a text is neither an absolute IRI nor a blank node.
    """
    held = check_terms(con, writer, files, staged)
    stored = _stored(writer, files)
    if not stored:
        con.execute("CREATE OR REPLACE TEMP VIEW new_terms AS FROM named_terms")
    else:
        con.execute(
            "CREATE OR REPLACE TEMP VIEW new_terms AS FROM named_terms n"
            f" ANTI JOIN (SELECT id FROM read_parquet({_listed(stored)})) d USING (id)"
        )
    _check_texts(con)
    row = con.execute("SELECT count(*) FROM new_terms").fetchone()
    rows = int(row[0]) if row else 0
    if rows > IN_MEMORY_TERMS:
        written = writer.write(con, FOLDER, "FROM new_terms ORDER BY id", rows)
        return lambda: (*files, written)
    if stored or held is None:
        held = _sorted(con, "FROM new_terms ORDER BY id")
    writing = begun(_tasks(writer, held))
    return lambda: (*files, *writing())


def _sorted(con: duckdb.DuckDBPyConnection, query: str) -> Ordered:
    terms = con.execute(query).to_arrow_table()
    return Ordered(terms, np.arange(len(terms)))


def _tasks(writer: PartWriter, held: Ordered) -> list[Callable[[], FileEntry]]:
    """What writes terms in their order, a file each."""
    starts = range(0, len(held.order), PART_TERMS)
    return [_task(writer, held.terms, held.order[at : at + PART_TERMS]) for at in starts]


def _task(
    writer: PartWriter, terms: pa.Table, order: npt.NDArray[np.intp]
) -> Callable[[], FileEntry]:
    relative = writer.claim(FOLDER)

    def write(path: Path) -> None:
        write_part(path, terms.take(pa.array(order)), GROUP_ROWS)

    return lambda: writer.fill(relative, len(order), write)


def _listed(paths: list[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def _stored(writer: PartWriter, files: tuple[FileEntry, ...]) -> list[str]:
    return [str(writer.root / file.path) for file in files]


def merge_terms(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, files: tuple[FileEntry, ...]
) -> tuple[FileEntry, ...]:
    """Merge the dictionary's files, sorted by id."""
    stored = _stored(writer, files)
    rows = sum(file.rows for file in files)
    query = f"FROM read_parquet({_listed(stored)}) ORDER BY id"
    if rows > IN_MEMORY_TERMS:
        return (writer.write(con, FOLDER, query, rows),)
    return tuple(in_order(_tasks(writer, _sorted(con, query))))


def foldable(files: tuple[FileEntry, ...]) -> bool:
    """Return whether the dictionary has more files than its terms need."""
    return len(files) > -(-sum(file.rows for file in files) // PART_TERMS)


def _collect(con: duckdb.DuckDBPyConnection, staged: Staging) -> Ordered | None:
    """Make the view ``named_terms`` of all staged terms, each once, and check their ids.

    Returns them if they fit in memory.
    """
    con.execute("DROP VIEW IF EXISTS named_terms")
    if not staged.terms.spilled("terms"):
        found = pa.concat_tables([TERMS.empty_table(), *staged.terms.tables("terms")])
        held = Ordered(*distinct_terms(found.combine_chunks()))
        con.register("terms_held", held.terms)
        con.execute("CREATE TEMP VIEW named_terms AS FROM terms_held")
        staged.terms.forget("terms")
        return held
    with staged.terms.exposed(con, "staged_terms", "terms"):
        _spilled(con, staged.terms.rows("terms"))
    con.execute("CREATE TEMP VIEW named_terms AS FROM terms_spilled")
    staged.terms.forget("terms")
    return None


def _spilled(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Make the table ``terms_spilled`` of more terms than fit in memory, range by range of ids.

    Ids are hashes, so ranges of one width hold about equally many. (One DISTINCT over 64 million
    terms runs out of memory, though it spills.)
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE terms_spilled (id BIGINT, text VARCHAR, blank BOOLEAN)"
    )
    count = -(-rows // IN_MEMORY_TERMS)
    bounds = [-(2**63) + k * 2**64 // count for k in range(count)] + [2**63]
    for least, beyond in pairwise(bounds):
        found = con.execute(
            "SELECT id, text, blank FROM staged_terms WHERE id BETWEEN $least AND $greatest",
            {"least": least, "greatest": beyond - 1},
        ).to_arrow_table()
        held, _ = distinct_terms(found.combine_chunks())
        con.register("terms_held", held)
        con.execute("INSERT INTO terms_spilled FROM terms_held")
        con.unregister("terms_held")


def _check_stored(con: duckdb.DuckDBPyConnection, stored: list[str]) -> None:
    clash = con.execute(
        "SELECT n.text, d.text FROM named_terms n"
        " JOIN read_parquet($files) d ON n.id = d.id AND n.text <> d.text LIMIT 1",
        {"files": stored},
    ).fetchone()
    if clash is not None:
        raise collision(*clash)


def _check_texts(con: duckdb.DuckDBPyConnection) -> None:
    bad = con.execute(
        "SELECT text FROM new_terms WHERE NOT regexp_full_match(text, $form) LIMIT 1",
        {"form": _NODE_FORM},
    ).fetchone()
    if bad is not None:
        raise InputError(
            "A subject or object is neither an absolute IRI nor a blank node",
            where=repr(bad[0]),
            why="an IRI begins with a scheme and holds no space, quote, bracket or backslash",
            remedy="percent-encode it in the mapping or the source",
        )
