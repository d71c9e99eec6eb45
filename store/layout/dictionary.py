"""The dictionary: id, text and blank flag of every node, and the check that ids are unique."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import InputError

from .durable import not_writable
from .manifest import FileEntry
from .part_files import write_part
from .parts import PartWriter, begun, in_order
from .preparation import TERMS
from .quoting import listed, quoted_text
from .sorted_terms import collision, distinct_terms
from .staging import Staging

FOLDER: Final = "terms"

IN_MEMORY_TERMS: Final = 4_000_000
"""Terms merged in memory; DuckDB writes more, since it spills."""

_RANGE_TERMS: Final = 1_000_000
"""Terms dealt with at once of those that do not fit in memory, repetitions included."""

PART_TERMS: Final = 1_000_000
"""Terms of a file written from memory."""

_GROUP_TERMS: Final = 8192
"""Terms of a row group: to look up one term is to read one."""

_NODE_FORM: Final = r"""^(?:[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*|_:[^\s]+)$"""


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
) -> None:
    """Check the terms of staged rows against each other and the dictionary.

    Raises
    ------
    StoreError
        If two texts share an id, naming both.
    """
    for _ in _ranges(con, staged):
        _check_stored(con, _stored(writer, files))


def add_terms(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    files: tuple[FileEntry, ...],
    staged: Staging,
) -> Callable[[], tuple[FileEntry, ...]]:
    """Add the terms of staged rows that the dictionary lacks.

    Leaves the view ``named_terms`` that has all staged terms, each once.

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
    stored = _stored(writer, files)
    tasks = (
        task
        for held in _ranges(con, staged)
        for task in _tasks(writer, _lacking(con, stored, held))
    )
    if not staged.terms.spilled("terms"):
        writing = begun(tasks)
        return lambda: (*files, *writing())
    written = (*files, *in_order(tasks))
    con.execute(
        "CREATE OR REPLACE TEMP VIEW named_terms AS"
        f" FROM read_parquet({listed(_stored(writer, written))})"
    )
    return lambda: written


def _ranges(con: duckdb.DuckDBPyConnection, staged: Staging) -> Iterator[Ordered]:
    """The staged terms as the view ``named_terms``, as many at a time as fit in memory.

    Ids are hashes, so ranges of one width hold about equally many.
    """
    spool = staged.terms
    if not spool.spilled("terms"):
        terms = pa.concat_tables([TERMS.empty_table(), *spool.tables("terms")]).combine_chunks()
        spool.forget("terms")
        yield _named(con, terms)
        return
    bits = (spool.rows("terms") // _RANGE_TERMS).bit_length()
    with spool.exposed(con, "staged_terms", "terms"), staged.folder.below("terms") as folder:
        try:
            con.execute(
                f"COPY (SELECT *, id >> {64 - bits} AS range FROM staged_terms)"
                f" TO {quoted_text(folder)} (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (range))"
            )
        except duckdb.IOException as error:
            raise not_writable(folder, error) from error
        for held in sorted(folder.iterdir(), key=lambda path: int(path.name.partition("=")[2])):
            files = quoted_text(f"{held}/*.parquet")
            query = f"SELECT id, text, blank FROM read_parquet({files})"
            yield _named(con, con.execute(query).to_arrow_table().combine_chunks())


def _named(con: duckdb.DuckDBPyConnection, terms: pa.Table) -> Ordered:
    held = Ordered(*distinct_terms(terms))
    con.register("terms_held", held.terms)
    con.execute("CREATE OR REPLACE TEMP VIEW named_terms AS FROM terms_held")
    return held


def _lacking(con: duckdb.DuckDBPyConnection, stored: list[str], held: Ordered) -> Ordered:
    """Those of the terms in ``named_terms`` that the dictionary lacks."""
    _check_stored(con, stored)
    if not stored:
        return held
    return _sorted(
        con,
        f"FROM named_terms n ANTI JOIN (SELECT id FROM read_parquet({listed(stored)})) d"
        " USING (id) ORDER BY id",
    )


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
        sorted_by_id = terms.take(pa.array(order))
        _check_texts(sorted_by_id.column("text"))
        write_part(path, sorted_by_id, _GROUP_TERMS)

    return lambda: writer.fill(relative, len(order), write)


def _stored(writer: PartWriter, files: tuple[FileEntry, ...]) -> list[str]:
    return [str(writer.root / file.path) for file in files]


def merge_terms(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, files: tuple[FileEntry, ...]
) -> tuple[FileEntry, ...]:
    """Merge the dictionary's files, sorted by id."""
    stored = _stored(writer, files)
    rows = sum(file.rows for file in files)
    query = f"FROM read_parquet({listed(stored)}) ORDER BY id"
    if rows > IN_MEMORY_TERMS:
        return (writer.write(con, FOLDER, query, rows),)
    return tuple(in_order(_tasks(writer, _sorted(con, query))))


def foldable(files: tuple[FileEntry, ...]) -> bool:
    """Return whether the dictionary has more files than its terms need."""
    return len(files) > -(-sum(file.rows for file in files) // PART_TERMS)


def _check_stored(con: duckdb.DuckDBPyConnection, stored: list[str]) -> None:
    if not stored:
        return
    clash = con.execute(
        "SELECT n.text, d.text FROM named_terms n"
        " JOIN read_parquet($files) d ON n.id = d.id AND n.text <> d.text LIMIT 1",
        {"files": stored},
    ).fetchone()
    if clash is not None:
        raise collision(*clash)


def _check_texts(texts: pa.ChunkedArray) -> None:
    at = pc.index(pc.match_substring_regex(texts, _NODE_FORM), False).as_py()
    if at >= 0:
        raise InputError(
            "A subject or object is neither an absolute IRI nor a blank node",
            where=repr(texts[at].as_py()),
            why="an IRI begins with a scheme and holds no space, quote, bracket or backslash",
            remedy="percent-encode it in the mapping or the source",
        )
