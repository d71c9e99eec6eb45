"""Several processes map the blocks of one file; what they write is put together in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Final, Self

from ontology import CrashError, Sink

from ..functions import find_function
from ..runs.opened import OpenedSource, Workplace
from ..runs.plan import function_calls, term_maps
from ..runs.tally import Tally
from ..sinks import NTriplesSink
from ..sources.csv import Block, CsvSource
from ..terms.faults import Quarantined
from .messages import Done, Free, Job, Part, Task
from .slots import Slots, shared_file

LEAST_BYTES: Final = 128 << 20
"""Of a file for each worker, which takes about a second to start."""
_SLOTS: Final = 3
_SLOT_BYTES: Final = 8 << 20
_AHEAD: Final = 2
_START: Final = "from mapper.workers.child import serve; serve()"

Result = tuple[Tally, tuple[Quarantined, ...]]


def why_alone(opened: OpenedSource, sink: Sink) -> str:
    """Why the blocks of a source cannot be mapped by several processes; empty if they can."""
    if not isinstance(sink, NTriplesSink):
        return "only N-Triples and N-Quads are written by several processes"
    if not isinstance(opened.source, CsvSource) or opened.source.path is None:
        return "only plain CSV in UTF-8 is read by several processes"
    maps = (one for rule in opened.part.triples_maps for one in term_maps(rule))
    for call in (call for one in maps for call in function_calls(one)):
        if not find_function(call.function, "").call.__module__.startswith("mapper."):
            return f"the function {call.function} is known to this process only"
    return ""


def useful_workers(opened: OpenedSource, wanted: int) -> int:
    """How many processes are worth their start, up to those wanted."""
    assert isinstance(opened.source, CsvSource)
    assert opened.source.path is not None
    return min(wanted, opened.source.path.stat().st_size // LEAST_BYTES)


@dataclass(slots=True)
class _Member:
    """A worker as the run sees it."""

    process: subprocess.Popen[bytes]
    connection: Connection
    slots: Slots
    tasks: deque[Block] = field(default_factory=deque)
    inbox: deque[Part | Done] = field(default_factory=deque)


class Team:
    """Workers that map the blocks of one source; a context manager that ends them.

    Parameters
    ----------
    place : Workplace
    opened : OpenedSource
    sink : NTriplesSink
        Gets the lines, in the order one process would write them.
    fail : bool
        The first bad row ends the run.
    count : int
    """

    def __init__(
        self, place: Workplace, opened: OpenedSource, sink: NTriplesSink, fail: bool, count: int
    ) -> None:
        self._opened, self._sink = opened, sink
        source = opened.part.source
        self._job = Job(
            place.mapping, place.around, source, fail, sink.holds_graphs, _SLOTS, _SLOT_BYTES
        )
        self._count = count
        self._members: list[_Member] = []
        self._order: deque[_Member] = deque()
        self._ending = ExitStack()

    def results(self) -> Iterator[Result]:
        """Counts and bad rows of each block, in order.

        Raises
        ------
        GeoloomError
            Of a worker; CrashError if one was ended from outside.
        """
        source = self._opened.source
        assert isinstance(source, CsvSource)
        blocks = source.blocks()
        more = True
        while more or self._order:
            while more and (member := self._free_member()) is not None:
                block = next(blocks, None)
                more = block is not None
                if block is None:
                    break
                self._assign(member, block)
            if self._order:
                yield from self._finished()
                if self._order and not self._order[0].inbox:
                    self._hear()

    def _free_member(self) -> _Member | None:
        idle = [one for one in self._members if len(one.tasks) < _AHEAD]
        return min(idle, key=lambda one: len(one.tasks)) if idle else None

    def _assign(self, member: _Member, block: Block) -> None:
        task = Task(block.place, block.size, block.first, block.rows)
        member.tasks.append(Block(block.place, block.size, block.first, block.rows, block.data[:0]))
        self._order.append(member)
        self._send(member, task)

    def _finished(self) -> Iterator[Result]:
        """Write out what the oldest task made so far, and then the next ones."""
        while self._order and self._order[0].inbox:
            member = self._order[0]
            message = member.inbox.popleft()
            if isinstance(message, Part):
                self._sink.write_lines(member.slots.view(message.slot, message.size), 0)
                self._send(member, Free(message.slot))
                continue
            if message.error is not None:
                raise message.error
            self._order.popleft()
            member.tasks.popleft()
            self._sink.write_lines(b"", message.tally.triples)
            yield message.tally, message.bad

    def _hear(self) -> None:
        by_connection = {one.connection: one for one in self._members}
        for ready in wait(list(by_connection)):
            member = by_connection[ready]  # type: ignore[index]
            try:
                member.inbox.append(member.connection.recv())
            except (EOFError, ConnectionError) as error:
                raise self._crashed(member) from error

    def _send(self, member: _Member, message: object) -> None:
        try:
            member.connection.send(message)
        except (BrokenPipeError, ConnectionError) as error:
            raise self._crashed(member) from error

    def _crashed(self, member: _Member) -> CrashError:
        code = member.process.wait()
        block = member.tasks[0] if member.tasks else None
        rows = "" if block is None else f", rows {block.first} to {block.first + block.rows - 1}"
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return CrashError(
            f"A worker ended: process {member.process.pid}",
            where=f"{self._opened.name}{rows}",
            why=f"it ended with {how}; perhaps the system was short of memory",
            remedy="run again with fewer workers; nothing was kept of this run",
        )

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for _ in range(self._count):
                self._members.append(self._started(stack))
            self._ending = stack.pop_all()
        for member in self._members:
            self._send(member, self._job)
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _started(self, stack: ExitStack) -> _Member:
        memory = shared_file(_SLOTS * _SLOT_BYTES)
        stack.callback(os.close, memory)
        ours, theirs = Pipe()
        stack.callback(ours.close)
        handles = (theirs.fileno(), memory)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(
            [sys.executable, "-c", _START, *map(str, handles)],
            pass_fds=handles,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        stack.callback(_end, process)
        slots = Slots(memory, _SLOTS, _SLOT_BYTES)
        stack.callback(slots.close)
        return _Member(process, ours, slots)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
