"""Validation of what a run makes against SHACL shapes, batch by batch."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from mapper.runs.shapes import Shapes
from ontology import InputError, MappingError, UsageError
from tests.mapper.conftest import Runner

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Positive a sh:NodeShape ; sh:targetSubjectsOf ex:p0 ; sh:property [
  sh:path ex:p0 ; sh:minInclusive 0 ; sh:message "must not be negative" ] .
ex:Named a sh:NodeShape ; sh:targetSubjectsOf ex:p0 ; sh:severity sh:Warning ; sh:property [
  sh:path ex:p1 ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "has no name" ] .
"""
TYPED = 'rml:reference "n" ; rml:datatype xsd:integer'
NAME = 'rml:reference "name"'


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES)
    return path


def test_rows_that_violate_a_shape_are_quarantined(run: Runner, turtle, shapes: Path) -> None:
    run.file("in.csv", "id,n,name\n1,1,a\n2,-5,b\n3,3,\n4,-1,d\n")
    quads = run(turtle(TYPED, NAME), shapes=shapes, quarantine_to=run.folder / "q.jsonl")
    assert (run.report.rows_mapped, run.report.rows_quarantined) == (2, 2)
    assert len(quads) == 3
    bad = [json.loads(line) for line in (run.folder / "q.jsonl").read_text().splitlines()]
    assert [entry["row"] for entry in bad] == [2, 4]
    assert bad[0]["shape"] == "http://example.com/Positive"
    assert "must not be negative (found" in bad[0]["reason"]
    assert bad[0]["values"] == {"id": "2", "n": "-5", "name": "b"}
    assert any("Named" in text and "has no name" in text for text in run.report.remarks)


def test_fail_names_row_and_shape(run: Runner, turtle, shapes: Path) -> None:
    run.file("in.csv", "id,n,name\n1,1,a\n2,-5,b\n")
    with pytest.raises(MappingError) as caught:
        run(turtle(TYPED, NAME), shapes=shapes, on_bad="fail")
    assert "row 2" in caught.value.where
    assert "http://example.com/Positive" in caught.value.why
    assert not (run.folder / "out.nq").exists()


def test_a_shape_sees_its_batch_and_no_more(run: Runner, turtle, tmp_path: Path) -> None:
    """What rests on rows of another batch looks missing: which the documentation says."""
    path = tmp_path / "unique.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> .\n"
        "ex:Once a sh:NodeShape ; sh:targetObjectsOf ex:p0 ;"
        " sh:property [ sh:path [ sh:inversePath ex:p0 ] ; sh:maxCount 1 ] .\n"
    )
    together = Shapes(path)
    assert together.rows >= 1000
    run.file("in.csv", "id,n\n1,7\n2,7\n3,8\n")
    run(turtle('rml:template "http://example.com/{n}"'), shapes=path)
    assert run.report.rows_quarantined == 2
    assert run.report.rows_mapped == 1


def test_blank_nodes_and_graphs_are_seen(run: Runner, turtle, shapes: Path) -> None:
    run.file("in.csv", "id,n,name\n1,1,a\n2,-5,b\n")
    subject = 'rml:template "{id}" ; rml:termType rml:BlankNode ; rml:graph ex:g'
    run(turtle(TYPED, NAME, subject=subject), shapes=shapes)
    assert [entry.row for entry in run.report.quarantine] == [2]


def test_more_rows_than_are_validated_together(
    run: Runner, turtle, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mapper.runs.shapes.Shapes.__init__.__kwdefaults__", {"rows": 10})
    run.file("in.csv", "id,n,name\n" + "".join(f"{k},{k % 8 - 1},x\n" for k in range(35)))
    run(turtle(TYPED, NAME), shapes=shapes)
    assert [entry.row for entry in run.report.quarantine] == [1, 9, 17, 25, 33]
    assert run.report.rows_read == 35


@pytest.mark.parametrize(
    "text",
    ["this is no turtle", "@prefix sh: <http://www.w3.org/ns/shacl#> . <x> sh:path <y>, 3 ."],
)
def test_shapes_that_cannot_be_read(run: Runner, turtle, tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text(
        text + " <s> a <http://www.w3.org/ns/shacl#NodeShape> ;"
        " <http://www.w3.org/ns/shacl#property> <x> ."
    )
    run.file("in.csv", "id,n,name\n1,1,a\n")
    with pytest.raises(InputError, match=r"broken\.ttl"):
        run(turtle(TYPED), shapes=path)


def test_missing_shapes(run: Runner, turtle, tmp_path: Path) -> None:
    run.file("in.csv", "id,n,name\n1,1,a\n")
    with pytest.raises(InputError, match=r"none\.ttl"):
        run(turtle(TYPED), shapes=tmp_path / "none.ttl")


def test_without_pyshacl(
    run: Runner, turtle, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    run.file("in.csv", "id,n,name\n1,1,a\n")
    with pytest.raises(UsageError, match=r"geoloom\[shacl\]"):
        run(turtle(TYPED), shapes=shapes)
