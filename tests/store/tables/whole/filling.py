"""Stores of the demo's scenario and a few graphs beside it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from geoloom.scenario import Scenario
from mapper import load_mapping, run_mapping
from store import Store
from store.layout.manifest import TablesPolicy
from tests.store.tables.whole.questions import EXTRA

MAPPINGS = Path(str(files("geoloom.demo") / "mappings"))


def filled(folder: Path, scenario: Scenario, tables: TablesPolicy) -> Store:
    """A store of the scenario and the graphs beside it."""
    store = Store.create(folder / tables, tables=tables)
    for name in ("fields", "products", "districts", "zones", "samples"):
        mapping = load_mapping(MAPPINGS / f"{name}.rml.ttl")
        run_mapping(mapping, store.begin(), base_dir=scenario.directory)
    extra = folder / "extra.trig"
    extra.write_text(EXTRA, encoding="utf-8")
    store.load(extra)
    return store
