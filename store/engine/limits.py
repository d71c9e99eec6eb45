"""Until when work may go on, and for whom it is done: known wherever a query is worked on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ontology import DeadlineError

POLL_S: Final = 0.05
"""How often it is looked whether the client has gone."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A point in monotonic time, and whether anybody still waits for the answer.

    Attributes
    ----------
    end : float, optional
        ``time.monotonic()`` value after which work stops.
    seconds : float, optional
        How long that was from the start; errors say it.
    gone : callable, optional
        Says whether the client has gone.
    client : str
        Who asks; those who wait take turns by it.
    """

    end: float | None = None
    seconds: float | None = None
    gone: Callable[[], bool] | None = None
    client: str = ""

    @property
    def left(self) -> float | None:
        """Seconds left, never below zero; None without an end."""
        return None if self.end is None else max(0.0, self.end - time.monotonic())

    @property
    def over(self) -> bool:
        """Return whether work should stop."""
        late = self.end is not None and time.monotonic() >= self.end
        return late or (self.gone is not None and self.gone())

    @property
    def pause(self) -> float | None:
        """Seconds to sleep until it is worth looking again."""
        if self.gone is None:
            return self.left
        return POLL_S if self.left is None else min(POLL_S, self.left)

    def error(self) -> DeadlineError:
        """Say why the work was stopped."""
        late = self.end is not None and time.monotonic() >= self.end
        passed = f"it took longer than {round(self.seconds or 0, 2):g} s"
        return DeadlineError(
            "The query was stopped before it ended",
            why=passed if late else "it was cancelled",
            remedy="narrow the query, or allow more time",
        )

    def check(self) -> None:
        """Raise DeadlineError when work should stop."""
        if self.over:
            raise self.error()


_UNLIMITED: Final = Limit()
_current: Final[ContextVar[Limit]] = ContextVar("limit", default=_UNLIMITED)


def current_limit() -> Limit:
    """The limit of what this thread works on; one without an end where none was set."""
    return _current.get()


def check_limit() -> None:
    """Raise DeadlineError when the query this thread works on should stop (below 1 µs)."""
    _current.get().check()


@contextmanager
def limited(
    timeout: float | None = None,
    *,
    gone: Callable[[], bool] | None = None,
    client: str | None = None,
    seconds: float | None = None,
) -> Iterator[Limit]:
    """Limit the work of a ``with`` block; within another limit the earlier end counts.

    Parameters
    ----------
    timeout : float, optional
        Seconds from now.
    gone : callable, optional
        Says whether the client has gone; called from several threads.
    client : str, optional
        Who asks.
    seconds : float, optional
        How long the work may take in all, where some of the time has passed elsewhere.

    Raises
    ------
    DeadlineError
        From :func:`check_limit` and from what runs SQL, once the time is up.
    """
    outer = _current.get()
    end, said = outer.end, outer.seconds
    if timeout is not None:
        mine = time.monotonic() + timeout
        if end is None or mine < end:
            end, said = mine, seconds or timeout
    limit = Limit(end, said, gone or outer.gone, outer.client if client is None else client)
    token = _current.set(limit)
    try:
        yield limit
    finally:
        _current.reset(token)
