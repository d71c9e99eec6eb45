"""Running SQL: the narrow interface of an engine, and DuckDB behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock, Timer
from typing import Final, Protocol

import duckdb
import pyarrow as pa
from sqlglot import exp

from ontology import DeadlineError, GeoloomError, UnsupportedError

from ..lower import register
from .connection import MEMORY_LIMIT, connect, naming_damage

_OPENING: Final = Lock()


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
        copied = self._cursor.from_arrow(table)
        copied.query("arrow", f"CREATE OR REPLACE TEMP TABLE {quoted} AS FROM arrow")

    def execute(self, sql: str, timeout: float | None = None) -> pa.Table:
        """Run a query.

        Parameters
        ----------
        sql : str
        timeout : float, optional
            Seconds; a single GEOS call is not interrupted.

        Raises
        ------
        DeadlineError
            The query did not end in time.
        StoreError
            A file is missing or damaged.
        GeoloomError
            The query needs more memory than allowed, or DuckDB refuses it.
        """
        with self._deadline(timeout), naming_damage():
            return self._cursor.execute(sql).to_arrow_table()

    def cancel(self) -> None:
        """Stop what is running, from another thread."""
        self._cursor.interrupt()

    def close(self) -> None:
        """Let the cursor and its tables go."""
        self._cursor.close()

    @contextmanager
    def _deadline(self, timeout: float | None) -> Iterator[None]:
        timer = None if timeout is None else Timer(timeout, self.cancel)
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        except duckdb.InterruptException:
            raise DeadlineError(
                "The query was stopped before it ended",
                why=f"it took longer than {timeout} s" if timeout else "it was cancelled",
                remedy="narrow the query, or allow more time",
            ) from None
        except duckdb.OutOfMemoryException as error:
            raise GeoloomError(
                "The query needs more memory than allowed",
                why=str(error).splitlines()[0],
                remedy="narrow the query, or raise the memory limit",
            ) from error
        except duckdb.ParserException as error:
            if "expression depth" not in str(error):
                raise _refused(error) from error
            raise UnsupportedError(
                "The query has too many parts",
                why="its SQL is nested too deeply for DuckDB",
                remedy="split it into several queries",
            ) from error
        except duckdb.Error as error:
            raise _refused(error) from error
        finally:
            if timer is not None:
                timer.cancel()


def _refused(error: duckdb.Error) -> GeoloomError:
    return GeoloomError(
        "The engine refused a query that geoloom wrote",
        why=str(error).splitlines()[0],
        remedy="please report the query and this message",
    )


@lru_cache(maxsize=16)
def _database(folder: Path | None, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = connect(folder=folder, memory_limit=memory_limit)
    register(connection)
    return connection
