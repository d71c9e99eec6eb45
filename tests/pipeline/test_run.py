"""Running a pipeline: the whole way, twice, and with a step that fails."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from geoloom.pipeline import PipelineReport, load_pipeline, run_pipeline
from geoloom.scenario import Scenario
from ontology import GeoloomError, InputError, MappingError, QuerySyntaxError, UsageError
from store import Store


def run(folder: Path, more: str = "") -> PipelineReport:
    file = folder / "pipeline.toml"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    return run_pipeline(load_pipeline(file))


def outcomes(report: PipelineReport) -> dict[str, str]:
    return {f"{step.step} {step.subject}": step.outcome.text for step in report.steps}


def test_the_whole_way_and_again(folder: Path, scenario: Scenario) -> None:
    first = run(folder)
    assert first.complete
    assert first.store == folder / "store"
    assert [step.step for step in first.steps] == [
        *["codelists", "map", "map", "map", "map", "load"],
        *["interlink", "validate", "query", "query"],
    ]
    said = outcomes(first)
    assert said["map fields.rml.ttl"].startswith("60 rows, 0 quarantined, ")
    assert said["load extra.ttl"] == "1 new triples"
    assert said["query fields"] == "60 rows to fields.csv"
    assert said["query how many"] == "60 rows"
    agree = len(scenario.truth.agree)
    assert (
        f"{scenario.truth.samples} samples: {agree} agree" in said["validate lucas2018-lc1 → hcat3"]
    )
    with (folder / "fields.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 60
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    held = triples(folder)

    again = run(folder)
    new = [text for text in outcomes(again).values() if "new triples" in text]
    assert len(new) == 6
    assert all(text.split(", ")[-1] == "0 new triples" for text in new), new
    assert triples(folder) == held


def triples(folder: Path, store: str = "store") -> int:
    count = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    (row,) = Store.open(folder / store).query(count).rows()
    return int(row["n"].lexical)  # type: ignore[union-attr]


def test_a_failing_step_keeps_what_came_before(folder: Path, tmp_path: Path) -> None:
    (folder / "pipeline.toml").write_text(
        """store = "store"
        [[map]]
        mapping = "mappings/districts.rml.ttl"
        base = "data"
        [[load]]
        files = ["broken.nt"]
        [[query]]
        name = "never asked"
        text = "ASK {}"
        output = "never.json"
        """,
        encoding="utf-8",
    )
    good = '<http://a> <http://b> "c" .\n'
    (folder / "broken.nt").write_text(good + "<http://a> <http://b\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.nt"):
        run(folder)
    store = Store.open(folder / "store")
    assert store.snapshot().number == 1
    assert not store.query('ASK { ?s <http://b> "c" }')
    assert store.query("ASK { ?d a <https://w3id.org/geoloom/ns#AdministrativeUnit> }")
    assert not (folder / "never.json").exists()


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ('[[map]]\nmapping = "broken.rml.ttl"', MappingError),
        ('[[interlink]]\nsource = "nope:Zone"\ntarget = "gl:Zone"', UsageError),
        (
            '[[interlink]]\nsource = "gl:Zone"\ntarget = "gl:Zone"\nrelations = "sfNear"',
            GeoloomError,
        ),
    ],
)
def test_broken_steps_are_found_before_the_first_runs(
    folder: Path, more: str, kind: type[Exception]
) -> None:
    (folder / "broken.rml.ttl").write_text(
        "@prefix rml: <http://w3id.org/rml/> .\n<#a> rml:", "utf-8"
    )
    with pytest.raises(kind):
        run(folder, more)
    assert not (folder / "store").exists()


def test_an_unknown_code_list_is_found_first(folder: Path) -> None:
    (folder / "pipeline.toml").write_text('store = "s"\ncodelists = ["hcat4"]\n', encoding="utf-8")
    with pytest.raises(GeoloomError, match="hcat4"):
        run(folder)
    assert not (folder / "s").exists()


def test_a_folder_that_is_no_store_is_left_alone(folder: Path) -> None:
    (folder / "pipeline.toml").write_text('store = "data"\n', encoding="utf-8")
    before = sorted((folder / "data").iterdir())
    with pytest.raises(GeoloomError, match="data"):
        run(folder)
    assert sorted((folder / "data").iterdir()) == before


def test_a_wrong_query_and_a_wrong_output(folder: Path) -> None:
    (folder / "pipeline.toml").write_text('store = "store"\n', encoding="utf-8")
    with pytest.raises(QuerySyntaxError):
        run(folder, '[[query]]\nname = "q"\ntext = "SELECT"\noutput = "q.csv"\n')
    assert not (folder / "q.csv").exists()


@pytest.mark.parametrize(
    ("output", "words"), [("no/folder/q.csv", "Cannot write"), ("q", "format"), ("q.shp", "shp")]
)
def test_an_output_that_cannot_be(folder: Path, output: str, words: str) -> None:
    (folder / "pipeline.toml").write_text('store = "store"\n', encoding="utf-8")
    with pytest.raises(GeoloomError, match=words):
        run(folder, f'[[query]]\nname = "q"\ntext = "SELECT * {{}}"\noutput = "{output}"\n')
    assert not list(folder.glob("q*"))


def test_a_map_step_has_the_options_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "m.ttl").write_text(
        "@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.com/> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        '<#m> rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "in.csv" ] ;'
        " rml:referenceFormulation rml:CSV ] ;"
        ' rml:subjectMap [ rml:template "http://example.com/{id}" ] ;'
        " rml:predicateObjectMap [ rml:predicate ex:n ;"
        ' rml:objectMap [ rml:reference "n" ; rml:datatype xsd:integer ] ] .\n'
    )
    (tmp_path / "shapes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> .\n"
        "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:n ;"
        " sh:property [ sh:path ex:n ; sh:maxInclusive 9 ] .\n"
    )
    file = tmp_path / "p.toml"
    file.write_text(
        'store = "s"\n[[map]]\nmapping = "m.ttl"\nupdate = true\non_bad = "quarantine"\n'
        'quarantine = "bad.jsonl"\nshapes = "shapes.ttl"\n'
    )
    for rows, said in (
        ("1,1\n2,2\n3,33\n", "3 rows, 1 quarantined, 2 new triples, 0 removed"),
        ("2,2\n3,3\n", "2 rows, 0 quarantined, 1 new triples, 1 removed"),
    ):
        (tmp_path / "in.csv").write_text("id,n\n" + rows)
        report = run_pipeline(load_pipeline(file))
        assert outcomes(report)["map m.ttl"] == said
    assert (tmp_path / "bad.jsonl").read_text() == ""
    assert triples(tmp_path, "s") == 2
