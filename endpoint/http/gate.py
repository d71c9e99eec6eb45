"""A bound on the queries in this process: so many at once, so long a wait, then 503."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ontology import BusyError
from store import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from endpoint.queryable import Queryable


class Gate:
    """Lets ``parallel`` holders through at once.

    Workers have a queue of their own, so whoever asks them passes.

    Parameters
    ----------
    parallel : int
        Holders at once.
    queue_seconds : float
        Longest wait for a turn.
    """

    def __init__(self, parallel: int, queue_seconds: float) -> None:
        self._slots = threading.BoundedSemaphore(parallel)
        self._queue_seconds = queue_seconds

    def enter(self, asked: Queryable) -> Pass:
        """Wait for a turn to ask and return the pass that ends it.

        Raises
        ------
        BusyError
            No turn came in time.
        """
        if isinstance(asked, WorkerPool):
            return Pass(None)
        if not self._slots.acquire(timeout=self._queue_seconds):
            raise BusyError(
                "The server is busy",
                why="too many queries run at once",
                remedy="repeat the request later",
            )
        return Pass(self._slots)

    @contextmanager
    def turn(self, asked: Queryable) -> Iterator[None]:
        """Hold a turn for a ``with`` block."""
        entered = self.enter(asked)
        try:
            yield
        finally:
            entered.leave()


class Pass:
    """A turn that is given back once, however often :meth:`leave` is called."""

    def __init__(self, slots: threading.BoundedSemaphore | None) -> None:
        self._slots = slots
        self._left = threading.Lock()

    def leave(self) -> None:
        """Give the turn back."""
        if self._slots is not None and self._left.acquire(blocking=False):
            self._slots.release()
