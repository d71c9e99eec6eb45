"""Where bad rows go: the first of them into the report, all of them into a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self, TextIO

from .faults import Quarantined

_KEPT: Final = 1000


class Quarantine:
    """Keeps bad rows; a context manager that closes its file.

    Parameters
    ----------
    path : path, optional
        JSON Lines file for all of them.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._file: TextIO | None = None
        self._first: list[Quarantined] = []

    @property
    def first(self) -> tuple[Quarantined, ...]:
        """The first 1000."""
        return tuple(self._first)

    def keep(self, entries: Iterable[Quarantined]) -> None:
        """Take bad rows, in order."""
        for entry in entries:
            if len(self._first) < _KEPT:
                self._first.append(entry)
            if self._file is not None:
                fields = {"source": entry.source, "row": entry.row, "reason": entry.reason}
                self._file.write(json.dumps(fields, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
