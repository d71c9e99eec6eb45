"""A store's whole life, over lanes and over entity tables: the same answers all along.

The same questions are asked after the load, after updates, after compact, and of old snapshots.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geoloom.linking import link_classes
from geoloom.scenario import Scenario
from ontology import PREFIXES
from store import Store
from tests.store.tables.whole.answers import Answer, answer, answers, dumped
from tests.store.tables.whole.filling import filled
from tests.store.tables.whole.questions import PROLOGUE, QUESTIONS, UPDATES

GL = PREFIXES["gl"]
NEVER_EMPTY = len(QUESTIONS) - 6


class Lives:
    """Two stores that hold the same, and one that decides for itself."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self._folder = folder
        self.lanes = filled(folder, scenario, "never")
        self.tables = filled(folder, scenario, "always")

    def check(self) -> dict[str, Answer]:
        """Both say the same, hold the same, and are whole."""
        wanted, found = answers(self.lanes), answers(self.tables)
        assert [n for n in wanted if found[n] != wanted[n]] == []
        assert dumped(self.tables, self._folder) == dumped(self.lanes, self._folder)
        assert self.tables.verify().ok
        return wanted


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> Lives:
    return Lives(tmp_path_factory.mktemp("lives"), scenario)


def _in_tables(store: Store) -> float:
    """Share of the triples that lie in entity tables."""
    manifest = store.snapshot().manifest
    return sum(table.triples for table in manifest.tables) / manifest.triples


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_life(lives: Lives) -> None:
    lanes, tables = lives.lanes, lives.tables
    assert not lanes.snapshot().tables
    assert _in_tables(tables) > 0.6
    young = lives.check()
    assert sum(bool(found) for found in young.values()) >= NEVER_EMPTY, "questions without answers"
    born = tables.snapshot().number
    for text in UPDATES:
        reports = [store.update(PROLOGUE + text) for store in (lanes, tables)]
        assert reports[0] == reports[1], text
        assert dumped(tables, tables.path.parent) == dumped(lanes, lanes.path.parent), text
    for store in (lanes, tables):
        link_classes(store, f"{GL}Sample", f"{GL}Observation", ("sfIntersects", "sfWithin"))
    changed = lives.check()
    assert sum(changed[name] != young[name] for name in young) > 30
    grown = tables.snapshot().number
    reports = [store.compact() for store in (lanes, tables)]
    assert reports
    assert lives.check() == changed
    assert _in_tables(tables) > 0.6
    assert {n: answer(tables, n, as_of=born) for n in list(young)[::5]} == dict(
        list(young.items())[::5]
    )
    assert {n: answer(tables, n, as_of=grown) for n in list(young)[::5]} == dict(
        list(changed.items())[::5]
    )
    for store in (lanes, tables):
        store.vacuum()
    assert len(tables.history()) == 1
    assert lives.check() == changed
