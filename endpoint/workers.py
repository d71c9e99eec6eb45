"""The store and the federation in worker processes, while a server runs."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from federation import Federation
from store import Store, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .queryable import Queryable
    from .settings import Settings


@contextmanager
def in_workers(
    store: Queryable, federation: Queryable | None, settings: Settings
) -> Iterator[tuple[Queryable, Queryable | None]]:
    """Start the workers of the settings for the length of a ``with`` block.

    Yields
    ------
    (Queryable, Queryable or None)
        What answers in place of the store and of the federation. Each has workers of its own:
        a federated query may wait long for its sources. What is neither a store nor a
        federation stays in this process.
    """
    workers = settings.workers if settings.workers is not None else os.cpu_count() or 1
    with ExitStack() as stack:

        def moved(asked: Queryable) -> Queryable:
            if not workers or not isinstance(asked, Store | Federation):
                return asked
            pool = WorkerPool(
                asked,
                workers=workers,
                memory=settings.memory,
                queue=settings.queue,
                patience=settings.queue_seconds,
            )
            return stack.enter_context(pool)

        yield moved(store), None if federation is None else moved(federation)


def wait_ready(*asked: Queryable | None) -> None:
    """Wait until each has a worker that is ready.

    Raises
    ------
    CrashError
        If none starts.
    """
    for pool in asked:
        if isinstance(pool, WorkerPool):
            pool.wait()
