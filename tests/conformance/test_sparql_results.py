"""W3C SPARQL 1.1 result formats: what the store writes as CSV, TSV and JSON, read back.

All 10 cases of csv-tsv-res and json-res. Seven of them are QueryEvaluationTests and count in
``sparql11-query`` as well: there the answer is judged, here the format.
``sparql11-results-tables`` are those whose data becomes entity tables where it must.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest

from ontology import GeoloomError
from store import Store
from store.layout.manifest import TablesPolicy
from tests.conformance.answers import difference, expected, read_answer
from tests.conformance.datasets import loaded
from tests.conformance.judge import POLICIES, judge, suite_of
from tests.conformance.manifest import Case, cases
from tests.conformance.suites import require

SUITES = require("conformance/w3c-sparql/sparql/sparql11")


def _table(text: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV; labels of blank nodes are the writer's own."""
    header, *rows = csv.reader(StringIO(text, newline=""))
    return header, [[c if not c.startswith("_:") else "_:" for c in row] for row in rows]


def _wrong(store: Store, case: Case) -> str | None:
    assert case.result is not None
    try:
        result = store.query(case.text)
        match case.result.suffix:
            case ".csv":
                written = b"".join(result.serialize("csv")).decode()
                same = _table(written) == _table(case.result.read_text(encoding="utf-8"))
                return None if same else f"other rows: {written}"
            case suffix:
                found = read_answer(b"".join(result.serialize(suffix)), suffix)
    except GeoloomError as error:
        return f"{type(error).__name__}: {error}"
    return difference(found, expected(case.result))


@pytest.mark.parametrize("tables", POLICIES)
def test_result_formats(tables: TablesPolicy, tmp_path: Path) -> None:
    asked = [case for folder in ("csv-tsv-res", "json-res") for case in cases(SUITES / folder)]
    store = Store.create(tmp_path / "store", tables=tables)
    outcomes = {
        case.name: _wrong(store, case)
        for group in loaded(asked, store)
        if tables == "never" or store.snapshot().tables
        for case in group
    }
    judge(suite_of("sparql11-results", tables), outcomes)
