"""W3C SPARQL 1.0 and 1.1 query evaluation through store, plan, passes and SQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from ontology import GeoloomError
from store import Result, Store, parse_query
from tests.conformance.answers import expected, same
from tests.conformance.manifest import Case, cases
from tests.conformance.suites import floor, record, require

SUITES = require("conformance/w3c-sparql/sparql")
RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"


def _evaluation_cases(suite: str) -> list[Case]:
    return [
        case
        for case in cases(SUITES / suite)
        if case.kind == "QueryEvaluationTest" and not case.entailment
    ]


def _answer(result: Result) -> Any:
    if result.form == "ASK":
        return result.boolean
    if result.form == "SELECT":
        json = b"".join(result.serialize("json"))
        rows = ox.parse_query_results(json, ox.QueryResultsFormat.JSON)
        names = [variable.value for variable in rows.variables]
        return [{n: row[n] for n in names if row[n] is not None} for row in rows]
    text = b"".join(result.serialize("nt"))
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]


def _run(case: Case, store: Store) -> bool:
    store.update("DROP ALL")
    for file in case.data:
        store.load([file], base_iri=file.as_uri())
    for file in case.graphs:
        store.load([file], graph=file.as_uri(), base_iri=file.as_uri())
    text = f"BASE <{case.query.as_uri()}>\n{case.query.read_text(encoding='utf-8')}"
    query = parse_query(text)
    for graph in {*query.default_graphs, *query.named_graphs}:
        file = Path(graph.value.removeprefix("file://"))
        store.load([file], graph=graph.value, base_iri=file.as_uri())
    assert case.result is not None
    return same(_answer(store.query(text)), expected(case.result), case.lax)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("suite", ["sparql10", "sparql11"])
def test_query_evaluation(suite: str, tmp_path: Path) -> None:
    failed: list[str] = []
    every = _evaluation_cases(suite)
    store = Store.create(tmp_path / "store")
    for case in every:
        try:
            if not _run(case, store):
                failed.append(f"{case.name}: other answer")
        except GeoloomError as error:
            failed.append(f"{case.name}: {type(error).__name__}: {error}")
        except Exception as error:
            failed.append(f"{case.name}: CRASH {type(error).__name__}: {error}"[:300])
    record(f"{suite}-query", len(every) - len(failed), len(failed))
    if os.environ.get("GEOLOOM_SHOW_FAILURES"):
        print("\n".join(failed))
    assert len(every) - len(failed) >= floor(f"{suite}-query"), "\n".join(failed)
