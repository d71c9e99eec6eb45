"""Statistics of a table's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ontology import Lane, node_ids, term_id
from store.catalog import GRAPH, SUBJECT, LaneStatistics
from store.layout.manifest import ColumnEntry, FileEntry, TableEntry
from tests.store.tables.parts.work import EX, FIELDS, Written, some_fields, work_rows

Writing = Callable[..., Written]
A = EX + "graph/a"


def _column(table: TableEntry, name: str) -> tuple[ColumnEntry, LaneStatistics]:
    column = next(column for column in table.columns if column.name == name)
    assert column.statistics is not None
    return column, column.statistics


def test_of_a_small_table_they_are_exact(write: Writing) -> None:
    given = some_fields(600)
    table = write(FIELDS, work_rows(FIELDS, given)).entry
    distinct = {column.name: column.distinct_objects for column in table.columns}
    assert distinct == {
        "type": 5, "geometry": 600, "label": 400, "note": 11, "area": 600, "share": None,
        "count": 600, "irrigated": 2, "sown": 400, "seen": len(set(given["seen"].tolist())),
        "wkt": None, "centre": None,
    }  # fmt: skip
    _, types = _column(table, "type")
    ids = Counter(node_ids(pa.array(given["type"])).tolist())
    assert dict(types.common) == dict(ids)
    assert dict(_column(table, "irrigated")[1].common) == {0.0: 300, 1.0: 300}
    assert _column(table, "note")[1].common[0][1] == 60
    assert _column(table, "label")[1].common == ()


def test_bins_are_of_seconds_and_numbers(write: Writing) -> None:
    given = some_fields(600)
    table = write(FIELDS, work_rows(FIELDS, given)).entry
    for name, values in (
        ("area", given["area"]),
        ("count", given["count"].astype(float)),
        ("sown", given["sown"].astype(int) * 86_400.0),
        ("seen", given["seen"].astype("datetime64[us]").astype(int) / 1e6),
    ):
        bounds = _column(table, name)[1].bounds
        assert (bounds[0], bounds[-1]) == (values.min(), values.max())
        assert bounds[16] == pytest.approx(np.median(values), rel=0.02)
        assert len(bounds) == 33


def test_decimals_are_the_nearest_doubles(write: Writing) -> None:
    given = some_fields(100)
    given["share"] = pa.array([0.56, -0.07] * 50).cast(pa.decimal128(38, 12))
    table = write(FIELDS, work_rows(FIELDS, given)).entry
    assert dict(_column(table, "share")[1].common) == {0.56: 50, -0.07: 50}


def test_the_ends_of_what_a_lane_holds_are_measured(write: Writing) -> None:
    given = some_fields(2)
    given["count"] = [2**63 - 1, -(2**63)]
    given["share"] = [Decimal(10**26 - 1), Decimal(1 - 10**26)]
    given["sown"] = [date.min, date.max]
    given["seen"] = [datetime.min, datetime.max]
    given["area"] = [1.7976931348623157e308, 5e-324]
    table = write(FIELDS, work_rows(FIELDS, given)).entry
    for name in ("count", "share", "sown", "seen", "area"):
        column, measured = _column(table, name)
        assert column.distinct_objects == 2
        assert len({value for value, _ in measured.common}) == 2
        ends = table.parts[0].ranges[name]
        assert measured.bounds[0] == pytest.approx(ends.least)
        assert measured.bounds[-1] == pytest.approx(ends.greatest)


def test_a_grid_counts_geometries(write: Writing) -> None:
    grid = _column(write(FIELDS, work_rows(FIELDS, some_fields(600))).entry, "centre")[1].grid
    assert grid is not None
    assert sum(grid.counts) == 450
    assert grid.box == pytest.approx((4.096e6, 4.465e6, 4.17e6, 4.489e6), rel=1e-3)


def test_graphs_are_counted(write: Writing) -> None:
    given = some_fields(300)
    given[GRAPH] = [None if k % 3 else term_id(f"<{A}>") for k in range(300)]
    table = write(FIELDS, work_rows(FIELDS, given), [A]).entry
    assert dict(_column(table, "type")[1].graphs) == {None: 200, term_id(f"<{A}>"): 100}


@pytest.mark.parametrize("deleted", [False, True])
def test_they_are_kept_until_a_tenth_has_changed(write: Writing, deleted: bool) -> None:
    given = some_fields(1000)
    first = write(FIELDS, work_rows(FIELDS, given))
    more = {name: values[:60] for name, values in some_fields(1060, seed=8).items()}
    more[SUBJECT] = [f"{EX}more/{k}" for k in range(60)]
    second = write(first.entry, work_rows(FIELDS, more))
    before, after = (_column(table, "area")[1] for table in (first.entry, second.entry))
    assert after == replace(before, changed=60)
    table = second.entry
    if deleted:
        table = _without(second, [f"{EX}field/{k}" for k in range(100)])
    third = write(table, work_rows(FIELDS, more | {SUBJECT: [f"{EX}still/{k}" for k in range(60)]}))
    _, measured = _column(third.entry, "type")
    assert measured.changed == 0
    assert measured.rows == third.entry.triples_of("type")
    assert sum(rows for _, rows in measured.common) == measured.rows


def _without(written: Written, subjects: list[str]) -> TableEntry:
    """The table with rows deleted."""
    path = written.folder / "_deleted" / "d.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"id": node_ids(pa.array(subjects))}), path)
    entry, rest = written.entry, len(subjects)
    part = entry.parts[0]
    triples = {name: count - rest for name, count in part.triples.items() if count}
    return replace(
        entry,
        parts=(replace(part, deleted=rest, triples=triples), *entry.parts[1:]),
        deleted=FileEntry(str(path.relative_to(written.root)), rest, path.stat().st_size, ""),
    )


def test_large_tables_are_sampled(write: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.layout.statistics.SAMPLE_ROWS", 1000)
    monkeypatch.setattr("store.layout.parts.PART_ROWS", 4000)
    given = some_fields(20_000)
    given["count"] = np.arange(20_000) // 4
    table = write(FIELDS, work_rows(FIELDS, given)).entry
    distinct = {column.name: column.distinct_objects for column in table.columns}
    assert distinct["type"] == 5
    assert distinct["geometry"] == 20_000
    assert distinct["count"] == pytest.approx(5000, rel=0.2)
    shares = dict(_column(table, "type")[1].common)
    exact = Counter(node_ids(pa.array(given["type"])).tolist())
    assert shares == pytest.approx(exact, rel=0.2)
    assert {c.key.lane for c in table.columns if c.statistics is None} <= {Lane.GEOMETRY}
