"""A bounded queue before the queries: so many at once, so long a wait, then 503."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .problems import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """Lets ``parallel`` holders through at once.

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

    def enter(self) -> Pass:
        """Wait for a turn and return the pass that ends it.

        Raises
        ------
        HTTPProblem
            503 with ``Retry-After`` when no turn came in time.
        """
        if not self._slots.acquire(timeout=self._queue_seconds):
            raise HTTPProblem(
                503,
                "The server is busy",
                why="too many queries run at once",
                remedy="repeat the request later",
                headers={"Retry-After": str(max(1, round(self._queue_seconds)))},
            )
        return Pass(self._slots)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a turn for a ``with`` block."""
        entered = self.enter()
        try:
            yield
        finally:
            entered.leave()


class Pass:
    """A turn that is given back once, however often :meth:`leave` is called."""

    def __init__(self, slots: threading.BoundedSemaphore) -> None:
        self._slots = slots
        self._left = threading.Lock()

    def leave(self) -> None:
        """Give the turn back."""
        if self._left.acquire(blocking=False):
            self._slots.release()
