from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from ontology import IRI, Literal, StoreError, node_ids
from store import Store
from store.layout.manifest import current_number, manifest_numbers
from store.layout.snapshot import StoredSnapshot
from tests.store.layout.processes import another_process

Write = Callable[[str, str], Path]
Quads = Callable[[Store], set[ox.Quad]]


def _triple(number: int) -> tuple[IRI, IRI, Literal]:
    return (IRI(f"http://s{number}"), IRI("http://p"), Literal(str(number)))


def test_known_needs_id_and_text(store: Store, write: Write) -> None:
    store.load(write("a.nt", '<http://a> <http://p> _:b .\n_:b <http://p> "x" .\n'))
    snapshot = store.snapshot()
    blank = next(text for text in _texts(snapshot) if text.startswith("_:"))
    asked = ["http://a", "http://p", blank, "http://nowhere", "x", ""]
    found = snapshot.known(asked)
    assert set(found) == {"http://a", "http://p", blank}
    assert list(found.values()) == node_ids(_column(list(found))).tolist()
    assert snapshot.known([]) == {}


def test_known_is_not_fooled_by_an_equal_id(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(write("a.nt", "<http://a> <http://p> <http://b> .\n"))
    real = node_ids(_column(["http://a"]))
    monkeypatch.setattr("store.layout.snapshot.node_ids", lambda nodes: real)
    assert store.snapshot().known(["http://forged"]) == {}


def test_known_looks_into_every_dictionary_file(store: Store) -> None:
    for number in range(4):
        store.insert([_triple(number)])
    assert len(store.snapshot().dictionary) == 4
    assert len(store.snapshot().known([f"http://s{k}" for k in range(5)])) == 4


def test_a_snapshot_does_not_move(store: Store) -> None:
    store.insert([_triple(1)])
    before = store.snapshot()
    store.insert([_triple(2)])
    assert (before.number, before.manifest.triples) == (1, 1)
    assert store.snapshot().manifest.triples == 2


def test_as_of_and_history(store: Store, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        store.insert([_triple(number)])
    assert [(m.number, m.triples) for m in store.history()] == [(3, 3), (2, 2), (1, 1), (0, 0)]
    assert store.dump(tmp_path / "old.nt", as_of=2) == 2
    assert store.query("SELECT * { ?s ?p ?o }", as_of=1).df().shape[0] == 1
    for number in (-1, 4):
        with pytest.raises(StoreError, match=f"no snapshot {number}"):
            store.snapshot(number)


def test_an_unfinished_manifest_is_no_snapshot(store: Store) -> None:
    store.insert([_triple(1)])
    manifests = store.path / "manifests"
    (manifests / "000002.json").write_text((manifests / "000001.json").read_text())
    with pytest.raises(StoreError, match="no snapshot 2"):
        store.snapshot(2)
    store.insert([_triple(2)])
    assert store.snapshot(2).manifest.triples == 2


def test_vacuum_spares_what_this_process_reads(store: Store, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        store.insert([_triple(number)])
        store.delete([_triple(number - 1)])
    pinned = store.snapshot(2)
    report = store.vacuum()
    assert report.pinned == (2,)
    assert report.snapshots_removed == 4
    assert store.dump(tmp_path / "old.nt", as_of=2) == pinned.manifest.triples
    pinned.close()
    report = store.vacuum()
    assert (report.snapshots_removed, report.pinned) == (1, ())
    assert report.files_removed > 0
    assert report.bytes_freed > 0
    with pytest.raises(StoreError, match="no snapshot 2"):
        store.snapshot(2)
    assert store.verify().ok
    assert [m.number for m in store.history()] == [store.snapshot().number]


def test_vacuum_spares_what_another_process_reads(store: Store) -> None:
    store.insert([_triple(1)])
    with another_process(lambda: Store.open(store.path).snapshot(1)) as reader:
        store.delete([_triple(1)])
        assert store.vacuum().pinned == (1,)
        assert store.verify().ok
        reader.kill()
    assert store.vacuum().pinned == ()


def test_vacuum_does_not_free_the_live_snapshot(store: Store, quads_of: Quads) -> None:
    store.insert([_triple(1), _triple(2)])
    before = quads_of(store)
    store.vacuum()
    assert quads_of(store) == before
    assert quads_of(Store.open(store.path)) == before


def test_compact_folds_files_and_keeps_answers(store: Store, quads_of: Quads) -> None:
    for number in range(6):
        store.insert([_triple(number), (*_triple(number), IRI(f"http://g{number % 2}"))])
    before = quads_of(store)
    report = store.compact()
    assert report.files_before == 12
    assert report.files_after == 2
    assert quads_of(store) == before
    assert store.snapshot().graphs == ("http://g0", "http://g1")
    assert store.compact().files_after == 2
    assert store.history()[0].label == "compact"


_WRITES = 5
_COUNTED = """SELECT ?v ?w ?g (COUNT(*) AS ?n) {
  ?s <http://v> ?v ; <http://w> ?w . GRAPH ?g { ?s <http://v> ?v } } GROUP BY ?v ?w ?g"""
_READER = f"""
import sys, time
from store import Store
store, seen = Store.open(sys.argv[1]), set()
print("ready", flush=True)
while "{_WRITES}" not in seen:
    (row,) = list(store.query({_COUNTED!r}).rows())
    assert row["v"].lexical == row["w"].lexical and row["n"].lexical == "20", row
    seen.add(row["v"].lexical)
    time.sleep(0.05)
"""


_CHANGE = """
DELETE { ?s <http://v> ?v ; <http://w> ?w } WHERE { ?s <http://v> ?v ; <http://w> ?w } ;
INSERT { ?s <http://v> %(n)d ; <http://w> '%(n)d' } WHERE { GRAPH <http://g> { ?s ?p ?v } } ;
WITH <http://g> DELETE { ?s ?p ?o } INSERT { ?s ?p %(n)d } WHERE { ?s ?p ?o }"""


@pytest.mark.timeout(200)
def test_readers_see_whole_updates_only(store: Store) -> None:
    """Every update changes 20 subjects in three lanes and two graphs; all change at once."""
    subjects = [f"<http://s{number}> <http://v> 0" for number in range(20)]
    default = " ; <http://w> '0' . ".join([*subjects, ""])
    store.update(f"INSERT DATA {{ {default} GRAPH <http://g> {{ {' . '.join(subjects)} }} }}")
    program = [sys.executable, "-c", _READER, str(store.path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    torn: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.wait(0.05):
            rows = list(Store.open(store.path).query(_COUNTED).rows())
            values = {(row["v"].lexical, row["w"].lexical, row["n"].lexical) for row in rows}
            if len(rows) != 1 or any(v != w or n != "20" for v, w, n in values):
                torn.append(rows)

    with subprocess.Popen(program, stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        thread = threading.Thread(target=read)
        thread.start()
        for number in range(1, _WRITES + 1):
            store.update(_CHANGE % {"n": number})
        assert other.wait(120) == 0
        done.set()
        thread.join()
    assert not torn


def test_writers_in_threads_take_their_turn(store: Store, quads_of: Quads) -> None:
    def write(number: int) -> None:
        Store.open(store.path).insert([_triple(number)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(quads_of(store)) == 6
    assert store.snapshot().number == 6


def test_many_small_writes_leave_few_files(
    store: Store, quads_of: Quads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.layout.folding.MANY_FILES", 3)
    for number in range(8):
        store.insert([(*_triple(number), IRI("http://g")), _triple(number % 2)])
        for files in (store.snapshot().manifest.terms, store.snapshot().manifest.lanes[0].files):
            assert len(files) <= 3
    assert len(quads_of(store)) == 10
    store.insert([_triple(0)])
    assert store.snapshot().number == 8, "a write that changes nothing makes no snapshot"


def test_an_empty_store(store: Store, tmp_path: Path) -> None:
    assert store.verify().ok
    assert store.dump(tmp_path / "out.nt") == 0
    assert store.compact().files_after == 0
    assert store.vacuum().files_removed == 0
    assert store.snapshot().lanes == ()
    assert store.geometries("http://c") == []


def _texts(snapshot: StoredSnapshot) -> list[str]:
    return [t for path in snapshot.dictionary for t in pq.read_table(path)["text"].to_pylist()]


def _column(texts: list[str]) -> pa.Array:
    return pa.array(texts)


def test_history_names_what_is_pinned_behind_a_gap(store: Store) -> None:
    for number in (1, 2, 3):
        store.insert([_triple(number)])
    with store.snapshot(1):
        store.vacuum()
        assert [manifest.number for manifest in store.history()] == [3, 1]
        assert store.query("SELECT * { ?s ?p ?o }", as_of=1).df().shape[0] == 1


def test_history_leaves_out_what_another_process_removes_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert([_triple(0)])
    listed = manifest_numbers(store.path)
    store.vacuum()
    monkeypatch.setattr("store.layout.tidy.manifest_numbers", lambda root: listed)
    assert [manifest.number for manifest in store.history()] == [1]


def test_a_store_goes_on_after_its_snapshot_was_closed(store: Store) -> None:
    store.insert([_triple(1)])
    with store.snapshot() as closed:
        assert not closed.closed
    assert closed.closed
    held = store.snapshot()
    assert not held.closed
    Store.open(store.path).insert([_triple(2)])
    assert Store.open(store.path).vacuum().pinned == (1,)


def test_verify_reads_the_live_manifest_again(store: Store) -> None:
    store.insert([_triple(1)])
    assert store.snapshot().number == 1
    path = store.path / "manifests" / "000001.json"
    path.write_text(path.read_text().replace("insert", "inserT"))
    with pytest.raises(StoreError, match=r"000001\.json"):
        store.verify()


def test_a_snapshot_is_given_while_another_thread_removes_old_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert([_triple(1)])
    held = store.snapshot()

    def vacuuming(root: Path) -> int:
        monkeypatch.undo()
        store.vacuum()
        return current_number(root)

    monkeypatch.setattr("store.store.current_number", vacuuming)
    assert store.snapshot() is held


def test_a_snapshot_that_cannot_be_locked_is_not_said_to_be_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", lacking)
    with pytest.raises(StoreError, match=r"cannot be opened.*No locks available"):
        store.snapshot()
