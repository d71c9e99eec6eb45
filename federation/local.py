"""The local engine as the federation uses it: over the home store, or over no store at all."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pyarrow as pa

from ontology import DeadlineError
from store import Result, Snapshot, Store, parse_query, run_query
from store import algebra as al


class LocalEngine:
    """Runs plans whose leaves lie in one pinned snapshot or in Arrow tables.

    Parameters
    ----------
    store : Store, optional
    deadline : float, optional
        ``time.monotonic()`` value.
    """

    def __init__(self, store: Store | None, deadline: float | None = None) -> None:
        self._deadline = deadline
        self.snapshot: Snapshot | None = None if store is None else store.snapshot()

    def run(self, query: al.Query) -> Result:
        """Answer a query whose plan has no remote leaf."""
        return run_query(self.snapshot, query, timeout=self._left())

    def solutions(self, plan: al.Plan, variables: Sequence[str]) -> pa.Table:
        """Return a plan's solutions as a table of terms."""
        names = tuple(variables)
        result = self.run(al.Query("SELECT", al.Project(names, plan), names))
        return result.terms()

    def select(self, text: str) -> pa.Table:
        """Answer SELECT text."""
        return self.run(parse_query(text)).terms()

    def ask(self, text: str) -> bool:
        """Answer ASK text."""
        return bool(self.run(parse_query(text)))

    def _left(self) -> float | None:
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError("The query's time is over", remedy="raise the timeout")
        return left
