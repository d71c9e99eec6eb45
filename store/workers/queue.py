"""Who is next: clients take turns, each client's requests keep their order."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from threading import Event, Lock
from typing import Final

from ontology import BusyError

from ..engine.limits import Limit
from .process import WorkerProcess

_LOOK_S: Final = 0.1


class _Waiter:
    __slots__ = ("came", "worker")

    def __init__(self) -> None:
        self.came = Event()
        self.worker: WorkerProcess | None = None


class FairQueue:
    """Hands idle workers to those who wait.

    Parameters
    ----------
    length : int
        How many may wait.
    patience : float
        Seconds one waits at most.

    Notes
    -----
    One client may take half of the places, so that there is always one for others.
    """

    def __init__(self, length: int, patience: float) -> None:
        self._length = length
        self._share = max(1, length // 2)
        self._patience = patience
        self._lock = Lock()
        self._idle: list[WorkerProcess] = []
        self._lines: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._lines.values()))

    @property
    def idle(self) -> int:
        """How many workers do."""
        return len(self._idle)

    def take(self, limit: Limit) -> WorkerProcess:
        """Wait for a worker.

        Raises
        ------
        BusyError
            Too many wait, or none became free in time.
        DeadlineError
            The limit is over.
        """
        limit.check()
        waiter = _Waiter()
        with self._lock:
            if self._closed:
                raise self._busy("the server is stopping")
            if self._idle:
                return self._idle.pop()
            line = self._lines.setdefault(limit.client, deque())
            if self.waiting >= self._length or len(line) >= self._share:
                self._forget(limit.client)
                raise self._busy("too many queries wait")
            line.append(waiter)
        try:
            return self._wait(waiter, limit)
        except BaseException:
            self._leave(waiter, limit.client)
            raise

    def _wait(self, waiter: _Waiter, limit: Limit) -> WorkerProcess:
        end = time.monotonic() + self._patience
        while not waiter.came.wait(_LOOK_S):
            limit.check()
            if time.monotonic() >= end:
                raise self._busy(f"no query ended within {self._patience:g} s")
        if waiter.worker is None:
            raise self._busy("the server is stopping")
        return waiter.worker

    def _leave(self, waiter: _Waiter, client: str) -> None:
        with self._lock:
            if client in self._lines and waiter in self._lines[client]:
                self._lines[client].remove(waiter)
                self._forget(client)
        if waiter.worker is not None:
            self.give(waiter.worker)

    def _forget(self, client: str) -> None:
        if not self._lines[client]:
            del self._lines[client]

    def give(self, worker: WorkerProcess) -> None:
        """Bring a worker that is free."""
        with self._lock:
            if not self._lines:
                self._idle.append(worker)
                return
            client, line = self._lines.popitem(last=False)
            waiter = line.popleft()
            if line:
                self._lines[client] = line  # behind the others
            waiter.worker = worker
            waiter.came.set()

    def withdraw_dead(self) -> list[WorkerProcess]:
        """Take out the idle workers that have died."""
        with self._lock:
            dead = [worker for worker in self._idle if not worker.usable]
            self._idle = [worker for worker in self._idle if worker.usable]
        return dead

    def close(self) -> list[WorkerProcess]:
        """Send away all who wait, and who come; return the idle workers."""
        with self._lock:
            self._closed = True
            for line in self._lines.values():
                for waiter in line:
                    waiter.came.set()
            self._lines.clear()
            idle, self._idle = self._idle, []
        return idle

    def _busy(self, why: str) -> BusyError:
        return BusyError("The server is busy", why=why, remedy="repeat the request later")
