"""W3C SPARQL 1.0 and 1.1 query evaluation through store, plan, passes and SQL.

The suites are formed by test type: every QueryEvaluationTest but those of entailment regimes (70)
and of SERVICE (7, which need a federation): 283 of SPARQL 1.0 and 232 of SPARQL 1.1. Each query is
asked with the optional passes and without them.

The suites named ``-tables`` are the cases whose data becomes entity tables where it must (data of
the others lies in lanes in either store), with passes only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pytest

from ontology import GeoloomError
from store import Result, Store
from store.layout.manifest import TablesPolicy
from tests.conformance.answers import Answer, difference, expected, graph_answer, read_answer
from tests.conformance.datasets import loaded
from tests.conformance.judge import POLICIES, judge, suite_of
from tests.conformance.manifest import Case, cases
from tests.conformance.suites import require

SUITES = require("conformance/w3c-sparql/sparql")
ASIDE: Final = ("entailment", "service")


def _answer(result: Result) -> Answer:
    if result.form == "ASK":
        return bool(result.boolean)
    if result.form == "SELECT":
        return read_answer(b"".join(result.serialize("json")), ".srj")
    return graph_answer(b"".join(result.serialize("nt")))


def _wrong(store: Store, case: Case, passes: Iterable[bool]) -> str | None:
    """What is wrong with the store's answers to a case, or None."""
    assert case.result is not None
    wanted = expected(case.result)
    ordered = "ORDER BY" in case.text.upper()
    try:
        for optimise in passes:
            found = _answer(store.query(case.text, optimise=optimise))
            wrong = difference(found, wanted, lax=case.lax, ordered=ordered)
            if wrong:
                return wrong if optimise else f"with passes off: {wrong}"
    except (GeoloomError, pa.ArrowException) as error:
        return f"{type(error).__name__}: {error}"
    return None


@pytest.mark.timeout(900)
@pytest.mark.parametrize("tables", POLICIES)
@pytest.mark.parametrize("suite", ["sparql10", "sparql11"])
def test_query_evaluation(suite: str, tables: TablesPolicy, tmp_path: Path) -> None:
    asked = [
        case
        for case in cases(SUITES / suite)
        if case.kind == "QueryEvaluationTest" and case.folder not in ASIDE
    ]
    assert len({case.name for case in asked}) == len(asked), "two cases have one name"
    store = Store.create(tmp_path / "store", tables=tables)
    passes = (True, False) if tables == "never" else (True,)
    outcomes = {
        case.name: _wrong(store, case, passes)
        for group in loaded(asked, store)
        if tables == "never" or store.snapshot().tables
        for case in group
    }
    judge(suite_of(f"{suite}-query", tables), outcomes)
