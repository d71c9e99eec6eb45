"""The index beside a part: what is looked up is what a scan finds; damage is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import StoreError
from store.layout.durable import seal
from store.layout.index_files import PartIndex, open_index, write_index
from store.layout.integrity import fault
from store.layout.manifest import FileEntry

IDS = (st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3)).map(lambda half: half << 32)
COLUMNS = st.lists(st.none() | IDS, max_size=30) | st.lists(IDS, max_size=30).map(sorted)


def indexed(root: Path, columns: dict[str, list[int | None]]) -> tuple[FileEntry, PartIndex]:
    path = root / "tables/t/1.arrow"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_index(path, {name: pa.array(ids, pa.int64()) for name, ids in columns.items()})
    rows = len(next(iter(columns.values())))
    entry = FileEntry("tables/t/1.arrow", rows, *seal(path))
    return entry, open_index(root, entry)


@settings(deadline=None)
@given(COLUMNS, st.lists(IDS, unique=True, max_size=8), st.randoms())
def test_look_ups_find_what_a_scan_finds(
    tmp_path_factory: pytest.TempPathFactory,
    column: list[int | None],
    ids: list[int],
    random: Random,
) -> None:
    wanted = [*dict.fromkeys([*ids, *(i for i in column[:5] if i is not None)])]
    random.shuffle(wanted)
    _, index = indexed(tmp_path_factory.mktemp("index"), {"a": column, "b": [None] * len(column)})
    which, rows = index.rows_of("a", np.array(wanted, np.int64))
    found = list(zip(which.tolist(), rows.tolist(), strict=True))
    assert found == [
        (k, row) for k, one in enumerate(wanted) for row, held in enumerate(column) if held == one
    ]
    assert [part.tolist() for part in index.rows_of("b", np.array(wanted, np.int64))] == [[], []]
    assert "a" in index
    assert "c" not in index


def test_a_constant_and_a_sorted_column_take_no_rows(tmp_path: Path) -> None:
    entry, _ = indexed(tmp_path, {"constant": [7 << 32] * 100_000})
    assert entry.bytes < 2000
    entry, _ = indexed(tmp_path, {"sorted": [k << 32 for k in range(100_000)]})
    assert entry.bytes < 4.1 * 100_000


def test_nodes_with_one_upper_half_are_found_together(tmp_path: Path) -> None:
    _, index = indexed(tmp_path, {"a": [5, 1 << 32, 7, None, 5]})
    which, rows = index.rows_of("a", np.array([7, 1 << 32], np.int64))
    assert which.tolist() == [0, 0, 0, 1]
    assert rows.tolist() == [0, 2, 4, 1]


def test_an_index_is_opened_once(tmp_path: Path) -> None:
    entry, index = indexed(tmp_path, {"a": [3, 1, 2]})
    assert open_index(tmp_path, replace(entry, changed_ns=1)) is index


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:300] + bytes(40) + content[340:],
        lambda content: b"x" * len(content),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    entry, index = indexed(tmp_path, {"a": [*range(50, 0, -1)]})
    del index
    path = tmp_path / entry.path
    path.write_bytes(damage(path.read_bytes()))
    assert fault(path, entry) is not None
    with pytest.raises(StoreError, match=r"1\.arrow"):
        open_index(tmp_path, entry)


def test_what_is_no_index_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tables/t/1.arrow"
    path.parent.mkdir(parents=True)
    table = pa.table({"a": [1]}).replace_schema_metadata({"rows": "1"})
    with pa.ipc.new_file(path, table.schema) as out:
        out.write_table(table)
    with pytest.raises(StoreError, match=r"1\.arrow"):
        open_index(tmp_path, FileEntry("tables/t/1.arrow", 1, *seal(path)))


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"1\.arrow"):
        open_index(tmp_path, FileEntry("tables/t/1.arrow", 1, 10, "0" * 64))


def test_wholeness_covers_the_rows(tmp_path: Path) -> None:
    entry, _ = indexed(tmp_path, {"a": [1, 2]})
    assert fault(tmp_path / entry.path, entry) is None
    assert fault(tmp_path / entry.path, replace(entry, rows=3)) == "2 rows, written with 3"
