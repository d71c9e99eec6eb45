"""Work rows of entity tables and the parts written from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, Lane, node_ids
from store.catalog import SUBJECT, id_column
from store.engine.connection import connect
from store.layout.manifest import ColumnEntry, LaneKey, TableEntry
from store.layout.parts import PartWriter
from store.layout.tables.columns import work_schema
from store.layout.tables.write import append_rows

EX = "https://example.org/"
LAEA = "http://www.opengis.net/def/crs/EPSG/0/3035"

FIELDS = TableEntry(
    "fields",
    (SUBJECT, "geometry"),
    (
        ColumnEntry("type", LaneKey(EX + "type", Lane.NODE)),
        ColumnEntry("geometry", LaneKey(EX + "geometry", Lane.NODE)),
        ColumnEntry("label", LaneKey(EX + "label", Lane.LANG), lang="en"),
        ColumnEntry("area", LaneKey(EX + "area", Lane.DOUBLE)),
        ColumnEntry("share", LaneKey(EX + "share", Lane.DECIMAL)),
        ColumnEntry("seen", LaneKey(EX + "seen", Lane.DATETIME)),
        ColumnEntry("wkt", LaneKey(EX + "wkt", Lane.GEOMETRY, CRS84), view="geometry"),
        ColumnEntry("centre", LaneKey(EX + "centre", Lane.GEOMETRY, LAEA)),
    ),
)


def work_rows(table: TableEntry, **given: Any) -> pa.Table:
    """Work rows of a table; ids are derived, columns not given are null."""
    count = len(given[SUBJECT])
    columns = {}
    for field in work_schema(table):
        values = given.get(field.name)
        columns[field.name] = (
            pa.nulls(count, field.type) if values is None else pa.array(values, field.type)
        )
    nodes = [column.name for column in table.columns if column.key.lane is Lane.NODE]
    for name in (SUBJECT, *nodes):
        columns[id_column(name)] = pa.array(
            node_ids(columns[name]), mask=np.asarray(columns[name].is_null())
        )
    return pa.table(columns)


def some_fields(count: int, seed: int = 7) -> dict[str, Any]:
    """Values of the columns of FIELDS."""
    rng = np.random.default_rng(seed)
    at = rng.uniform((9.6, 46.5), (17.0, 48.9), (count, 2))
    start = np.datetime64("2018-01-01", "us")
    return {
        SUBJECT: [f"{EX}field/{k}" for k in range(count)],
        "type": [f"{EX}class/{k}" for k in rng.integers(0, 5, count)],
        "geometry": [f"_:g{k}" for k in range(count)],
        "label": [f"field {k}" if k % 3 else None for k in range(count)],
        "area": rng.uniform(0, 1e5, count).round(3),
        "seen": start + rng.integers(0, 730 * 86_400, count).astype("timedelta64[s]"),
        "wkt": shapely.to_wkb(shapely.box(at[:, 0], at[:, 1], at[:, 0] + 1e-3, at[:, 1] + 1e-3)),
        "centre": shapely.to_wkb(shapely.points(4e6 + at[:, 0], 2e6 + at[:, 1])),
    }


@dataclass(frozen=True, slots=True)
class Written:
    root: Path
    entry: TableEntry

    @property
    def paths(self) -> list[Path]:
        return [self.root / part.file.path for part in self.entry.parts]

    @property
    def folder(self) -> Path:
        return self.root / "tables" / self.entry.name


Writing = Callable[..., Written]


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return connect(folder=tmp_path, threads=2)


@pytest.fixture
def write(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> Writing:
    numbers = iter(range(1, 100))

    def written(entry: TableEntry, rows: pa.Table, graphs: Sequence[str] = ()) -> Written:
        con.register("given_rows", rows)
        writer = PartWriter(tmp_path, next(numbers))
        return Written(tmp_path, append_rows(con, writer, entry, "given_rows", graphs))

    return written
