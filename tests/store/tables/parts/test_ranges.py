"""What a part's entry says of its columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import CRS84, Lane, node_ids
from store.catalog import SUBJECT, ColumnRange, box_column, lex_column
from store.layout.index_files import open_index
from store.layout.manifest import TableEntry
from store.layout.tables.ranges import column_ranges
from tests.store.tables.parts.work import FIELDS, Written, column, some_fields, work_rows

Writing = Callable[..., Written]


def _one(lane: Lane, values: list[object], crs: str = "") -> ColumnRange:
    table = TableEntry("t", (SUBJECT,), (column("x", lane, crs),))
    given = {SUBJECT: [f"http://x/{k}" for k in range(len(values))], "x": values}
    return column_ranges(table, work_rows(table, given))["x"]


def _id(text: str) -> int:
    return int(node_ids(pa.array([text]))[0])


@pytest.mark.parametrize(
    ("lane", "values", "expected"),
    [
        (Lane.INTEGER, [2**62 + 1, None, -3], ColumnRange(1, -3, 2**62 + 1)),
        (Lane.DOUBLE, [1.5, 0.1], ColumnRange(0, 0.1, 1.5)),
        (Lane.BOOLEAN, [True, True, None], ColumnRange(1, 1, 1)),
        (Lane.STRING, ["b", "a", "é"], ColumnRange(0, "a", "é")),
        (Lane.STRING, ["a", "b" * 65], ColumnRange(0)),
        (Lane.STRING, [None, None], ColumnRange(2)),
        (Lane.DATE, [date(1970, 1, 2), date(1969, 12, 31)],
         ColumnRange(0, -86_400, 86_400)),
        (Lane.DATETIME, [np.datetime64("1970-01-01T00:00:01.5", "us")], ColumnRange(0, 1.5, 1.5)),
        (Lane.DECIMAL, [Decimal("0.5"), Decimal(-2)], ColumnRange(0, -2.0, 0.5)),
        (Lane.NODE, ["http://x/a"], ColumnRange(0, _id("http://x/a"), _id("http://x/a"))),
    ],
)  # fmt: skip
def test_ranges(lane: Lane, values: list[object], expected: ColumnRange) -> None:
    assert _one(lane, values) == expected


def test_geometries_have_nulls_only() -> None:
    point = shapely.to_wkb(shapely.Point(1, 2))
    assert _one(Lane.GEOMETRY, [None, point], CRS84) == ColumnRange(1)


@pytest.mark.parametrize(
    "text", ["0.1", "-0.7", "9007199254740993", "12345678901234567890.123456789012"]
)
def test_ends_of_decimals_are_rounded_outward(text: str) -> None:
    held = _one(Lane.DECIMAL, [Decimal(text)])
    assert isinstance(held.least, float)
    assert isinstance(held.greatest, float)
    assert Decimal(held.least) <= Decimal(text) <= Decimal(held.greatest)


def test_counts_boxes_and_index_of_a_part(write: Writing) -> None:
    given = some_fields(200)
    done = write(FIELDS, work_rows(FIELDS, given))
    (part,), (path,) = done.entry.parts, done.paths
    rows = pq.read_table(path)
    assert part.triples == {
        c.name: 200 - rows[c.name].null_count for c in FIELDS.columns
    } | {"label": 133, "centre": 150, "share": 0}  # fmt: skip
    assert set(part.ranges) == {SUBJECT, *part.triples}
    assert {name: part.ranges[name].nulls for name in ("label", "share", "centre")} == {
        "label": 67, "share": 200, "centre": 50,
    }  # fmt: skip
    assert part.index is not None
    index = open_index(done.root, part.index)
    for name in (SUBJECT, "type", "geometry"):
        text = rows[name][17].as_py()
        _, found = index.rows_of(f"_{name}_id", node_ids(pa.array([text])))
        assert 17 in found.tolist()
        assert {rows[name][row].as_py() for row in found.tolist()} == {text}


@pytest.mark.parametrize("name", ["wkt", "centre"])
def test_boxes_contain_their_geometries(write: Writing, name: str) -> None:
    done = write(FIELDS, work_rows(FIELDS, some_fields(300)))
    rows = pq.read_table(done.paths[0])
    held = rows.filter(rows[name].is_valid())
    exact = shapely.bounds(shapely.from_wkb(held[name].to_numpy()))
    sides = [held[box_column(name, side)] for side in ("xmin", "ymin", "xmax", "ymax")]
    assert {side.type for side in sides} == {pa.float32()}
    kept = np.column_stack([side.to_numpy() for side in sides])
    assert (kept[:, :2] < exact[:, :2]).all()
    assert (kept[:, 2:] > exact[:, 2:]).all()
    assert (np.abs(kept - exact) < 1).all()
    box = np.array(done.entry.parts[0].boxes[name])
    assert box.tolist() == [*kept[:, :2].min(axis=0), *kept[:, 2:].max(axis=0)]
    absent = rows.filter(rows[name].is_null())
    assert absent[box_column(name, "xmin")].null_count == absent.num_rows


def test_a_column_without_geometries_has_no_box(write: Writing) -> None:
    done = write(FIELDS, work_rows(FIELDS, some_fields(80) | {"wkt": None}))
    assert set(done.entry.parts[0].boxes) == {"centre"}


def test_geometries_of_other_spellings_are_written_as_iso_wkb(write: Writing) -> None:
    shapes = [shapely.Point(1, 2, 3), shapely.Point(4, 5), shapely.Point(6, 7)] * 30
    spelt = [
        shapely.to_wkb(shape, flavor="extended" if k % 2 else "iso", byte_order=k % 3 % 2)
        for k, shape in enumerate(shapes)
    ]
    done = write(FIELDS, work_rows(FIELDS, some_fields(90) | {"wkt": spelt}))
    rows = pq.read_table(done.paths[0])
    at = dict(zip(some_fields(90)[SUBJECT], shapes, strict=True))
    assert rows["wkt"].to_pylist() == [
        shapely.to_wkb(at[iri], flavor="iso", byte_order=1) for iri in rows["iri"].to_pylist()
    ]


def test_flags_tell_of_lexical_forms_and_blank_nodes(write: Writing) -> None:
    given = some_fields(90)
    first = write(FIELDS, work_rows(FIELDS, given)).entry
    flagged = {c.name for c in first.columns if c.has_blank}
    assert flagged == {"geometry"}
    assert not any(c.has_lexical for c in first.columns)
    given[lex_column("area")] = [None] * 89 + ["1e0"]
    second = write(first, work_rows(FIELDS, given)).entry
    assert {c.name for c in second.columns if c.has_lexical} == {"area"}
    given[lex_column("area")] = None
    third = write(second, work_rows(FIELDS, given)).entry
    assert {c.name for c in third.columns if c.has_lexical} == {"area"}
