from __future__ import annotations

import gzip
import json

import pytest

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import InputError, MappingError, UsageError

TYPED = 'rml:reference "n" ; rml:datatype xsd:integer'


def test_counts_reconcile(run, turtle) -> None:
    rows = "".join(f"{k},{k if k % 3 else 'x'}\n" for k in range(1, 10))
    run.file("in.csv", "id,n\n" + rows)
    quads = run(turtle(TYPED))
    report = run.report
    assert (report.rows_read, report.rows_mapped, report.rows_quarantined) == (9, 6, 3)
    assert report.triples_offered == report.triples_written == len(quads) == 6
    assert [entry.row for entry in report.quarantine] == [3, 6, 9]
    (source,) = report.sources
    assert source.rows_read == source.rows_mapped + source.rows_quarantined


def test_a_bad_row_is_out_of_all_triples_maps_of_its_source(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,x\n2,5\n")
    other = """<#o> rml:logicalSource [
        rml:source [ a rml:FilePath ; rml:path "in.csv" ; rml:null "" ] ;
        rml:referenceFormulation rml:CSV ] ;
        rml:subjectMap [ rml:template "http://example.com/o/{id}" ; rml:class ex:C ] ."""
    quads = run(turtle(TYPED) + other)
    assert len(run.report.sources) == 1
    assert len(quads) == 2


def test_fail_stops_at_the_first_bad_row_and_leaves_nothing(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n2,x\n")
    with pytest.raises(MappingError) as caught:
        run(turtle(TYPED), on_bad="fail")
    assert "row 2" in caught.value.where
    assert [p.name for p in run.folder.iterdir()] == ["in.csv"]


def test_an_abort_keeps_the_old_file(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    run(turtle(TYPED))
    before = (run.folder / "out.nq").read_bytes()
    run.file("in.csv", "id,n\n1,1\n2,x\n")
    with pytest.raises(MappingError):
        run(turtle(TYPED), on_bad="fail")
    assert (run.folder / "out.nq").read_bytes() == before


def test_every_source_is_checked_before_any_is_read(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    missing = (
        '<#z> rml:logicalSource [ rml:source "missing.csv" ; rml:referenceFormulation rml:CSV ] ; \
rml:subjectMap [ rml:template "http://example.com/o/{id}" ; rml:class ex:C ] .'
    )
    with pytest.raises(InputError, match=r"missing\.csv"):
        run(turtle(TYPED) + missing)
    assert not (run.folder / "out.nq").exists()


def test_quarantine_file_has_every_row(run, turtle) -> None:
    run.file("in.csv", "id,n\n" + "".join(f"{k},x\n" for k in range(1500)))
    run(turtle(TYPED), quarantine_to=run.folder / "bad.jsonl")
    entries = [json.loads(line) for line in (run.folder / "bad.jsonl").read_text().splitlines()]
    assert len(entries) == run.report.rows_quarantined == 1500
    assert len(run.report.quarantine) == 1000
    assert entries[0]["row"] == 1


def test_sample_and_progress(run, turtle) -> None:
    run.file("in.csv", "id,n\n" + "".join(f"{k},{k}\n" for k in range(100)))
    calls = []
    quads = run(turtle(TYPED), sample=7, progress=lambda done, total: calls.append((done, total)))
    assert len(quads) == 7
    assert calls == [(7, None)]


def test_several_mappings_in_one_commit(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    out = run.folder / "both.nt"
    with NTriplesSink(out) as sink:
        for _ in range(2):
            run_mapping(load_mapping(turtle(TYPED)), sink, base_dir=run.folder, commit=False)
            assert not out.exists()
        assert sink.commit().written == 2
    assert len(out.read_text().splitlines()) == 2


def test_compressed_output(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    sink = NTriplesSink(run.folder / "o.nt.gz")
    run_mapping(load_mapping(turtle(TYPED)), sink, base_dir=run.folder)
    assert gzip.decompress((run.folder / "o.nt.gz").read_bytes()).count(b"\n") == 1


def test_graphs_need_quads(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    text = turtle(TYPED, subject='rml:template "http://example.com/{id}" ; rml:graph ex:g')
    with pytest.raises(UsageError, match=r"\.nq"):
        run_mapping(load_mapping(text), NTriplesSink(run.folder / "o.nt"), base_dir=run.folder)
    assert not (run.folder / "o.nt").exists()


def test_a_folder_that_is_not_there(run, turtle) -> None:
    run.file("in.csv", "id,n\n1,1\n")
    sink = NTriplesSink(run.folder / "none" / "o.nt")
    with pytest.raises(InputError, match="Cannot write"):
        run_mapping(load_mapping(turtle(TYPED)), sink, base_dir=run.folder)


def test_empty_source_makes_an_empty_file(run, turtle) -> None:
    run.file("in.csv", "id,n\n")
    assert run(turtle(TYPED)) == set()
    assert run.report.rows_read == 0


def test_bad_iri_from_data(run, turtle) -> None:
    run.file("in.csv", "id,n\nhttp://example.com/a b,1\nhttp://example.com/c,2\n")
    quads = run(turtle(TYPED, subject='rml:reference "id"'))
    assert len(quads) == 1
    assert "not an IRI" in run.report.quarantine[0].reason
