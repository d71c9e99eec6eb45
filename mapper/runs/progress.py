"""How far a run is: in rows where sources say how many they have, else by the bytes read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

Progress = Callable[[int, int | None], object]
"""Called with rows done and rows in all: exact, estimated from bytes, or None if unknown."""

_DESCRIPTORS: Final = Path("/proc/self/fd")
_POSITIONS: Final = Path("/proc/self/fdinfo")


@dataclass(slots=True)
class Meter:
    """Counts rows and tells of them.

    Attributes
    ----------
    tell : callable, optional
    total : int, optional
        Rows of all sources if they say so.
    sizes : dict of Path to int
        Bytes of the files of all sources, in the order they are read.
    """

    tell: Progress | None
    total: int | None
    sizes: dict[Path, int]
    done: int = 0
    _finished: set[Path] = field(default_factory=set)

    def advance(self, rows: int) -> None:
        """Rows were read."""
        self.done += rows
        if self.tell is not None:
            self.tell(self.done, self._in_all() if self.total is None else self.total)

    def finish(self, files: Iterable[Path]) -> None:
        """Files were read to their end."""
        self._finished.update(files)

    def _in_all(self) -> int | None:
        """Estimate from how much of the files is read; readers may be some blocks ahead."""
        whole = sum(self.sizes.values())
        at = positions(path for path in self.sizes if path not in self._finished)
        read = sum(self.sizes[path] for path in self._finished) + sum(at.values())
        if not 0 < read < whole:
            return None
        return round(self.done * whole / read)


def sizes(files: Iterable[Path]) -> dict[Path, int]:
    """Bytes of files, those that cannot be looked at left out."""
    found = {}
    for path in files:
        with suppress(OSError):
            found[path.resolve()] = path.stat().st_size
    return found


def positions(files: Iterable[Path]) -> dict[Path, int]:
    """Where this process stands in files it reads; nothing where the system does not tell."""
    wanted = set(files)
    found: dict[Path, int] = {}
    try:
        descriptors = os.listdir(_DESCRIPTORS)
    except OSError:
        return {}
    for number in descriptors:
        with suppress(OSError, ValueError, IndexError):
            path = Path(os.readlink(_DESCRIPTORS / number))
            if path in wanted:
                line = (_POSITIONS / number).read_text().split("\n", 1)[0]
                found[path] = max(found.get(path, 0), int(line.split()[1]))
    return found
