"""A worker: maps the blocks it is told, in a process of its own."""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection

from ontology import GeoloomError

from ..runs.opened import OpenedSource, Workplace, open_one
from ..runs.quarantine import Quarantine
from ..runs.source_pass import Manner, SourcePass
from ..runs.tally import Tally
from ..sources.csv import CsvSource
from ..terms.faults import Quarantined
from .messages import Done, Free, Job, Part, Task
from .slots import SlotFile, Slots, SlotSink


class _Collected(Quarantine):
    """Bad rows of one task."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Quarantined] = []

    def keep(self, entries: Iterable[Quarantined]) -> int:
        """Take bad rows."""
        before = len(self.rows)
        self.rows.extend(entries)
        return len(self.rows) - before


class Worker:
    """Maps tasks in the order they come.

    Parameters
    ----------
    connection : Connection
    memory : int
        Handle of the shared memory.
    """

    def __init__(self, connection: Connection, memory: int) -> None:
        self._connection = connection
        job: Job = connection.recv()
        self._tasks: deque[Task | None] = deque()
        slots = Slots(memory, job.slots, job.size)
        self._file = SlotFile(slots, job.slots, job.size, self._send_part, self._hear)
        self._bad = _Collected()
        self._opened = _opened(job)
        self._pass = SourcePass(
            Workplace(job.mapping, job.around),
            self._opened,
            SlotSink(self._file, quads=job.graphs),
            self._bad,
            Manner(fail=job.fail),
            lambda _: None,
        )

    def run(self) -> None:
        """Map until there is nothing more to do."""
        while True:
            while not self._tasks:
                self._hear()
            task = self._tasks.popleft()
            if task is None:
                return
            self._connection.send(self._done(task))

    def _done(self, task: Task) -> Done:
        error = None
        try:
            self._map(task)
        except GeoloomError as found:
            error = found
        except Exception as found:
            error = GeoloomError(
                "A worker failed",
                where=f"{self._opened.name}, rows {task.first} to {task.first + task.rows - 1}",
                why=repr(found),
                remedy="report this as a fault of geoloom; run with one process meanwhile",
            )
        if error is not None:
            return Done(Tally(), (), error)
        self._file.flush()
        bad, self._bad.rows = tuple(self._bad.rows), []
        return Done(self._pass.hand_over(), bad)

    def _map(self, task: Task) -> None:
        source = self._opened.source
        assert isinstance(source, CsvSource)
        block = source.block(task.place, task.size, task.first, task.rows)
        self._pass.take(source.batch(block, self._opened.references))

    def _send_part(self, slot: int, size: int) -> None:
        self._connection.send(Part(slot, size))

    def _hear(self) -> None:
        """Take in one message."""
        message = self._connection.recv()
        if isinstance(message, Free):
            self._file.free(message.slot)
        else:
            self._tasks.append(message)


def _opened(job: Job) -> OpenedSource:
    return open_one(Workplace(job.mapping, job.around), job.source)


def serve() -> None:
    """Be a worker; the arguments are the handles of the connection and of the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends its workers itself
    handle, memory = map(int, sys.argv[1:3])
    with suppress(EOFError, BrokenPipeError), Connection(handle) as connection:
        Worker(connection, memory).run()
