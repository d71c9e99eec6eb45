"""What is hard on entity tables: they hold and say what lanes do, from the load to the end.

Beside each attack's own updates a value is deleted, a second value comes, and a subject goes; then
the store is compacted and the data loaded once more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from store import Store
from tests.store.tables.whole.answers import dumped
from tests.store.tables.whole.attacks import ATTACKS, PREFIXES
from tests.store.tables.whole.probing import compare


@pytest.fixture(autouse=True)
def _not_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # whether it lasts is tested elsewhere


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str, tmp_path: Path) -> None:
    attack = ATTACKS[name]
    file = tmp_path / "data.trig"
    file.write_text(PREFIXES + attack.data, encoding="utf-8")
    lanes = Store.create(tmp_path / "lanes", tables="never")
    tables = Store.create(tmp_path / "tables", tables="always")
    reports = [store.load(file) for store in (lanes, tables)]
    assert reports[0].new == reports[1].new == lanes.snapshot().manifest.triples
    assert tables.snapshot().tables
    compare(lanes, tables, tmp_path, turn=0)
    for text in (*_usual(dumped(lanes, tmp_path)), *attack.updates):
        done = [store.update(PREFIXES + text) for store in (lanes, tables)]
        assert done[0] == done[1], text
        compare(lanes, tables, tmp_path)
    compare(lanes, tables, tmp_path, turn=1)
    tables.compact()
    compare(lanes, tables, tmp_path, turn=2)
    reports = [store.load(file) for store in (lanes, tables)]
    assert reports[0].new == reports[1].new
    compare(lanes, tables, tmp_path)
    assert tables.load(file).new == 0


def _usual(lines: list[str]) -> Iterator[str]:
    """A value goes, another gets a second one, a subject goes."""
    quads = list(ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_QUADS))
    plain = [quad for quad in quads if not _has_blank(quad)]
    if plain:
        yield f"DELETE DATA {{ {_data(plain[0])} }}"
        middle = plain[len(plain) // 2]
        second = (middle.subject, middle.predicate, ox.Literal("2nd"), middle.graph_name)
        yield f"INSERT DATA {{ {_data(ox.Quad(*second))} }}"
        yield f"DELETE WHERE {{ {plain[-1].subject} ?p ?o }}"


def _has_blank(quad: Any) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object))


def _data(quad: Any) -> str:
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return f"{quad.triple} ."
    return f"GRAPH {quad.graph_name} {{ {quad.triple} }}"
