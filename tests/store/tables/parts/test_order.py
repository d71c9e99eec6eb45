"""Which rows lie in which part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import GeoloomError, term_id
from store.catalog import GRAPH, SUBJECT
from tests.store.tables.parts.work import (
    EX,
    FIELDS,
    NOTES,
    Written,
    some_fields,
    some_notes,
    work_rows,
)

Writing = Callable[..., Written]
TIMELESS = {"sown": None, "seen": None}
A, B = EX + "graph/a", EX + "graph/b"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.layout.parts.PART_ROWS", 500)
    monkeypatch.setattr("store.layout.tables.partition.PART_ROWS", 500)


def _subjects(written: Written) -> list[str]:
    return [text for path in written.paths for text in pq.read_table(path)[SUBJECT].to_pylist()]


def _months(path: str) -> set[str]:
    return set(pc.strftime(pq.read_table(path)["seen"], "%Y-%m").to_pylist())


def _middle(graph: str | None, path: Path) -> tuple[str, str, str]:
    """The graph, time and text of a part's row in the middle."""
    rows = pq.read_table(path).to_pylist()
    row = rows[len(rows) // 2]
    return graph or "", str(row["sown"]), row[SUBJECT]


def test_parts_are_balanced_and_hold_every_row_once(write: Writing) -> None:
    done = write(FIELDS, work_rows(FIELDS, some_fields(1300) | TIMELESS))
    assert [part.file.rows for part in done.entry.parts] == [434, 434, 432]
    assert sorted(_subjects(done)) == sorted(some_fields(1300)[SUBJECT])
    assert done.entry.rows == 1300


def test_neighbours_lie_together(write: Writing) -> None:
    done = write(FIELDS, work_rows(FIELDS, some_fields(2000) | TIMELESS))
    boxes = np.array([part.boxes["wkt"] for part in done.entry.parts])
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    assert area.sum() < 2 * (17.0 - 9.6) * (48.9 - 46.5)


def test_the_order_does_not_depend_on_that_of_the_rows(write: Writing) -> None:
    rows = work_rows(FIELDS, some_fields(700))
    turned = rows.take(pa.array(np.arange(700)[::-1]))
    assert _subjects(write(FIELDS, rows)) == _subjects(write(FIELDS, turned))


def test_the_same_rows_make_the_same_bytes(write: Writing) -> None:
    rows = work_rows(FIELDS, some_fields(700))
    first, second = (write(FIELDS, rows).entry.parts for _ in range(2))
    assert [p.file.sha256 for p in first] == [p.file.sha256 for p in second]
    assert [p.index and p.index.sha256 for p in first] == [
        p.index and p.index.sha256 for p in second
    ]


def test_a_part_has_rows_of_one_graph(write: Writing) -> None:
    given = some_fields(900)
    ids = [None, term_id(f"<{A}>"), term_id(f"<{B}>")]
    given[GRAPH] = [ids[k % 3] for k in range(900)]
    done = write(FIELDS, work_rows(FIELDS, given), [B, A])
    assert sorted(part.graph or "" for part in done.entry.parts) == ["", A, B]
    for part, path in zip(done.entry.parts, done.paths, strict=True):
        wanted = None if part.graph is None else term_id(f"<{part.graph}>")
        assert set(pq.read_table(path)[GRAPH].to_pylist()) == {wanted}
        assert part.file.rows == 300


def test_months_are_apart_where_they_fill_parts(write: Writing) -> None:
    given = some_fields(4000)
    done = write(FIELDS, work_rows(FIELDS, given | {"sown": [None] * 4000}))
    assert len(_months(done.paths[0])) > 1
    few = np.array(["2018-05", "2018-06", "2019-05"], "datetime64[us]")
    given |= {"sown": [None] * 4000, "seen": few[np.arange(4000) % 3]}
    done = write(FIELDS, work_rows(FIELDS, given))
    assert [len(_months(path)) for path in done.paths] == [1] * len(done.paths)
    assert len(done.paths) >= 9
    ranges = [part.ranges["seen"] for part in done.entry.parts]
    assert all(range_.constant for range_ in ranges)


def test_years_are_apart_where_months_are_too_small(write: Writing) -> None:
    given = some_fields(4000) | {"sown": [None] * 4000}
    done = write(FIELDS, work_rows(FIELDS, given))
    years = [{month[:4] for month in _months(path)} for path in done.paths]
    assert [len(held) for held in years] == [1] * len(years)


def test_a_time_with_gaps_splits_nothing(write: Writing) -> None:
    given = some_fields(4000) | {"sown": [None] * 4000}
    given["seen"] = [None, *given["seen"][1:].tolist()]
    done = write(FIELDS, work_rows(FIELDS, given))
    assert len(done.paths) == 8


def test_without_geometry_rows_are_by_time_and_then_text(write: Writing) -> None:
    done = write(NOTES, work_rows(NOTES, some_notes(1200)))
    rows = pa.concat_tables([pq.read_table(path) for path in done.paths])
    assert rows.num_rows == 1200
    assert rows == rows.sort_by([("sown", "ascending"), (SUBJECT, "ascending")])


def test_empty_and_absent_geometries_come_last(write: Writing) -> None:
    given = some_fields(100)
    empty = b"\x01\x03\x00\x00\x00\x00\x00\x00\x00"
    given["wkt"] = [None, empty, *given["wkt"][2:].tolist()]
    done = write(FIELDS, work_rows(FIELDS, given))
    assert set(_subjects(done)[-2:]) == {f"{EX}field/0", f"{EX}field/1"}


@pytest.mark.parametrize("gap", [False, True])
@pytest.mark.parametrize("table", ["fields", "notes", "timeless"])
def test_more_rows_than_fit_in_memory(
    write: Writing, monkeypatch: pytest.MonkeyPatch, table: str, gap: bool
) -> None:
    for name, size in (("IN_MEMORY", 300_000), ("CHUNK", 300_000), ("BATCH", 200_000)):
        monkeypatch.setattr(f"store.layout.tables.chunks.{name}_BYTES", size)
    entry, given = (FIELDS, some_fields(5000)) if table == "fields" else (NOTES, some_notes(5000))
    if gap:
        given["wkt"] = [None] * 5000
    if table == "timeless":
        given["sown"] = [None] * 5000
    given[GRAPH] = [None if k % 2 else term_id(f"<{A}>") for k in range(5000)]
    done = write(entry, work_rows(entry, given), [A])
    assert sorted(_subjects(done)) == sorted(given[SUBJECT])
    assert all(200 < part.file.rows <= 500 for part in done.entry.parts)
    middles = [
        _middle(part.graph, path) for part, path in zip(done.entry.parts, done.paths, strict=True)
    ]
    assert table == "fields" or middles == sorted(middles)
    assert not list(done.root.glob("tmp-*"))


def test_parts_of_large_geometries_have_fewer_rows(
    write: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.layout.tables.partition._PART_BYTES", 100_000)
    round_ = shapely.to_wkb(shapely.Point(0, 0).buffer(1, quad_segs=64))
    done = write(FIELDS, work_rows(FIELDS, some_fields(400) | TIMELESS | {"wkt": [round_] * 400}))
    assert 15 < len(done.paths) < 25
    assert max(path.stat().st_size for path in done.paths) < 100_000


def test_rows_of_an_unknown_graph_are_refused(write: Writing) -> None:
    given = some_fields(10)
    given[GRAPH] = [17] * 10
    with pytest.raises(GeoloomError, match="graph that the store does not know"):
        write(FIELDS, work_rows(FIELDS, given), [A])


def test_no_rows_change_nothing(write: Writing) -> None:
    rows = work_rows(FIELDS, some_fields(1)).slice(0, 0)
    done = write(FIELDS, rows)
    assert done.entry == FIELDS
    assert not done.folder.exists()
