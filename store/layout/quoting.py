"""Texts and names as they stand in SQL where it takes no parameters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .manifest import FileEntry


def quoted_text(text: object) -> str:
    """A text, or what prints as one, as a constant of SQL.

    >>> quoted_text("O'Brien")
    "'O''Brien'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's name in SQL.

    >>> quoted("name")
    '"name"'
    """
    return '"' + name.replace('"', '""') + '"'


def listed(paths: Iterable[object]) -> str:
    """A list of paths as a constant of SQL.

    >>> listed(["a.parquet", "b.parquet"])
    "['a.parquet', 'b.parquet']"
    """
    return "[" + ", ".join(map(quoted_text, paths)) + "]"


def listed_files(root: Path, files: Iterable[FileEntry]) -> str:
    """The paths of files of a store as a constant of SQL."""
    return listed(root / file.path for file in files)
