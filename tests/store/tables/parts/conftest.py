from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from store.engine.connection import connect
from store.layout.manifest import TableEntry
from store.layout.parts import PartWriter
from store.layout.tables.write import append_rows
from tests.store.tables.parts.work import Written

Writing = Callable[..., Written]


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return connect(folder=tmp_path, threads=2)


@pytest.fixture
def write(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> Writing:
    """Append work rows to a table."""
    numbers = iter(range(1, 100))

    def written(entry: TableEntry, rows: pa.Table, graphs: Sequence[str] = ()) -> Written:
        con.register("given_rows", rows)
        writer = PartWriter(tmp_path, next(numbers))
        return Written(tmp_path, append_rows(con, writer, entry, "given_rows", graphs))

    return written
