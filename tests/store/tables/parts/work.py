"""Work rows of entity tables, made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from ontology import CRS84, Lane, node_ids
from store.catalog import SUBJECT, id_column
from store.layout.manifest import ColumnEntry, LaneKey, TableEntry
from store.layout.tables.columns import work_schema

EX = "https://example.org/"
LAEA = "http://www.opengis.net/def/crs/EPSG/0/3035"


def column(name: str, lane: Lane, crs: str = "", **more: Any) -> ColumnEntry:
    """A column of the predicate of its name."""
    return ColumnEntry(name, LaneKey(EX + name, lane, crs), **more)


FIELDS = TableEntry(
    "fields",
    (SUBJECT, "geometry"),
    (
        column("type", Lane.NODE),
        column("geometry", Lane.NODE),
        column("label", Lane.LANG, lang="en"),
        column("note", Lane.STRING),
        column("area", Lane.DOUBLE),
        column("share", Lane.DECIMAL),
        column("count", Lane.INTEGER),
        column("irrigated", Lane.BOOLEAN),
        column("sown", Lane.DATE),
        column("seen", Lane.DATETIME),
        column("wkt", Lane.GEOMETRY, CRS84, view="geometry"),
        column("centre", Lane.GEOMETRY, LAEA),
    ),
)

NOTES = TableEntry("notes", (SUBJECT,), (column("note", Lane.STRING), column("sown", Lane.DATE)))


@dataclass(frozen=True, slots=True)
class Written:
    """A table after a write, and where it lies."""

    root: Path
    entry: TableEntry

    @property
    def paths(self) -> list[Path]:
        return [self.root / part.file.path for part in self.entry.parts]

    @property
    def folder(self) -> Path:
        return self.root / "tables" / self.entry.name


def work_rows(table: TableEntry, given: dict[str, Any]) -> pa.Table:
    """Work rows with the columns given; ids are derived, all else is null."""
    count = len(given[SUBJECT])
    columns = {}
    for field in work_schema(table):
        values = given.get(field.name)
        columns[field.name] = (
            pa.nulls(count, field.type) if values is None else pa.array(values, field.type)
        )
    nodes = [column.name for column in table.columns if column.key.lane is Lane.NODE]
    for name in (SUBJECT, *nodes):
        absent = np.asarray(columns[name].is_null())
        columns[id_column(name)] = pa.array(node_ids(columns[name]), mask=absent)
    return pa.table(columns)


def some_fields(count: int, seed: int = 7) -> dict[str, Any]:
    """Values for FIELDS: squares of a thousandth of a degree, seen in two years."""
    rng = np.random.default_rng(seed)
    at = rng.uniform((9.6, 46.5), (17.0, 48.9), (count, 2))
    seen = np.datetime64("2018-01-01T00:00:00.25", "us")
    return {
        SUBJECT: [f"{EX}field/{k}" for k in range(count)],
        "type": [f"{EX}class/{k}" for k in rng.integers(0, 5, count)],
        "geometry": [f"_:g{k}" for k in range(count)],
        "label": [f"field {k}" if k % 3 else None for k in range(count)],
        "note": ["long " * 20 if k == 5 else f"note {k % 10}" for k in range(count)],
        "area": rng.uniform(0, 1e5, count).round(3),
        "count": np.arange(count) - 10,
        "irrigated": [k % 2 == 0 for k in range(count)],
        "sown": (np.arange(count) % 400).astype("datetime64[D]"),
        "seen": seen + rng.integers(0, 730 * 86_400, count).astype("timedelta64[s]"),
        "wkt": shapely.to_wkb(shapely.box(*at.T, *(at + 1e-3).T)),
        "centre": [
            None if k % 4 == 0 else wkb
            for k, wkb in enumerate(shapely.to_wkb(shapely.points(at * 1e4 + 4e6)))
        ],
    }


def some_notes(count: int, seed: int = 3) -> dict[str, Any]:
    """Values for NOTES, in no order; the days are of one year."""
    order = np.random.default_rng(seed).permutation(count)
    return {
        SUBJECT: [f"{EX}note/{k:06d}" for k in order],
        "note": [f"text {k}" for k in order],
        "sown": (np.datetime64("2020-01-01", "D") + order % 300).astype("datetime64[D]"),
    }
