"""Each known fault of pyoxigraph is still there, and its cure takes it away."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import Store
from tests.store.differential.answers import difference, ours, theirs
from tests.store.differential.data import Data
from tests.store.differential.engines import Engines
from tests.store.differential.faults import FAULTS, Fault
from tests.store.differential.queries import Query


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(tmp_path_factory.mktemp("faults") / "store")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_is_still_there(fault: Fault, store: Store, tmp_path: Path) -> None:
    query, data = Query(fault.sample), Data(fault.data, ())
    if " TO " in fault.sample:
        _changes_differ(fault, tmp_path)
        return
    assert _differ(store, query, data, tmp_path), "mended: take it from the table"
    assert len(ours(store, query.text).rows) == fault.rows
    changed, other = fault.cure(query, data)
    assert not _differ(store, changed, other, tmp_path)


def _differ(store: Store, query: Query, data: Data, scratch: Path) -> bool:
    data.put(store, scratch)
    try:
        whole = theirs(data.oracle(), query)
    except SyntaxError:
        return True
    return difference(query, ours(store, query.text), whole) is not None


def _changes_differ(fault: Fault, tmp_path: Path) -> None:
    """The same of an update."""
    data = Data(fault.data, ())
    engines = Engines(tmp_path)
    engines.hold(data)
    assert engines.compare_update(fault.sample, data) is None
    assert engines.excused == {fault.name: 1}, "mended: take it from the table"
