"""Plans made before, by text and snapshot, in bounded memory."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from .algebra import Inference
from .catalog import Snapshot
from .emit import Statement

MEMORY: Final = 16 * 2**20
"""Bytes all remembered plans may take, about: a thousand small ones."""

LARGEST: Final = MEMORY // 4
"""Bytes one of them may take, so that a query with a huge VALUES drives nobody else out."""

_PER_PLAN: Final = 12_000
"""Bytes of what a plan remembers beside its text, measured over small plans."""
_PER_FILE: Final = 200


@dataclass(frozen=True, slots=True)
class Request:
    """All that a plan depends on beside the snapshot."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    with_passes: bool = True
    inference: Inference = field(default_factory=Inference)


@dataclass(frozen=True, slots=True)
class Planned:
    """A query ready to run: its form and variables, its statement, the folder it reads.

    ``decodes`` says whether it reads the dictionary as well.
    """

    form: Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
    variables: tuple[str, ...]
    statement: Statement
    folder: Path | None
    decodes: bool = False

    @property
    def weight(self) -> int:
        """Bytes it takes, about."""
        statement = self.statement
        tables = sum(int(table.nbytes) for table in statement.tables.values())
        return _PER_PLAN + 2 * len(statement.sql) + tables + _PER_FILE * len(statement.files)


@dataclass(frozen=True, slots=True)
class _Entry:
    planned: Planned
    weight: int
    snapshot: weakref.ref[Snapshot] | None


class PlanCache:
    """Statements by request and snapshot; the one not asked for longest goes first.

    A snapshot is the object, not its number: a store made anew in the same folder counts from
    zero again. Threads may share a cache.

    Parameters
    ----------
    memory : int
        Bytes all plans may take.
    largest : int
        Bytes one plan may take to be remembered.
    """

    def __init__(self, memory: int = MEMORY, largest: int = LARGEST) -> None:
        self._memory, self._largest = memory, largest
        self._lock = Lock()
        self._entries: OrderedDict[tuple[int, Request], _Entry] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        """Number of plans remembered."""
        return len(self._entries)

    @property
    def held(self) -> int:
        """Bytes the plans take, about."""
        return self._held

    def get(self, request: Request, snapshot: Snapshot | None) -> Planned | None:
        """The plan made for this request over this snapshot, or None."""
        key = (id(snapshot), request)
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.snapshot is not None and entry.snapshot() is not snapshot:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry.planned

    def put(self, request: Request, snapshot: Snapshot | None, planned: Planned) -> None:
        """Remember a plan, unless it is too large."""
        weight = planned.weight + 2 * len(request.text)
        if weight > self._largest:
            return
        known = None if snapshot is None else weakref.ref(snapshot)
        key = (id(snapshot), request)
        with self._lock:
            self._drop(key)
            self._entries[key] = _Entry(planned, weight, known)
            self._held += weight
            while self._held > self._memory:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: tuple[int, Request]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._held -= entry.weight
