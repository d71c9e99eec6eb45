"""Where bad rows go: the first of them into the report, all of them into a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Self

from ..sinks import OutputFile
from ..terms.faults import Quarantined

_KEPT: Final = 1000


class Quarantine:
    """Keeps bad rows; its file appears whole when it is published, or not at all.

    Parameters
    ----------
    path : path, optional
        JSON Lines file for all of them.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._file = None if path is None else OutputFile(Path(path), what="the quarantine file")
        self._first: list[Quarantined] = []

    @property
    def first(self) -> tuple[Quarantined, ...]:
        """The first 1000."""
        return tuple(self._first)

    def keep(self, entries: Iterable[Quarantined]) -> int:
        """Take bad rows, in order; gives how many."""
        count, lines = 0, []
        for entry in entries:
            count += 1
            if len(self._first) < _KEPT:
                self._first.append(entry)
            if self._file is not None:
                lines.append(json.dumps(_document(entry), ensure_ascii=False) + "\n")
        if self._file is not None and lines:
            self._file.write("".join(lines).encode())
        return count

    def finish(self) -> None:
        """Do everything that may fail; what remains is the file's name."""
        if self._file is not None:
            self._file.write(b"")
            self._file.finish()

    def publish(self) -> None:
        """Give the finished file its name."""
        if self._file is not None:
            self._file.publish()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.discard()


def _document(entry: Quarantined) -> dict[str, Any]:
    """One line of the file; only what there is."""
    document: dict[str, Any] = {
        "source": entry.source,
        "row": entry.row,
        "reason": entry.reason,
    }
    if entry.rule:
        document["shape"] = entry.rule
    if entry.values:
        document["values"] = dict(entry.values)
    return document
