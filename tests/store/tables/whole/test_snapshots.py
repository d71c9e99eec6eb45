"""Small updates and readers between them: of old snapshots, and of another process."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from store import Store
from tests.store.tables.whole.attacks import FEATURES, PREFIXES

COUNT = f"{PREFIXES} SELECT ?f ?a ?w {{ ?f :area ?a ; geo:hasGeometry/geo:asWKT ?w }}"
TOTAL = f"{PREFIXES} SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }}"
ROUNDS = 6


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # whether it lasts is tested elsewhere
    file = tmp_path / "data.trig"
    file.write_text(PREFIXES + FEATURES, encoding="utf-8")
    store = Store.create(tmp_path / "store", tables="always")
    store.load(file)
    assert store.snapshot().tables
    return store


def _figures(store: Store, as_of: int | None = None) -> tuple[int, int]:
    (total,) = store.query(TOTAL, as_of=as_of).terms().to_pylist()
    return store.query(COUNT, as_of=as_of).terms().num_rows, int(total["n"]["value"])


def test_small_updates_and_old_snapshots(store: Store) -> None:
    """Rows are changed one at a time, in turn: a row goes, a value comes, the row comes back."""
    seen = {store.snapshot().number: _figures(store)}
    for at in range(ROUNDS):
        number = at % 5
        store.update(f"{PREFIXES} INSERT DATA {{ :f{number} :area {at}.25 }}")
        seen[store.snapshot().number] = _figures(store)
        store.update(f"{PREFIXES} DELETE WHERE {{ :f{number} geo:hasGeometry ?g }}")
        seen[store.snapshot().number] = _figures(store)
        store.update(f"{PREFIXES} INSERT DATA {{ :f{number} geo:hasGeometry :g{number} }}")
        seen[store.snapshot().number] = _figures(store)
        if at % 3 == 2:
            store.compact()
            seen[store.snapshot().number] = _figures(store)
        for snapshot, figures in seen.items():
            assert _figures(store, as_of=snapshot) == figures
    assert _figures(store) == (5 + ROUNDS, 20 + ROUNDS)
    assert store.verify().ok


def _change(path: Path, begin: object, rounds: int) -> None:
    store = Store.open(path)
    begin.wait()  # type: ignore[attr-defined]
    for at in range(rounds):
        change = f"DELETE {{ ?f :area ?a }} INSERT {{ ?f :area {at} }} WHERE {{ ?f :area ?a }}"
        store.update(PREFIXES + change)
        store.compact()


@pytest.mark.timeout(200)
def test_another_process_writes(store: Store) -> None:
    """A reader sees one snapshot or the other, and never a row twice or none."""
    context = multiprocessing.get_context("spawn")
    begin = context.Event()
    writer = context.Process(target=_change, args=(store.path, begin, ROUNDS))
    writer.start()
    begin.set()
    looks = 0
    while writer.is_alive() or not looks:
        rows = store.query(COUNT).terms().to_pylist()
        assert len(rows) == len({row["f"]["value"] for row in rows}) == 5
        looks += 1
    writer.join()
    assert writer.exitcode == 0
    assert {row["a"]["value"] for row in store.query(COUNT).terms().to_pylist()} == {
        str(ROUNDS - 1)
    }
    store.vacuum()
    assert store.verify().ok
    assert _figures(store) == (5, 20)
