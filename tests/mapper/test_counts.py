"""Counts that add up, or an error; values that are not there; the quarantine file."""

from __future__ import annotations

import json

import pytest

from mapper.runs.tally import Tally
from ontology import GeoloomError
from tests.mapper.conftest import Runner

TYPED = 'rml:reference "n" ; rml:datatype xsd:integer'


def test_counts_that_do_not_add_up_are_a_fault_of_ours() -> None:
    tally = Tally(read=5, mapped=2, quarantined=1, unchanged=1)
    with pytest.raises(GeoloomError, match="do not add up") as caught:
        tally.report("in.csv", 1.0)
    assert "5 rows were read" in caught.value.why
    tally.mapped += 1
    report = tally.report("in.csv", 1.0)
    assert report.rows_read == report.rows_mapped + report.rows_quarantined


@pytest.mark.parametrize("name", ["out.nq", "out.ttl"])
def test_rows_without_a_value_are_counted(run: Runner, turtle, name: str) -> None:
    run.file("in.csv", "id,n,m\n1,1,\n2,,\n3,x,\n4,,5\n")
    if name == "out.nq":
        run(turtle(TYPED, 'rml:reference "m"'))
    else:
        run(
            turtle(
                TYPED,
                "rml:functionExecution [ rml:function gl:upper ; rml:input [ "
                'rml:parameter gl:value ; rml:inputValueMap [ rml:reference "m" ] ] ]',
            )
        )
    (source,) = run.report.sources
    assert dict(source.nulls) == {"n": 2, "m": 2}


def test_rows_of_which_nothing_comes_are_remarked(run: Runner, turtle) -> None:
    run.file("in.csv", "id,n\n,1\n,2\n")
    assert not run(turtle(TYPED))
    assert any("no triple came of 2 rows" in text for text in run.report.remarks)


def test_several_values_of_a_row(run: Runner, turtle) -> None:
    """Quarantined rows show all of them; a row without any is counted."""
    run.file("in.json", json.dumps({"rows": [{"id": 1, "n": [1, "x"]}, {"id": 2, "n": []}]}))
    source = (
        '[ rml:source [ a rml:FilePath ; rml:path "in.json" ] ;'
        ' rml:referenceFormulation rml:JSONPath ; rml:iterator "$.rows[*]" ]'
    )
    objects = 'rml:reference "n[*]" ; rml:datatype xsd:integer'
    run(turtle(objects, source=source), quarantine_to=run.folder / "q.jsonl")
    entry = json.loads((run.folder / "q.jsonl").read_text())
    assert (entry["row"], entry["values"]["n[*]"]) == (1, "1, x")
    assert dict(run.report.sources[0].nulls) == {"n[*]": 1}


def test_long_values_are_cut(run: Runner, turtle) -> None:
    run.file("in.csv", "id,n\n1," + "x" * 10_000 + "\n")
    run(turtle(TYPED), quarantine_to=run.folder / "q.jsonl")
    assert len((run.folder / "q.jsonl").read_text()) < 1_000


def test_an_earlier_quarantine_file_is_replaced_or_kept(run: Runner, turtle) -> None:
    path = run.folder / "q.jsonl"
    path.write_text("before")
    run.file("in.csv", "id,n\n1,x\n")
    with pytest.raises(GeoloomError):
        run(turtle(TYPED), on_bad="fail", quarantine_to=path)
    assert path.read_text() == "before"
    run(turtle(TYPED), quarantine_to=path)
    assert json.loads(path.read_text())["row"] == 1
    run.file("in.csv", "id,n\n1,1\n")
    run(turtle(TYPED), quarantine_to=path)
    assert path.read_text() == ""
