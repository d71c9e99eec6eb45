from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text to a file beside the store."""

    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


@pytest.fixture
def quads_of(tmp_path: Path) -> Callable[[Store], set[ox.Quad]]:
    """Everything in a store, read by a parser that is not ours."""

    def dumped(store: Store) -> set[ox.Quad]:
        path = tmp_path / "dump.nq"
        count = store.dump(path)
        quads = list(ox.parse(path=str(path)))
        assert count == len(quads) == len(set(quads))
        return set(quads)

    return dumped
