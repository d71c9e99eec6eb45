from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyoxigraph as ox
import pytest

from ontology import IRI, PREFIXES, EntityBatch, Lane, Literal, Property, TermColumn
from store import Store
from store.layout.manifest import TableEntry, manifest_path
from store.layout.tables import settle_find
from tests.store.tables.changes import invariants

EX = "http://example.org/"
XSD_INTEGER = PREFIXES["xsd"] + "integer"
ROWS = 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "store", tables="always")
    _write(store, range(ROWS))
    return store


def _write(
    store: Store, numbers: range, *, texts: bool = False, more: bool = False, theme: str = "rows"
) -> tuple[int, tuple[str, ...]]:
    """Write rows with a name and a size; texts as sizes, or a column more, if wanted."""
    names = [f"n{n}" for n in numbers]
    columns = [("name", Lane.STRING, pa.array(names))]
    if texts:
        columns.append(("size", Lane.STRING, pa.array(["large" for _ in numbers])))
    else:
        columns.append(("size", Lane.INTEGER, pa.array(list(numbers), pa.int64())))
    if more:
        columns.append(("more", Lane.BOOLEAN, pa.array([True for _ in numbers])))
    properties = tuple(Property(EX + name, TermColumn(lane, c)) for name, lane, c in columns)
    with store.begin(theme) as sink:
        sink.write(EntityBatch(pa.array([f"{EX}s{n}" for n in numbers]), properties, None, theme))
        report = sink.commit()
    invariants.check(store)
    return report.written, report.remarks


def _lanes(store: Store) -> int:
    return sum(lane.rows for lane in store.snapshot().manifest.lanes)


def _tables(store: Store) -> dict[str, TableEntry]:
    return {table.name: table for table in store.snapshot().manifest.tables}


def _quads(store: Store) -> set[ox.Quad]:
    path = store.path.with_name("dump.nq")
    store.dump(path)
    return set(ox.parse(path=str(path)))


def test_the_same_rows_again_change_nothing(store: Store) -> None:
    number = store.snapshot().number
    assert _write(store, range(ROWS)) == (0, ())
    assert _write(store, range(10)) == (0, ())
    assert store.snapshot().number == number


def test_more_rows_join_the_table(store: Store) -> None:
    assert _write(store, range(ROWS - 5, ROWS + 5))[0] == 10
    (table,) = _tables(store).values()
    assert table.rows == ROWS + 5
    assert _lanes(store) == 0


def test_a_number_that_turned_into_text_makes_another_table(store: Store) -> None:
    written, remarks = _write(store, range(ROWS - 5, ROWS + 5), texts=True)
    assert written == 5 + 10
    first, second = _tables(store).values()
    assert (first.rows, second.rows) == (ROWS - 5, 5)
    assert _lanes(store) == 15, "three triples of each changed subject"
    (remark,) = (text for text in remarks if "two tables claim" in text)
    assert "two tables claim 5 subjects" in remark
    assert f"{EX}s" in remark
    (left,) = (text for text in remarks if "leave" in text)
    assert left.startswith(f"5 rows leave the table {first.name}, for example {EX}s")


def test_a_column_more_for_known_subjects(store: Store) -> None:
    written, remarks = _write(store, range(5), more=True)
    assert written == 5
    assert (_tables(store).popitem()[1].rows, _lanes(store)) == (ROWS, 5)
    assert remarks


def test_worn_parts_are_written_anew(store: Store) -> None:
    for number in range(4):
        store.update(f"DELETE DATA {{ <{EX}s{number}> <{EX}size> {number} }}")
        (table,) = _tables(store).values()
        assert (table.deleted is not None, table.parts[0].file.rows) == (True, ROWS)
    store.update(f"DELETE DATA {{ <{EX}s4> <{EX}size> 4 }}")
    (table,) = _tables(store).values()
    assert (table.deleted, table.parts[0].file.rows) == (None, ROWS - 5)
    assert _lanes(store) == 5
    invariants.check(store)


def test_compact_brings_rows_back(store: Store) -> None:
    store.update(f"DELETE {{ ?s <{EX}size> ?o }} INSERT {{ ?s <{EX}size> 7 }} "
                 f"WHERE {{ ?s <{EX}size> ?o FILTER(?o < 3) }}")  # fmt: skip
    assert _lanes(store) == 6
    before = _quads(store)
    report = store.compact()
    assert (report.rows_formed, report.rows_dropped, report.tables) == (3, 3, 1)
    (table,) = _tables(store).values()
    assert (table.rows, len(table.parts), _lanes(store)) == (ROWS, 1, 0)
    assert _quads(store) == before
    number = store.snapshot().number
    assert store.compact().rows_formed == 0
    assert store.snapshot().number == number


def test_many_small_writes_leave_few_parts(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store", tables="always")
    for number in range(20):
        _write(store, range(number * 3, number * 3 + 3))
        (table,) = _tables(store).values()
        assert len(table.parts) <= 16
    assert table.rows == 60


def test_compact_makes_tables_of_a_store_of_an_older_geoloom(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store", tables="never")
    _write(store, range(1_200))
    store.insert([(IRI(EX + "s3"), IRI(EX + "size"), Literal("99", XSD_INTEGER))])
    assert not _tables(store)
    _make_older(store)
    old = Store.open(store.path)
    before = _quads(old)
    report = old.compact()
    assert (report.rows_formed, report.tables) == (1_199, 1)
    assert _lanes(old) == 3, "the subject with two sizes"
    assert _quads(old) == before
    invariants.check(old)
    assert old.compact().rows_formed == 0


def _make_older(store: Store) -> None:
    """Make the live manifest one of format 1: it knew no tables."""
    path = manifest_path(store.path, store.snapshot().number)
    document = json.loads(path.read_text())
    del document["digest"], document["tables"], document["policy"]
    path.write_text(json.dumps({**document, "format": 1}))


def test_subjects_beyond_the_few_are_found_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_find, "FEW", 3)
    report = store.update(f"INSERT {{ ?s <{EX}size> 99 }} WHERE {{ ?s <{EX}size> ?o }}")
    assert report.inserted == ROWS
    assert not _tables(store)
    assert _lanes(store) == 3 * ROWS
    invariants.check(store)


def test_clearing_a_graph_forgets_its_deleted_rows(store: Store) -> None:
    store.update(f"COPY DEFAULT TO <{EX}g> ; DELETE DATA {{ <{EX}s1> <{EX}size> 1 }}")
    (table,) = _tables(store).values()
    assert [part.deleted for part in table.parts] == [1, 1], "the id is deleted in every graph"
    assert _lanes(store) == 1 + 2
    assert store.update("CLEAR DEFAULT").deleted == 2 * ROWS - 1
    invariants.check(store)
    assert store.update(f"CLEAR GRAPH <{EX}g>").deleted == 2 * ROWS
    assert _write(store, range(ROWS))[0] == 2 * ROWS
    assert _lanes(store) == 0


def test_older_snapshots_keep_their_rows(store: Store) -> None:
    number, before = store.snapshot().number, _quads(store)
    store.update(f"DELETE WHERE {{ ?s <{EX}name> ?o }}")
    store.compact()
    path = store.path.with_name("past.nq")
    assert store.dump(path, as_of=number) == 2 * ROWS
    assert set(ox.parse(path=str(path))) == before
    store.vacuum()
    invariants.check(store)
