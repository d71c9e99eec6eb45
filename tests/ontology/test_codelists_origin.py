"""Code lists against the tables they were taken from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ontology import code_list, crosswalk
from tests.conformance.suites import require

TABLES = require("data/class-tables")
HCAT = require("data/eurocrops-hcat/hcat_core/HCAT3.csv")


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def test_lucas() -> None:
    entry = code_list("lucas2018-lc1")
    for row in read(TABLES / "lucas2018_lc1.csv", ";"):
        if row["code"] != "-1":
            assert entry.label(row["code"]) == row["name"]


def test_hcat() -> None:
    theirs = {row["HCAT3_code"]: row["HCAT3_name"] for row in read(HCAT)}
    ours = code_list("hcat3")
    assert set(theirs) == {c.code for c in ours.concepts}
    for code, name in theirs.items():
        concept = ours.concept(code)
        assert name in (concept.label, *concept.alternatives)


@pytest.mark.parametrize(
    ("name", "table"), [("worldcover", "worldcover.csv"), ("corine", "corine.csv")]
)
def test_labels_and_colours(name: str, table: str) -> None:
    entry = code_list(name)
    for row in read(TABLES / table):
        concept = entry.concept(row["code"])
        path = [entry.label(c) for c in reversed(entry.broader(row["code"]))]
        assert " > ".join([*path, concept.label]) == row["label"]
        assert concept.color == row["color"]


def test_cdl_and_its_crosswalk() -> None:
    rows = read(TABLES / "usda_cdl_to_hcat3.csv")
    entry = code_list("usda-cdl")
    for row in rows:
        expected = row["original_name"] or f"Unassigned ({row['original_code']})"
        assert entry.label(row["original_code"]) == expected
    theirs = {(r["original_code"], r["HCAT3_code"]) for r in rows if r["HCAT3_code"]}
    assert {(p.source, p.target) for p in crosswalk("usda-cdl", "hcat3").pairs} == theirs


def test_sigrid() -> None:
    entry = code_list("sigrid3-stage")
    assert all(row["code"] in entry for row in read(TABLES / "sigrid3_stage_of_development.csv"))
