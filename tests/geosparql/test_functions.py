"""GeoSPARQL 1.1, function by function: values computed elsewhere.

No official suite of 1.1 exists. Every function and aggregate has at least one positive and one
negative case, one with another CRS and one with an error; the tables are in ``cases``, each case
says where its value comes from. Records ``geosparql11``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from store import Store
from tests.conformance.suites import floor, record
from tests.geosparql.asking import values, wrong
from tests.geosparql.cases import (
    accessors,
    aggregates,
    constructions,
    metric,
    relations,
    serialisations,
)
from tests.geosparql.surface import AGGREGATES, FUNCTIONS, KINDS

TABLES: Final = {
    "accessors": accessors.CASES,
    "aggregates": aggregates.CASES,
    "constructions": constructions.CASES,
    "metric": metric.CASES,
    "relations": relations.CASES,
    "serialisations": serialisations.CASES,
}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_values(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    cases = [case for table in TABLES.values() for case in table]
    failed = [
        f"{case.kind} {case.expression} ({case.source}): {found}"
        for case, value in zip(cases, values(store, cases), strict=True)
        for found in (wrong(case, value),)
        if found is not None
    ]
    record("geosparql11", len(cases) - len(failed), len(failed))
    assert not failed, f"{len(failed)} of {len(cases)}\n" + "\n".join(failed)
    assert len(cases) - len(failed) >= floor("geosparql11")


@pytest.mark.parametrize("name", [*FUNCTIONS, *AGGREGATES])
def test_every_function_has_every_kind_of_case(name: str) -> None:
    kinds = {case.kind for cases in TABLES.values() for case in cases if case.name == name}
    assert kinds >= set(KINDS)
