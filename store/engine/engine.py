"""Running SQL: the narrow interface of an engine, and DuckDB behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final, Protocol

import duckdb
import pyarrow as pa
from sqlglot import exp

from ontology import GeoloomError, MemoryLimitError, UnsupportedError

from ..lower import register
from .connection import MEMORY_LIMIT, connect, naming_damage
from .limits import POLL_S, Limit, limited

_OPENING: Final = Lock()
_OUT_OF_MEMORY: Final = (duckdb.OutOfMemoryException, pa.ArrowMemoryError, MemoryError)


class Engine(Protocol):
    """What a query needs of an engine."""

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name."""

    def execute(self, sql: str, timeout: float | None = None) -> pa.Table:
        """Run a query; past ``timeout`` seconds it is cancelled."""

    def cancel(self) -> None:
        """Stop what is running, from another thread."""


class DuckDBEngine:
    """A cursor of a DuckDB that reads one store folder; use it in one thread at a time.

    Parameters
    ----------
    folder : Path, optional
        The only folder that can be read.
    memory_limit : str, optional
        As DuckDB writes it; GEOS is not counted.
    """

    def __init__(self, folder: Path | None = None, memory_limit: str | None = None) -> None:
        with _OPENING:
            self._cursor = _database(folder, memory_limit or MEMORY_LIMIT).cursor()

    def register(self, name: str, table: pa.Table) -> None:
        """Copy an Arrow table into a temporary one of this name.

        DuckDB 1.5 cannot push the Bloom filter of a hash join into a scan of Arrow ("Pushdown
        Filter Type BLOOM_FILTER is not currently supported in PyArrow Scans").
        """
        quoted = exp.to_identifier(name, quoted=True).sql("duckdb")
        with self._watched():
            copied = self._cursor.from_arrow(table)
            copied.query("arrow", f"CREATE OR REPLACE TEMP TABLE {quoted} AS FROM arrow")

    def execute(self, sql: str, timeout: float | None = None) -> pa.Table:
        """Run a query.

        Parameters
        ----------
        sql : str
        timeout : float, optional
            Seconds, besides the limit this thread works under; a single GEOS call is not
            interrupted.

        Raises
        ------
        DeadlineError
            The query did not end in time, or nobody waits for it any more.
        StoreError
            A file is missing or damaged.
        MemoryLimitError
            The query needs more memory than allowed.
        GeoloomError
            DuckDB refuses the query.
        """
        with self._watched(timeout), naming_damage():
            return self._cursor.execute(sql).to_arrow_table()

    def cancel(self) -> None:
        """Stop what is running, from another thread."""
        self._cursor.interrupt()

    def close(self) -> None:
        """Let the cursor and its tables go."""
        self._cursor.close()

    @contextmanager
    def _watched(self, timeout: float | None = None) -> Iterator[None]:
        with limited(timeout) as limit:
            limit.check()
            try:
                with _interrupted_at_the_end_of(limit, self.cancel):
                    yield
            except (duckdb.Error, pa.ArrowException, MemoryError) as error:
                raise _named(error, limit) from error


@contextmanager
def _interrupted_at_the_end_of(limit: Limit, interrupt: Callable[[], None]) -> Iterator[None]:
    """Watch a limit beside the work; the watch ends before the cursor is used again."""
    if limit.pause is None:
        yield
        return
    done = Event()
    watch = Thread(target=_watch, args=(limit, interrupt, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(limit: Limit, interrupt: Callable[[], None], done: Event) -> None:
    """Interrupt at the end of a limit, again and again: one alone may come between two steps."""
    while not done.wait(limit.pause):
        while limit.over:
            interrupt()
            if done.wait(POLL_S):
                return


def _named(error: Exception, limit: Limit) -> GeoloomError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    if isinstance(error, duckdb.InterruptException):
        return limit.error()
    if isinstance(error, _OUT_OF_MEMORY) or "bad_alloc" in reason:
        return MemoryLimitError(
            "The query needs more memory than allowed",
            why=reason,
            remedy="narrow the query, or raise the memory limit",
        )
    if isinstance(error, duckdb.ParserException) and "expression depth" in reason:
        return UnsupportedError(
            "The query has too many parts",
            why="its SQL is nested too deeply for DuckDB",
            remedy="split it into several queries",
        )
    return _refused(reason)


def _refused(reason: str) -> GeoloomError:
    return GeoloomError(
        "The engine refused a query that geoloom wrote",
        why=reason,
        remedy="please report the query and this message",
    )


@lru_cache(maxsize=16)
def _database(folder: Path | None, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = connect(folder=folder, memory_limit=memory_limit)
    register(connection)
    return connection
