"""The GeoSPARQL compliance benchmark: 206 queries over the 30 requirements of GeoSPARQL 1.0.

``geosparql-compliance`` asks each conformance class in its declared configuration (``CLASSES``),
for no single one can pass all: requirements 3, 8 and 9 want asserted triples alone where 25 to 27
want the inferred ones too. ``geosparql-compliance-default`` is what a store answers that nobody
configured. ``-tables`` is the same over a store that makes entity tables wherever it can.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ontology import GeoloomError
from store import Store
from store.algebra import Inference
from store.layout.manifest import TablesPolicy
from tests.conformance.geosparql_cases import RESOURCES, Case, cases, comparable, percentage
from tests.conformance.judge import POLICIES, judge, suite_of
from tests.conformance.suites import require

SUITE = require("conformance/geosparql-compliance")


def _wrong(store: Store, case: Case, inference: Inference) -> str | None:
    """What is wrong with the store's answer to a case, or None."""
    try:
        result = store.query(case.text, inference=inference)
        written = b"".join(result.serialize("xml"))
    except GeoloomError as error:
        return f"{type(error).__name__}: {error}"
    found = comparable(written)
    if any(found == comparable(answer.read_bytes()) for answer in case.answers):
        return None
    return f"{len(found[1])} rows: {found[1]}"


@pytest.fixture
def store(tables: TablesPolicy, tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "store", tables=tables)
    made.load(SUITE / RESOURCES / "gsb_dataset" / "dataset.rdf")
    return made


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tables", POLICIES)
def test_compliance(store: Store, tables: TablesPolicy) -> None:
    asked = list(cases(SUITE))
    assert len(asked) == 206
    assert bool(store.snapshot().tables) == (tables == "always")
    outcomes = {case.name: _wrong(store, case, case.inference) for case in asked}
    if os.environ.get("GEOLOOM_SHOW_FAILURES"):
        print(f"{percentage(outcomes):.2f} %")
    judge(suite_of("geosparql-compliance", tables), outcomes)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tables", ["never"])
def test_default_configuration(store: Store) -> None:
    outcomes = {case.name: _wrong(store, case, Inference()) for case in cases(SUITE)}
    judge("geosparql-compliance-default", outcomes)
