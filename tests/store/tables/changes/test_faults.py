from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from ontology import IRI, RDF_TYPE, Literal, StoreError
from store import Store
from store.layout.tables import fold
from tests.store.layout.moments import Moments
from tests.store.tables.changes import invariants
from tests.store.tables.changes.batches import batches

AREA = "http://example.org/area"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a table of two views, one row of which is deleted, and some lanes."""
    monkeypatch.setattr(fold, "WORN_SHARE", 1)
    store = Store.create(tmp_path / "store", tables="always")
    _write(store, 11)
    store.update(f"DELETE WHERE {{ <http://example.org/f0> <{RDF_TYPE}> ?c }}")
    store.update(f"INSERT DATA {{ <http://example.org/f1> <{AREA}> 7 }}")
    (table,) = store.snapshot().manifest.tables
    assert table.deleted is not None
    assert store.snapshot().manifest.lanes
    return store


def _write(store: Store, seed: int) -> None:
    random = Random(seed)
    made: list[object] = []
    while len(made) != 5:
        written, quads = batches(random)
        made = list({s for s, p, _, g in quads if p.value == RDF_TYPE and g is None})
    with store.begin("fields") as sink:
        for batch in written:
            sink.write(batch)


def _change(store: Store, kind: str) -> None:
    if kind == "write":
        _write(store, 12)
        return
    if kind == "update":
        store.update(
            f"DELETE {{ ?s <{AREA}> ?a }} INSERT {{ ?s <{AREA}> 3 }} WHERE {{ ?s <{AREA}> ?a }} ;"
            " COPY DEFAULT TO <http://g>"
        )
        return
    store.compact()


def _quads(store: Store, folder: Path) -> set[ox.Quad]:
    path = folder / "dump.nq"
    store.dump(path)
    return set(ox.parse(path=str(path)))


@pytest.mark.parametrize("kind", ["write", "update", "compact"])
def test_stopped_at_any_step_leaves_old_or_new(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before, old = store.snapshot().manifest, _quads(store, tmp_path)
    moments = Moments(store.path)
    with moments.recorded(monkeypatch):
        _change(Store.open(store.path), kind)
    after = store.snapshot().manifest
    assert (_quads(store, tmp_path) == old) == (kind == "compact")
    assert after.tables != before.tables
    found = []
    for root in moments.copies:
        survivor = Store.open(root)
        assert survivor.verify().ok, root
        found.append(survivor.snapshot().manifest)
    assert all(manifest in (before, after) for manifest in found)
    assert {manifest.number for manifest in found} == {before.number, after.number}
    for root in moments.copies[:: len(found) // 2]:
        healed = Store.open(root)
        _write(healed, 13)
        healed.vacuum()
        invariants.check(healed)
        kept = {root / entry.path for entry in healed.snapshot().manifest.files}
        folders = ("lanes", "tables", "terms")
        assert {p for f in folders for p in (root / f).rglob("*") if p.is_file()} == kept


def test_a_damaged_file_of_a_table_is_named(store: Store) -> None:
    (table,) = store.snapshot().manifest.tables
    part = table.parts[0]
    assert part.index is not None
    assert table.deleted is not None
    subjects = pq.ParquetFile(store.path / part.file.path).read().column("iri").to_pylist()
    alive = max(s for s in subjects if s.startswith("http") and s[-1] not in "01")
    for entry in (part.file, part.index, table.deleted):
        path = store.path / entry.path
        content = path.read_bytes()
        middle = len(content) // 2
        cut = content[:middle]
        for harmed in (None, cut, cut + b"\xff\xfe" + content[middle + 2 :]):
            path.unlink()
            if harmed is not None:
                path.write_bytes(harmed)
            damaged = Store.open(store.path)
            assert [problem.file for problem in damaged.verify().problems] == [str(path)]
            if entry is not part.index:
                with pytest.raises(StoreError, match="missing or damaged"):
                    damaged.dump(store.path.with_name("dump.nq"))
            with pytest.raises(StoreError, match="missing or damaged"):
                damaged.update(f"INSERT DATA {{ <{alive}> <{AREA}> 9 }}")
            path.write_bytes(content)
    assert Store.open(store.path).verify().ok


def test_other_ids_of_deleted_rows_are_not_believed(store: Store) -> None:
    (table,) = store.snapshot().manifest.tables
    assert table.deleted is not None
    path = store.path / table.deleted.path
    subjects = pq.ParquetFile(store.path / table.parts[0].file.path).read().column("iri")
    known = max(text for text in subjects.to_pylist() if text.startswith("http"))
    pq.write_table(pq.ParquetFile(path).read().slice(0, 0), path)
    with pytest.raises(StoreError, match="missing or damaged"):
        store.insert([(IRI(known), IRI(AREA), Literal("9"))])
