"""``geoloom map`` as users type it: options that fit and do not, and what goes wrong midway."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pyoxigraph
import pytest

from store import Store
from tests.cli.conftest import Geoloom

MAPPING = """@prefix rml: <http://w3id.org/rml/> . @prefix ex: <http://example.com/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#m> rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "in.csv" ; rml:null "" ] ;
    rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.com/{id}" ; rml:class ex:C ] ;
  rml:predicateObjectMap [ rml:predicate ex:n ;
    rml:objectMap [ rml:reference "n" ; rml:datatype xsd:integer ] ] .
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "m.ttl").write_text(MAPPING)
    (tmp_path / "in.csv").write_text("id,n\n1,5\n2,\n3,x\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    "name", ["o.nt", "o.nq", "o.ttl", "o.trig", "o.nt.gz", "o.ttl.zst", "o.rdf", "o.jsonld"]
)
def test_every_format(geoloom: Geoloom, folder: Path, name: str) -> None:
    ran = geoloom("map", "m.ttl", "-o", name, "--on-bad", "quarantine")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("3 rows read, 2 mapped, 1 quarantined; 3 triples written\n")
    assert "  in.csv, rows without a value: n in 1\n" in ran.out
    ran = geoloom("load", "s", name, "--json")
    assert json.loads(ran.out)["files"]["new"] == 3


def test_json_has_all_counts(geoloom: Geoloom, folder: Path) -> None:
    ran = geoloom("map", "m.ttl", "-o", "o.nt", "--quarantine", "q.jsonl", "--json")
    report = json.loads(ran.out)
    (source,) = report["sources"]
    assert source["rows_read"] == source["rows_mapped"] + source["rows_quarantined"] == 3
    assert source["nulls"] == [["n", 1]]
    assert report["triples_offered"] == report["triples_written"] == 3
    (bad,) = report["quarantine"]
    assert (bad["row"], bad["values"]) == (3, [["id", "3"], ["n", "x"]])
    (line,) = (folder / "q.jsonl").read_text().splitlines()
    assert json.loads(line)["values"] == {"id": "3", "n": "x"}


def test_update_changes_what_differs(geoloom: Geoloom, folder: Path) -> None:
    words = ("map", "m.ttl", "--store", "s", "--update")
    (folder / "in.csv").write_text("id,n\n1,5\n2,6\n")
    assert geoloom(*words).code == 0
    (folder / "in.csv").write_text("id,n\n2,7\n")
    ran = geoloom(*words)
    assert "1 triples written of 2 made, 3 removed (0 rows unchanged)" in ran.out
    assert len(Store.open(folder / "s").query("SELECT * { ?s ?p ?o }")) == 2
    ran = geoloom(*words, "--json")
    report = json.loads(ran.out)
    assert (report["rows_unchanged"], report["triples_removed"]) == (1, 0)


def test_provenance_beside_and_in_the_store(geoloom: Geoloom, folder: Path) -> None:
    graph = "http://example.com/runs"
    ran = geoloom(
        *("map", "m.ttl", "--store", "s", "--on-bad", "quarantine"),
        *("--provenance", "run.ttl", "--provenance-graph", graph),
    )
    assert ran.code == 0, ran.err
    for triples in (
        list(pyoxigraph.parse(path="run.ttl")),
        list(_dumped(folder / "s", graph)),
    ):
        values = {(t.predicate.value.split("#")[-1], _text(t.object)) for t in triples}
        assert {("rowsRead", "3"), ("rowsMapped", "2"), ("rowsQuarantined", "1")} <= values
        assert ("atLocation", (folder / "in.csv").resolve().as_uri()) in values
        assert any(name == "checksumValue" and len(value) == 64 for name, value in values)


def _text(term: object) -> str:
    assert isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal)
    return term.value


def _dumped(store: Path, graph: str) -> list[pyoxigraph.Quad]:
    Store.open(store).dump("all.nq")
    quads = pyoxigraph.parse(path="all.nq")
    return [quad for quad in quads if quad.graph_name == pyoxigraph.NamedNode(graph)]


def test_a_database_of_the_run(geoloom: Geoloom, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "t.db")) as database:
        database.execute("CREATE TABLE fields (id INTEGER PRIMARY KEY, name TEXT)")
        database.execute("INSERT INTO fields VALUES (1, 'a'), (2, 'b')")
        database.commit()
    (folder / "r2rml.ttl").write_text(
        "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix ex: <http://example.com/> .\n"
        '<#t> rr:logicalTable [ rr:tableName "fields" ] ;'
        ' rr:subjectMap [ rr:template "http://example.com/{id}" ] ;'
        ' rr:predicateObjectMap [ rr:predicate ex:name ; rr:objectMap [ rr:column "name" ] ] .\n'
    )
    words = ("map", "r2rml.ttl", "--database", f"sqlite:///{folder}/t.db")
    for _ in range(2):
        ran = geoloom(*words, "--store", "s", "--update")
        assert ran.code == 0, ran.err
    assert "2 rows read" in ran.out
    assert "(2 rows unchanged)" in ran.out
    assert "columns read: id, name" in geoloom(*words, "--explain").out
    text = (folder / "r2rml.ttl").read_text()
    (folder / "r2rml.ttl").write_text(text.replace('rr:column "name"', 'rr:column "\\"name\\""'))
    assert "columns not read" not in geoloom(*words, "--explain").out


def test_explain_reads_and_writes_nothing(geoloom: Geoloom, folder: Path) -> None:
    before = names(folder)
    ran = geoloom("map", "m.ttl", "--explain")
    assert ran.code == 0
    assert "columns read: id, n" in ran.out
    assert "http://example.com/{id}" in ran.out
    assert names(folder) == before
    plan = json.loads(geoloom("map", "m.ttl", "--explain", "--json").out)
    assert plan["sources"][0]["columns_read"] == ["id", "n"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Say where the triples go"),
        (["-o", "o.nt", "--store", "s"], "either --store S or -o"),
        (["-o", "o.nt", "--update"], "--update is for stores"),
        (["-o", "o.nt", "--tables", "never"], "--tables is for stores"),
        (["--store", "s", "--update", "--sample", "3"], "rows beyond the sample"),
        (["--store", "s", "--name", "x"], "add --update"),
        (["-o", "o.nt", "--quarantine", "q", "--on-bad", "fail"], "contradict"),
        (["-o", "o.csv"], "No format is known"),
        (["-o", "m.ttl"], "is read by this run"),
        (["-o", "o.nt", "--quarantine", "in.csv"], "is read by this run"),
        (["-o", "o.nt", "--quarantine", "o.nt"], "is another output of this run"),
        (["-o", "o.nt", "--provenance", "./o.nt"], "No format|is another output"),
        (["-o", "o.nt", "--sample", "0"], "0"),
        (["-o", "o.nt", "--provenance-graph", "http://example.com/g"], "has no named graphs"),
        (["--store", "s", "--provenance-graph", "runs"], "absolute IRI"),
    ],
)
def test_wrong_combinations(geoloom: Geoloom, folder: Path, words: list[str], said: str) -> None:
    before = names(folder)
    ran = geoloom("map", "m.ttl", *words)
    assert ran.code == 2, ran
    assert any(text in ran.err for text in said.split("|")), ran.err
    assert names(folder) == before
    assert (folder / "in.csv").read_text().startswith("id,n\n")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("not turtle", "line 1"),
        (MAPPING.replace("rml:template", "rml:tamplate"), "rml:tamplate"),
        (MAPPING.replace('"n" ;', '"m" ;'), "no column 'm'"),
        (MAPPING.replace("in.csv", "out.csv"), "does not exist"),
        (MAPPING.replace("{id}", "{id"), "template"),
        (MAPPING.replace("rml:CSV", "rml:PDF"), "rml:PDF"),
    ],
)
def test_broken_mappings(geoloom: Geoloom, folder: Path, mapping: str, said: str) -> None:
    (folder / "m.ttl").write_text(mapping)
    for more in (["-o", "o.nt"], ["--store", "s"], ["--explain"]):
        ran = geoloom("map", "m.ttl", *more)
        assert ran.code == 1
        assert said in ran.paragraph()
        assert names(folder) == {"m.ttl", "in.csv"}


def test_a_bad_row_leaves_nothing(geoloom: Geoloom, folder: Path) -> None:
    for more in (["-o", "o.nt"], ["--store", "s"], ["-o", "o.nt", "--provenance", "p.ttl"]):
        ran = geoloom("map", "m.ttl", *more)
        assert ran.code == 1
        assert "in.csv, row 3" in ran.paragraph()
        assert names(folder) == {"m.ttl", "in.csv"}


def test_a_folder_that_is_not_there_or_not_writable(geoloom: Geoloom, folder: Path) -> None:
    for more in (
        ["-o", "no/o.nt"],
        ["-o", "o.nt", "--quarantine", "no/q.jsonl"],
        ["-o", "o.nt", "--on-bad", "quarantine", "--provenance", "no/p.ttl"],
    ):
        ran = geoloom("map", "m.ttl", *more)
        assert ran.code == 1
        assert "Cannot write" in ran.paragraph()
        assert names(folder) == {"m.ttl", "in.csv"}
    if os.geteuid() != 0:
        locked = folder / "locked"
        locked.mkdir(mode=0o500)
        assert "Cannot write" in geoloom("map", "m.ttl", "-o", locked / "o.nt").paragraph()


def _many(folder: Path, rows: int, *, bad: bool = False) -> None:
    value = "x" if bad else "7"
    (folder / "in.csv").write_text("id,n\n" + "".join(f"{k},{value}\n" for k in range(rows)))


def _process(*words: str, limit: int | None = None) -> subprocess.Popen[str]:
    def small_files() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "geoloom", "map", "m.ttl", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=small_files,
    )


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        (["-o", "o.nt"], False),
        (["-o", "o.ttl.gz"], False),
        (["-o", "o.nt", "--quarantine", "q.jsonl"], True),
        (["--store", "s"], False),
        (["--store", "s", "--update"], False),
    ],
)
def test_a_disk_that_fills_up(folder: Path, words: list[str], bad: bool) -> None:
    _many(folder, 60_000, bad=bad)
    with _process(*words, limit=100_000) as process:
        out, err = process.communicate(timeout=100)
    assert process.returncode == 1, (out, err)
    assert err.startswith("Error: ")
    assert "too large" in err
    assert "did not expect" not in err
    assert names(folder) == {"m.ttl", "in.csv"}


def test_a_full_disk_leaves_the_store_as_it_was(folder: Path, geoloom: Geoloom) -> None:
    _many(folder, 10)
    assert geoloom("map", "m.ttl", "--store", "s", "--update").code == 0
    _many(folder, 60_000)
    with _process("--store", "s", "--update", limit=100_000) as process:
        process.communicate(timeout=100)
    assert process.returncode == 1
    store = Store.open(folder / "s")
    assert len(store.query("SELECT * { ?s ?p ?o }")) == 20
    assert store.verify().ok
    assert geoloom("map", "m.ttl", "--store", "s", "--update").code == 0
    assert len(store.query("SELECT * { ?s ?p ?o }")) == 120_000


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_ended_midway(
    folder: Path, geoloom: Geoloom, ending: signal.Signals
) -> None:
    _many(folder, 10)
    assert geoloom("map", "m.ttl", "--store", "s", "--update").code == 0
    _many(folder, 400_000)
    with _process("--store", "s", "--update") as process:
        _wait_for_writer(folder / "s", process)
        process.send_signal(ending)
        out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    if ending is signal.SIGINT:
        assert process.returncode == 130
        assert "Interrupted" in err, (out, err)
    store = Store.open(folder / "s")
    assert len(store.query("SELECT * { ?s ?p ?o }")) == 20
    _many(folder, 5)
    assert geoloom("map", "m.ttl", "--store", "s", "--update").code == 0
    assert len(store.query("SELECT * { ?s ?p ?o }")) == 10


def _wait_for_writer(store: Path, process: subprocess.Popen[str]) -> None:
    """Until the process has the store's lock; it cannot have finished then."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if (store / "LOCK").read_text().startswith(f"{process.pid} "):
            return
        time.sleep(0.002)
