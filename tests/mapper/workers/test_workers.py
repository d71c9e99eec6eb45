"""Several processes write what one writes, byte for byte, and fail as one does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mapper.sources.csv
import mapper.workers.team as team
from mapper import NTriplesSink, load_mapping, register, run_mapping
from ontology import CrashError, MappingError, UsageError

MAPPING = """@prefix rml: <http://w3id.org/rml/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.com/> .
<#m> a rml:TriplesMap ; rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "in.csv" ;
    rml:null "" ] ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.com/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference "v" ;
    rml:datatype xsd:integer ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:t ; rml:objectMap [ rml:reference "t" ] ] MORE .
"""
FRESH = """; rml:predicateObjectMap [ rml:predicate ex:b ;
    rml:objectMap [ rml:termType rml:BlankNode ] ]"""
UPPER = """; rml:predicateObjectMap [ rml:predicate ex:u ; rml:objectMap [
    rml:functionExecution [ rml:function FUNCTION ; rml:input [
        rml:parameter gl:value ; rml:inputValueMap [ rml:reference "t" ] ] ] ] ]"""
ROWS = 3000


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapper.sources.csv, "_BLOCK", 9001)
    monkeypatch.setattr(team, "LEAST_BYTES", 1000)


def table(folder: Path, bad: Callable[[int], bool] = lambda k: k % 97 == 5) -> None:
    lines = ["id,v,t"]
    for k in range(ROWS):
        value = "x" if bad(k) else "007" if k % 11 == 0 else str(k)
        text = f'"line {k}\n""quoted"", {k}"' if k % 3 else f"plain {k}"
        lines.append(f"{k},{value},{text}" + ",ragged" * (k % 501 == 7) + "\n" * (k % 77 == 0))
    (folder / "in.csv").write_text("\n".join(lines) + "\n", newline="")


def run(folder: Path, workers: int, more: str = "", **options: Any) -> tuple[bytes, Any]:
    plan = PLANS.setdefault(more, load_mapping(MAPPING.replace("MORE", more)))
    out = folder / f"out-{workers}.nt"
    report = run_mapping(plan, NTriplesSink(out), base_dir=folder, workers=workers, **options)
    return out.read_bytes(), report


PLANS: dict[str, Any] = {}


@pytest.mark.parametrize("more", ["", FRESH, UPPER.replace("FUNCTION", "gl:upper")])
def test_as_one_process(tmp_path: Path, more: str) -> None:
    table(tmp_path)
    quarantine = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    heard: list[int] = []
    one, report = run(tmp_path, 1, more, quarantine_to=quarantine[0])
    two, other = run(
        tmp_path, 2, more, quarantine_to=quarantine[1], progress=lambda done, _: heard.append(done)
    )
    assert one == two
    assert one.count(b"\n") == report.triples_written == other.triples_written > 5000
    assert report.rows_read == other.rows_read == heard[-1] == ROWS
    assert report.rows_quarantined == other.rows_quarantined > 30
    assert quarantine[0].read_bytes() == quarantine[1].read_bytes()
    assert report.quarantine == other.quarantine
    assert report.remarks == other.remarks
    assert report.sources[0].nulls == other.sources[0].nulls


def test_workers_did_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path)
    started: list[int] = []
    real = team.Team._started

    def watched(self: Any, stack: Any) -> Any:
        member = real(self, stack)
        started.append(member.process.pid)
        return member

    monkeypatch.setattr(team.Team, "_started", watched)
    run(tmp_path, 3)
    assert len(started) == 3
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_lines_longer_than_a_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "_SLOT_BYTES", 1 << 12)
    table(tmp_path)
    assert run(tmp_path, 1)[0] == run(tmp_path, 2)[0]


def test_the_first_bad_row_ends_the_run(tmp_path: Path) -> None:
    table(tmp_path, bad=lambda k: k in (1111, 2222))
    for workers in (1, 2):
        with pytest.raises(MappingError, match="row 8"):
            run(tmp_path, workers, on_bad="fail")
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_a_killed_worker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path)
    real = team.Team._assign

    def killing(self: Any, member: Any, block: Any) -> None:
        real(self, member, block)
        if block.first > ROWS // 2:
            os.kill(member.process.pid, signal.SIGKILL)

    monkeypatch.setattr(team.Team, "_assign", killing)
    with pytest.raises(CrashError, match=r"process \d+.*in.csv, rows \d+ to \d+.*signal 9"):
        run(tmp_path, 2)
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_functions_of_this_process_stay_here(tmp_path: Path) -> None:
    register("http://example.com/own", lambda value: value)
    table(tmp_path)
    more = UPPER.replace("FUNCTION", "<http://example.com/own>")
    one, _ = run(tmp_path, 1, more)
    two, report = run(tmp_path, 2, more)
    assert one == two
    assert "mapped by one process, as the function" in report.remarks[-1]


def test_no_workers(tmp_path: Path) -> None:
    table(tmp_path)
    with pytest.raises(UsageError, match="at least one worker"):
        run(tmp_path, 0)
