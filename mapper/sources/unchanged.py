"""Files that must stay as they are while a run reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ontology import InputError

from ..language.model import LogicalSource
from ..language.vocabulary import VECTOR
from .base import Surroundings, resolve, resolve_beside

_BESIDE: Final = ("after", "afterConfidence", "confidence")
"""Options of a logical source that name a second file."""


class Unchanged:
    """Files as they were when they were first looked at.

    Parameters
    ----------
    files : iterable of Path
        As :func:`source_files` gives them; one that is missing must stay so.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._stamps = {file: _stamp(file) for file in dict.fromkeys(files)}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files looked at."""
        return tuple(self._stamps)

    def check(self) -> None:
        """Compare size, time and inode of each file with what they were.

        Raises
        ------
        InputError
            A file was changed, replaced or removed meanwhile.
        """
        for file, before in self._stamps.items():
            if _stamp(file) != before:
                raise InputError(
                    "A source changed while it was read",
                    where=str(file),
                    why="what was read may be neither the old file nor the new one",
                    remedy="run again when nothing writes to it; nothing was kept of this run",
                )


def source_files(source: LogicalSource, around: Surroundings) -> Iterator[Path]:
    """Files and folders a logical source reads, as far as they exist; none for databases."""
    if source.path:
        yield from _with_siblings(resolve(source, around), source.formulation)
    for name in _BESIDE:
        other = source.option(name)
        if other is not None:
            yield from _with_siblings(resolve_beside(source, around, other), source.formulation)


def _with_siblings(path: Path, formulation: str) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(entry for entry in path.rglob("*") if entry.is_file())
    else:
        yield path
    if formulation == VECTOR and path.suffix.lower() == ".shp":
        yield from (path.with_suffix(suffix) for suffix in (".shx", ".dbf", ".prj"))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
