"""The dictionary: id, text and blank flag of every node, and the check that ids are unique."""

from __future__ import annotations

from typing import Final

import duckdb

from ontology import InputError, StoreError

from .manifest import FileEntry
from .parts import PartWriter
from .staging import TERMS, Staging

FOLDER: Final = "terms"

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
    return (*files, writer.write(con, FOLDER, "FROM new_terms ORDER BY id", int(row[0])))


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
    return (writer.write(con, FOLDER, "FROM new_terms ORDER BY id", rows),)


def _collect(con: duckdb.DuckDBPyConnection, staged: Staging) -> None:
    con.register("term_schema", TERMS.empty_table())
    con.execute("CREATE OR REPLACE TEMP TABLE staged_terms AS FROM term_schema")
    con.unregister("term_schema")
    staged.terms.load_into(con, "staged_terms", "terms")
    con.execute("CREATE OR REPLACE TEMP TABLE named_terms AS SELECT DISTINCT * FROM staged_terms")
    con.execute("DROP TABLE staged_terms")


def _check_ids(con: duckdb.DuckDBPyConnection, stored: list[str]) -> None:
    query = "SELECT min(text), max(text) FROM named_terms GROUP BY id HAVING count(*) > 1"
    if stored:
        query += (
            " UNION ALL SELECT n.text, d.text FROM named_terms n"
            " JOIN read_parquet($files) d ON n.id = d.id AND n.text <> d.text"
        )
    clash = con.execute(f"{query} LIMIT 1", {"files": stored} if stored else {}).fetchone()
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
