"""Rows on their way into the store, kept in memory up to a budget and spilled to files beyond."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Generic, TypeVar

import duckdb
import pyarrow as pa

from ontology import give_back

from .durable import not_writable

STAGING_PREFIX: Final = "tmp-"
BUDGET_BYTES: Final = 128 * 2**20
_BATCH_ROWS: Final = 100_000
_SPILLED_ROWS: Final = 20_000
"""Rows of a batch in a file."""

Key = TypeVar("Key", bound=Hashable)


class StagingFolder:
    """A folder inside the store for spilled rows, made when first needed."""

    def __init__(self, root: Path) -> None:
        self._path = root / f"{STAGING_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._count = 0

    def spill(self, table: pa.Table) -> Path:
        """Write a table to a new file, as it lies in memory, and return its path."""
        try:
            self._path.mkdir(exist_ok=True)
            self._count += 1
            path = self._path / f"{self._count:06d}.arrows"
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
                out.write_table(table, max_chunksize=_SPILLED_ROWS)
        except OSError as error:
            raise not_writable(self._path, error) from error
        return path

    @contextmanager
    def below(self, name: str) -> Iterator[Path]:
        """A new folder in it, for as long as the block runs."""
        path = self._path / name
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise not_writable(self._path, error) from error
        yield path
        shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Delete the folder and what is in it."""
        shutil.rmtree(self._path, ignore_errors=True)


class Spool(Generic[Key]):
    """Tables gathered by key in flat memory.

    Parameters
    ----------
    folder : StagingFolder
    budget : int
        Bytes kept in memory before the largest keys are written out.
    """

    def __init__(self, folder: StagingFolder, budget: int = BUDGET_BYTES) -> None:
        self._folder = folder
        self._budget = budget
        self._held: dict[Key, list[pa.Table]] = {}
        self._spilled: dict[Key, list[Path]] = {}
        self._sizes: dict[Key, int] = {}
        self._rows: dict[Key, int] = {}

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key that has rows."""
        return tuple(dict.fromkeys((*self._held, *self._spilled)))

    def add(self, key: Key, table: pa.Table) -> None:
        """Take rows; all tables of a key have one schema."""
        if table.num_rows == 0:
            return
        self._held.setdefault(key, []).append(table)
        self._rows[key] = self.rows(key) + table.num_rows
        self._sizes[key] = self._sizes.get(key, 0) + table.get_total_buffer_size()
        if sum(self._sizes.values()) > self._budget:
            self._shrink()

    def _shrink(self) -> None:
        by_size = sorted(self._sizes, key=self._sizes.__getitem__, reverse=True)
        while sum(self._sizes.values()) > self._budget // 2:
            key = by_size.pop(0)
            path = self._folder.spill(pa.concat_tables(self._held.pop(key)))
            self._spilled.setdefault(key, []).append(path)
            del self._sizes[key]
        give_back()

    def spilled(self, key: Key) -> bool:
        """Whether some rows of a key are in files."""
        return key in self._spilled

    def rows(self, key: Key) -> int:
        """How many rows a key has."""
        return self._rows.get(key, 0)

    def tables(self, key: Key) -> Iterator[pa.Table]:
        """The rows of a key, some at a time."""
        yield from self._held.get(key, ())
        for path in self._spilled.get(key, ()):
            yield from _read(path)

    def drain(self, key: Key) -> Iterator[pa.Table]:
        """The rows of a key, some at a time; each is forgotten when the next is asked for."""
        held, spilled = self._held.pop(key, []), self._spilled.pop(key, [])
        self.forget(key)
        held.reverse()
        while held:
            yield held.pop()
        for path in spilled:
            yield from _read(path)
            path.unlink()

    def expose(self, con: duckdb.DuckDBPyConnection, view: str, key: Key) -> None:
        """Make a key's rows readable as a DuckDB view, where they lie."""
        con.register(f"{view}_held", self._table(key))
        con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM {view}_held")

    def _table(self, key: Key) -> pa.Table:
        """All rows of a key, those in files as they lie there."""
        spilled = (table for path in self._spilled.get(key, ()) for table in _read(path))
        return pa.concat_tables([*self._held.get(key, ()), *spilled])

    @contextmanager
    def exposed(self, con: duckdb.DuckDBPyConnection, view: str, key: Key) -> Iterator[None]:
        """A key's rows as a DuckDB view, for as long as the block runs."""
        self.expose(con, view, key)
        yield
        con.execute(f"DROP VIEW {view}")
        con.unregister(f"{view}_held")

    def has(self, key: Key) -> bool:
        """Whether the key has rows."""
        return key in self._held or key in self._spilled

    def drop(self, con: duckdb.DuckDBPyConnection, view: str, key: Key) -> None:
        """Forget a key's rows and the view of them."""
        con.execute(f"DROP VIEW {view}")
        con.unregister(f"{view}_held")
        self.forget(key)

    def forget(self, key: Key) -> None:
        """Let a key have no rows."""
        for held in (self._held, self._spilled, self._sizes, self._rows):
            held.pop(key, None)

    def take(self, con: duckdb.DuckDBPyConnection, key: Key, query: str) -> None:
        """Let a key have the rows of a query (SQL) only, which may read those it has."""
        con.execute(f"CREATE OR REPLACE TEMP TABLE taken_rows AS {query}")
        schema = next(self.tables(key)).schema
        self.forget(key)
        for batch in con.execute("FROM taken_rows").to_arrow_reader(_BATCH_ROWS):
            self.add(key, pa.Table.from_batches([batch]).cast(schema))
        con.execute("DROP TABLE taken_rows")

    def load_into(self, con: duckdb.DuckDBPyConnection, table: str, key: Key) -> None:
        """Append a key's rows to a DuckDB table of the same columns."""
        if self.has(key):
            con.register("held_rows", self._table(key))
            con.execute(f"INSERT INTO {table} BY NAME FROM held_rows")
            con.unregister("held_rows")


def _read(path: Path) -> Iterator[pa.Table]:
    """Rows of a file, a batch at a time, mapped into memory."""
    with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as batches:
        for batch in batches:
            yield pa.Table.from_batches([batch])
