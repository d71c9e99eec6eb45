"""What docs/store-layout.md says of entity tables is so, and its snippets run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geoloom.scenario import Scenario
from store import Store
from store.layout.manifest import manifest_path
from tests.store.tables.whole.filling import filled

PAGE = (Path(__file__).parents[4] / "docs" / "store-layout.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def store(tmp_path: Path, scenario: Scenario) -> Store:
    store = filled(tmp_path, scenario, "always")
    store.path.rename(tmp_path / "mystore")
    return Store.open(tmp_path / "mystore")


@pytest.mark.sources
def test_snippets_run(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.update("DELETE WHERE { <https://w3id.org/geoloom/demo/field/F00000009> ?p ?o }")
    monkeypatch.chdir(store.path.parent)
    tables, fields = [snippet for snippet in SNIPPETS if "mystore" in snippet]
    exec(tables, {})
    printed = capsys.readouterr().out
    (line,) = (line for line in printed.splitlines() if line.startswith("fields_map"))
    assert " 79 OGC:CRS84" in line
    store.vacuum()
    exec(fields, {})
    assert "sum(hasMetricArea)" in capsys.readouterr().out


@pytest.mark.sources
def test_every_key_of_the_manifest_is_explained(store: Store) -> None:
    document = json.loads(manifest_path(store.path, store.snapshot().number).read_text())
    parts = {"statistics", "key", "sets", "notes", "prefixes", "boxes", "ranges", "triples"}
    named = {*_keys(document, parts)}
    assert sorted(key for key in named if f"`{key}" not in PAGE and f"{key}`" not in PAGE) == []


def _keys(document: Any, closed: set[str]) -> Iterator[str]:
    """The keys of a document, but for those inside of some."""
    if isinstance(document, list):
        for item in document[:2]:
            yield from _keys(item, closed)
    elif isinstance(document, dict):
        for key, value in document.items():
            yield key
            if key not in closed:
                yield from _keys(value, closed)
