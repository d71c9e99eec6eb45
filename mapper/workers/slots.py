"""Buffers two processes share: a worker fills them with lines, the run writes them out."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..sinks import NTriplesSink


class Slots:
    """Shared buffers of one worker.

    Parameters
    ----------
    handle : int
        Of a file without a name, as :func:`shared_file` makes it.
    count, size : int
    """

    def __init__(self, handle: int, count: int, size: int) -> None:
        self._size = size
        self._memory = mmap.mmap(handle, count * size)
        self._view = memoryview(self._memory)

    def view(self, slot: int, size: int | None = None) -> memoryview:
        """The first bytes of a slot."""
        begin = slot * self._size
        return self._view[begin : begin + (self._size if size is None else size)]

    def close(self) -> None:
        """Let go of the memory, unless an error on its way still holds some."""
        with suppress(BufferError):
            self._view.release()
            self._memory.close()


def shared_file(size: int) -> int:
    """Handle of so many bytes that have no name and vanish with the processes that hold them."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("geoloom", 0)
    else:
        with tempfile.TemporaryFile() as file:
            handle = os.dup(file.fileno())
    os.ftruncate(handle, size)
    return handle


class SlotFile:
    """What a worker writes its lines to: one slot after the other.

    Parameters
    ----------
    slots : Slots
    count, size : int
    full : callable
        Told the slot and how many bytes are in it.
    wait : callable
        Returns once a slot was freed by :meth:`free`.
    """

    def __init__(
        self,
        slots: Slots,
        count: int,
        size: int,
        full: Callable[[int, int], None],
        wait: Callable[[], None],
    ) -> None:
        self._slots, self._size, self._full, self._wait = slots, size, full, wait
        self._idle = deque(range(count))
        self._slot: int | None = None
        self._used = 0

    def write(self, data: Any) -> None:
        """Take a buffer."""
        rest = memoryview(data).cast("B")
        while len(rest):
            slot = self._current()
            some = min(len(rest), self._size - self._used)
            self._slots.view(slot)[self._used : self._used + some] = rest[:some]
            self._used += some
            rest = rest[some:]
            if self._used == self._size:
                self.flush()

    def flush(self) -> None:
        """Hand over what was written."""
        if self._slot is not None:
            self._full(self._slot, self._used)
        self._slot, self._used = None, 0

    def free(self, slot: int) -> None:
        """Use a slot again."""
        self._idle.append(slot)

    def discard(self) -> None:
        """Nothing to delete."""

    def _current(self) -> int:
        if self._slot is None:
            while not self._idle:
                self._wait()
            self._slot = self._idle.popleft()
        return self._slot


class SlotSink(NTriplesSink):
    """Writes N-Triples or N-Quads to slots."""

    def __init__(self, file: SlotFile, *, quads: bool) -> None:
        super().__init__("worker.nq", quads=quads)
        self._file = file  # type: ignore[assignment]
