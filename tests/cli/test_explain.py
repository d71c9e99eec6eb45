"""``geoloom query --explain`` and ``--analyze``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXT = "SELECT ?s { ?s a <https://w3id.org/geoloom/ns#Observation> }"


def test_explain_does_not_run_the_query(geoloom: Any, loaded: Path) -> None:
    told = geoloom("query", loaded, TEXT, "--explain")
    assert (told.code, "not run" in told.out, "actual" in told.out) == (0, True, False)


def test_analyze_runs_it_and_counts(geoloom: Any, loaded: Path) -> None:
    told = geoloom("query", loaded, TEXT, "--analyze", "--timeout", "60")
    assert (told.code, "actual" in told.out, "plan of DuckDB" in told.out) == (0, True, False)
    document = json.loads(geoloom("query", loaded, TEXT, "--analyze", "--format", "json").out)
    assert document["plan"]["actual"] == document["run"]["rows"] > 0


def test_the_plan_of_duckdb_on_demand(geoloom: Any, loaded: Path) -> None:
    assert "plan of DuckDB" in geoloom("query", loaded, TEXT, "--physical").out
