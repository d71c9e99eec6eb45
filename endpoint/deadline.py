"""One deadline for work that takes several queries."""

from __future__ import annotations

import time

from ontology import DeadlineError

from .queryable import Answer, Queryable


class Deadline:
    """A point in monotonic time.

    Parameters
    ----------
    seconds : float
        From now.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; negative when the time is up."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raise DeadlineError when the time is up."""
        if self.left <= 0:
            raise DeadlineError(
                "The answer was not ready before the deadline",
                why=f"the deadline is {self.seconds:g} s",
                remedy="ask for less, or allow more time",
            )


class Timed:
    """A Queryable whose queries share one deadline.

    Parameters
    ----------
    queryable : Queryable
    seconds : float, optional
        For all queries together; None does not limit them.
    """

    def __init__(self, queryable: Queryable, seconds: float | None) -> None:
        self._queryable = queryable
        self._deadline = None if seconds is None else Deadline(seconds)

    def query(
        self,
        text: str,
        *,
        timeout: float | None = None,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
    ) -> Answer:
        """Answer a query within what is left of the time."""
        if self._deadline is not None:
            self._deadline.check()
            left = self._deadline.left
            timeout = left if timeout is None else min(left, timeout)
        return self._queryable.query(
            text, timeout=timeout, default_graphs=default_graphs, named_graphs=named_graphs
        )
