"""The dictionary of more terms than fit in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ontology import EntityBatch, Lane, Property, StoreError, TermColumn, node_ids
from store import Store
from store.engine.connection import connect
from store.layout.sorted_terms import distinct_terms
from store.layout.transaction import Transaction

_TERMS = 2000


@pytest.fixture(autouse=True)
def ranges(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Terms of each range of ids that was dealt with by itself."""
    found: list[int] = []

    def noted(terms: pa.Table) -> Any:
        found.append(len(terms))
        return distinct_terms(terms)

    monkeypatch.setattr("store.layout.staging.BUDGET_BYTES", 40_000)
    monkeypatch.setattr("store.layout.dictionary._RANGE_TERMS", 300)
    monkeypatch.setattr("store.layout.dictionary.distinct_terms", noted)
    return found


def _batch(first: int, count: int) -> EntityBatch:
    nodes = [f"http://x/{k}" for k in range(first, first + count)]
    return EntityBatch(
        pa.array(nodes),
        (Property("http://x/next", TermColumn(Lane.NODE, pa.array([*nodes[1:], nodes[0]]))),),
    )


def _write(store: Store, first: int, count: int) -> None:
    with store.begin() as sink:
        for start in range(first, first + count, 100):
            sink.write(_batch(start, min(100, first + count - start)))


@pytest.mark.parametrize("policy", ["always", "never"])
def test_every_term_is_there_once_by_ranges_of_ids(
    tmp_path: Path, policy: str, ranges: list[int]
) -> None:
    store = Store.create(tmp_path / "store", tables=policy)  # type: ignore[arg-type]
    _write(store, 0, _TERMS)
    _write(store, _TERMS // 2, _TERMS)
    files = store.snapshot().dictionary
    tables = [pq.read_table(path) for path in files]
    assert len(ranges) > 8
    for table in tables:
        assert (np.diff(table["id"].to_numpy()) > 0).all()
    whole = pa.concat_tables(tables)
    assert whole.num_rows == len(set(whole["text"].to_pylist())) == _TERMS * 3 // 2 + 1
    assert (node_ids(whole["text"]) == whole["id"].to_numpy()).all()
    assert store.snapshot().manifest.triples == _TERMS * 3 // 2


def test_terms_of_one_id_are_found_in_their_range(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    names = [f"http://x/{k}" for k in range(_TERMS)]
    hasher = _clashing(names[7], names[1900])
    with connect(folder=tmp_path) as con, Transaction(store.path, con, hasher=hasher) as write:
        staged = write.staging()
        for start in range(0, _TERMS, 100):
            staged.add(_batch(start, 100))
        with pytest.raises(StoreError, match="same id") as caught:
            write.apply(inserts=staged)
    assert names[7] in str(caught.value)
    assert names[1900] in str(caught.value)
    assert store.snapshot().manifest.triples == 0


def _clashing(one: str, other: str) -> Callable[[pa.Array], npt.NDArray[np.int64]]:
    def hasher(texts: pa.Array) -> npt.NDArray[np.int64]:
        same = pa.array([one if text == other else text for text in texts.to_pylist()])
        return node_ids(same)

    return hasher
