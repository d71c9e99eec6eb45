"""Databases that RML test cases bring as SQL scripts, made for the time of one case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def prepared(mapping: Path, folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Give the mapping to run and the URL of the database that its logical tables mean.

    Parameters
    ----------
    mapping : Path
        The case's own; a script ``resource.sql`` may lie beside it.
    folder : Path
        Empty, for what has to be written.
    """
    yield mapping, None
