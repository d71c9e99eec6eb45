"""The dictionary: id, text and blank flag of every node, and the check that ids are unique."""

from __future__ import annotations

from typing import Final

import duckdb

from ontology import InputError, StoreError

from .manifest import FileEntry
from .parts import Part, PartWriter
from .staging import Staging

FOLDER: Final = "terms"

IN_MEMORY_TERMS: Final = 4_000_000
"""Terms sorted in memory; DuckDB writes more, since it spills."""

_NODE_FORM: Final = r"""[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*|_:[^\s]+"""


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
    _collect(con, staged)
    _check_ids(con, _stored(writer, files))


def add_terms(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    files: tuple[FileEntry, ...],
    staged: Staging,
) -> tuple[FileEntry, ...]:
    """Add the terms of staged rows that the dictionary lacks.

    Raises
    ------
    StoreError
        If two texts share an id, naming both.
    InputError
        If a text is neither an absolute IRI nor a blank node.
    """
    check_terms(con, writer, files, staged)
    stored = _stored(writer, files)
    query = "CREATE OR REPLACE TEMP TABLE new_terms AS FROM named_terms"
    if stored:
        query += " n ANTI JOIN (SELECT id FROM read_parquet($files)) d USING (id)"
    con.execute(query, {"files": stored} if stored else {})
    _check_texts(con)
    row = con.execute("SELECT count(*) FROM new_terms").fetchone()
    if row is None or row[0] == 0:
        return files
    return (*files, *_write(con, writer, int(row[0])))


def _write(con: duckdb.DuckDBPyConnection, writer: PartWriter, rows: int) -> tuple[FileEntry, ...]:
    query = "FROM new_terms ORDER BY id"
    if rows > IN_MEMORY_TERMS:
        return (writer.write(con, FOLDER, query, rows),)
    return writer.write_tables(FOLDER, [Part(con.execute(query).to_arrow_table())])


def _stored(writer: PartWriter, files: tuple[FileEntry, ...]) -> list[str]:
    return [str(writer.root / file.path) for file in files]


def merge_terms(
    con: duckdb.DuckDBPyConnection, writer: PartWriter, files: tuple[FileEntry, ...]
) -> tuple[FileEntry, ...]:
    """Merge the dictionary's files into one, sorted by id."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE new_terms AS FROM read_parquet($files)",
        {"files": _stored(writer, files)},
    )
    rows = sum(file.rows for file in files)
    return _write(con, writer, rows)


def _collect(con: duckdb.DuckDBPyConnection, staged: Staging) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE named_terms (id BIGINT, text VARCHAR, blank BOOLEAN)")
    if staged.terms.has("terms"):
        staged.terms.expose(con, "staged_terms", "terms")
        con.execute("INSERT INTO named_terms SELECT DISTINCT id, text, blank FROM staged_terms")
        staged.terms.drop(con, "staged_terms", "terms")


def _check_ids(con: duckdb.DuckDBPyConnection, stored: list[str]) -> None:
    clash = None
    counts = con.execute("SELECT count(*), count(DISTINCT id) FROM named_terms").fetchone()
    if counts and counts[0] != counts[1]:
        clash = con.execute(
            "SELECT min(text), max(text) FROM named_terms GROUP BY id HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
    elif stored:
        clash = con.execute(
            "SELECT n.text, d.text FROM named_terms n"
            " JOIN read_parquet($files) d ON n.id = d.id AND n.text <> d.text LIMIT 1",
            {"files": stored},
        ).fetchone()
    if clash is not None:
        raise StoreError(
            "Two terms have the same id, so the store cannot tell them apart",
            where=f"{clash[0]} and {clash[1]}",
            why="their 64-bit hashes are equal",
            remedy="rename one of them; nothing was written",
        )


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
