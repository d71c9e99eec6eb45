from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyoxigraph as ox
import pytest

import geoloom
from ontology import IRI, EntityBatch, Lane, Property, StoreError, TermColumn, UsageError
from store import Store
from store.layout.lock import WriterLock
from tests.store.layout.moments import Moments
from tests.store.layout.processes import another_process

Write = Callable[[str, str], Path]
Quads = Callable[[Store], set[ox.Quad]]
OLD = "<http://old> <http://p> 1 . <http://old> <http://q> 'a', 'b', <http://c> ."
NEW = "<http://new> <http://p> 2, 3.5 . <http://old> <http://q> 'c' ."


def _batch(value: int) -> EntityBatch:
    column = TermColumn(Lane.INTEGER, pa.array([value], pa.int64()))
    return EntityBatch(pa.array(["http://s"]), (Property("http://p", column),))


def _change(store: Store, kind: str, file: Path) -> None:
    if kind == "load":
        store.load(file)
    elif kind == "update":
        store.update(
            "DELETE { ?s ?p ?o } INSERT { ?s <http://q> ?o } WHERE { ?s ?p ?o } ;"
            f" LOAD <{file.as_uri()}> INTO GRAPH <http://g> ; COPY <http://g> TO <http://h> ;"
            " DROP GRAPH <http://g>",
            load_from=[file],
        )
    elif kind == "compact":
        store.compact()
    else:
        store.vacuum()


@pytest.mark.parametrize("kind", ["load", "update", "compact", "vacuum"])
def test_stopped_at_any_step_leaves_old_or_new(
    store: Store, write: Write, quads_of: Quads, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store.load(write("old.ttl", "<http://old> <http://p> 1 , 2 ."))
    store.load(write("more.ttl", "<http://old> <http://p> 7 ."))
    store.update("DELETE DATA { <http://old> <http://p> 2 }")
    old, before = quads_of(store), store.snapshot().manifest
    more = write("new.ttl", "<http://new> <http://p> 2 .")
    moments = Moments(store.path)
    with moments.recorded(monkeypatch):
        _change(Store.open(store.path), kind, more)
    after = store.snapshot().manifest
    assert (quads_of(store) == old) == (kind in ("compact", "vacuum"))
    found = []
    for root in moments.copies:
        survivor = Store.open(root)
        assert survivor.verify().ok, root
        found.append(survivor.snapshot().manifest)
    assert {manifest.number for manifest in found} == {before.number, after.number}
    assert all(manifest in (before, after) for manifest in found)
    assert len(found) > 3
    for root in moments.copies[:: len(found) // 2]:
        _heal(Store.open(root), more)


def _heal(damaged: Store, more: Path) -> None:
    """Write to a store that was left so, and have what it left removed."""
    damaged.load(more)
    damaged.vacuum()
    assert damaged.verify().ok
    on_disk = set(damaged.path.rglob("*.parquet"))
    assert on_disk == {damaged.path / f.path for f in damaged.snapshot().manifest.files}
    assert not list(damaged.path.glob("tmp-*"))


@pytest.mark.parametrize("harm", ["missing", "empty", "torn", "flipped"])
def test_verify_names_a_damaged_file(store: Store, write: Write, harm: str) -> None:
    store.load(write("old.ttl", OLD))
    path = store.path / store.snapshot().manifest.files[1].path
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"empty": b"", "torn": content[:-9], "flipped": flipped}[harm])
    report = Store.open(store.path).verify()
    assert [problem.file for problem in report.problems] == [str(path)]
    assert str(path) in str(report.problems[0])


@pytest.mark.parametrize("harm", ["missing", "torn"])
def test_whoever_needs_a_damaged_file_names_it(
    store: Store, write: Write, tmp_path: Path, harm: str
) -> None:
    store.load(write("old.ttl", OLD))
    for entry in store.snapshot().manifest.files:
        path = store.path / entry.path
        content = path.read_bytes()
        if harm == "missing":
            path.unlink()
        else:
            path.write_bytes(content[:20])
        again = Store.open(store.path)
        with pytest.raises(StoreError, match=r"missing or damaged") as caught:
            again.dump(tmp_path / "out.nt")
        assert caught.value.where == str(path)
        assert "verify" in (caught.value.remedy or "")
        path.write_bytes(content)
    assert store.verify().ok


def test_a_torn_dictionary_is_named_by_a_look_up(store: Store, write: Write) -> None:
    store.load(write("old.ttl", OLD))
    path = store.snapshot().dictionary[0]
    path.write_bytes(b"PAR1")
    with pytest.raises(StoreError, match=path.name):
        Store.open(store.path).snapshot().known(["http://old"])


def test_second_writer_waits_then_says_who_holds_the_lock(store: Store) -> None:
    with store.begin() as first:
        with pytest.raises(StoreError, match=rf"process {os.getpid()} \(this one\) still holds"):
            store.begin(lock_timeout_s=0.2)
        threading.Timer(0.3, first.abort).start()
        with store.begin(lock_timeout_s=20) as second:
            second.write(_batch(1))
    assert store.snapshot().manifest.triples == 1


def test_a_dead_process_does_not_keep_the_lock(store: Store) -> None:
    with another_process(lambda: WriterLock(store.path, 1)) as writer:
        with pytest.raises(StoreError, match=f"process {writer.number} still holds"):
            store.begin(lock_timeout_s=0.05)
        writer.kill()
        with store.begin(lock_timeout_s=0.1) as sink:
            sink.write(_batch(1))


def test_lost_update_is_refused(store: Store, write: Write, quads_of: Quads) -> None:
    sink = store.begin()
    sink.write(_batch(1))
    lock = store.path / "LOCK"
    lock.rename(lock.with_name("LOCK.moved"))
    other = Store.open(store.path)
    other.load(write("old.ttl", OLD))
    before = quads_of(other)
    with pytest.raises(StoreError, match="changed while this write was under way"):
        sink.commit()
    assert quads_of(Store.open(store.path)) == before


def test_not_a_store(tmp_path: Path, write: Write) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError, match="not a geoloom store") as caught:
            Store.open(folder)
        assert caught.value.remedy is not None
    write("something.txt", "")
    with pytest.raises(StoreError, match="new or empty folder"):
        Store.create(tmp_path)


def test_tables_are_one_of_three_choices(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="auto, always, never"):
        Store.create(tmp_path / "other", tables="sometimes")  # type: ignore[arg-type]
    assert not (tmp_path / "other").exists()


def test_tables_cannot_be_changed_later(store: Store) -> None:
    assert geoloom.create(store.path, exist_ok=True, tables="auto").path == store.path
    for opened in (Store.open, partial(geoloom.create, exist_ok=True)):
        with pytest.raises(UsageError, match="made with --tables auto, never was asked for"):
            opened(store.path, tables="never")


def test_there_is_a_store_already(store: Store) -> None:
    with pytest.raises(StoreError, match="There is a store already"):
        Store.create(store.path)


def test_a_path_with_wildcards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="wildcards"):
        Store.create(tmp_path / "a[1]")


def test_newer_format_asks_for_an_upgrade(store: Store) -> None:
    manifest = store.path / "manifests" / "000000.json"
    manifest.write_text(manifest.read_text().replace('"format": 3', '"format": 4'))
    with pytest.raises(StoreError, match="format 4, this version reads 1 and 2 and 3") as caught:
        Store.open(store.path)
    assert "upgrade" in (caught.value.remedy or "")


@pytest.mark.parametrize("text", ["", "{", "{}", '{"format": 1}', "[1]"])
def test_damaged_manifest_is_named(store: Store, text: str) -> None:
    manifest = store.path / "manifests" / "000000.json"
    manifest.write_text(text)
    with pytest.raises(StoreError, match=r"000000\.json"):
        Store.open(store.path)


@pytest.mark.parametrize("text", ["", "x"])
def test_damaged_current_is_named(store: Store, text: str) -> None:
    (store.path / "CURRENT").write_text(text)
    with pytest.raises(StoreError, match="CURRENT"):
        Store.open(store.path)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_full_disk_leaves_old_or_new_and_heals(
    store: Store, write: Write, quads_of: Quads, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    store.load(write("0.ttl", "<http://s> <http://p> 0 ."))
    real, left = getattr(os, name), 0

    def failing(*args: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(28, "No space left on device")
        return real(*args)

    monkeypatch.setattr(os, name, failing)
    step = 0
    for step in range(1, 30):
        more = write(f"{step}.ttl", f"<http://s> <http://p> {step} .")
        before, left = quads_of(store), step
        failure = ""
        try:
            store.load(more)
        except StoreError as error:
            failure = str(error)
        left = 0
        assert not failure or "No space left on device" in failure
        assert store.verify().ok
        after = quads_of(store)
        assert len(after - before) in (0, 1)
        store.load(more)
        assert len(quads_of(store)) == len(before) + 1, "the writer lock is free again"
        if not failure:
            break
    assert step > 1
    store.vacuum()
    used = {store.path / entry.path for entry in store.snapshot().manifest.files}
    assert set(store.path.rglob("*.parquet")) == used


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere; run the tests as a user")
def test_read_only_folder_reads_and_refuses_writes(
    store: Store, write: Write, quads_of: Quads
) -> None:
    store.load(write("old.ttl", OLD))
    folders = [store.path, *(path for path in store.path.rglob("*"))]
    modes = {path: path.stat().st_mode for path in folders}
    for path in folders:
        path.chmod(modes[path] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        again = Store.open(store.path)
        assert len(quads_of(again)) == 4
        assert again.verify().ok
        with pytest.raises(StoreError, match="cannot be written"):
            again.load(write("new.ttl", NEW))
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_read_only_is_reported_even_to_root(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refusing(path: str, flags: int, *rest: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(StoreError, match="Permission denied"):
        store.load(write("new.ttl", NEW))


def test_a_pin_is_a_lock_on_the_manifest(store: Store, write: Write) -> None:
    store.load(write("old.ttl", OLD))
    with (
        store.snapshot(1),
        (store.path / "manifests" / "000001.json").open() as handle,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_making_a_store_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = os.fsync, 0

    def failing(handle: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", failing)
    for step in range(1, 4):
        left, root = step, tmp_path / str(step)
        with pytest.raises(StoreError, match="No space left"):
            Store.create(root)
        assert not list(root.rglob("*.tmp"))
        assert Store.create(root).verify().ok, step


def test_a_store_made_twice_at_once_is_made_once(tmp_path: Path) -> None:
    root, refused = tmp_path / "s", []

    def make(number: int) -> None:
        try:
            Store.create(root).insert([(IRI("http://s"), IRI("http://p"), IRI("http://o"))])
        except StoreError as error:
            refused.append(error.what)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["There is a store already"] * 3
    assert Store.open(root).snapshot().manifest.triples == 1


def test_a_full_disk_without_a_lock_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(StoreError, match="cannot be written"):
            store.begin()
    store.begin(lock_timeout_s=0.1).abort()


def test_locks_that_the_system_lacks_are_no_other_writer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", lacking)
    with pytest.raises(StoreError, match="No locks available"):
        store.begin()


def test_a_folder_that_is_a_link_is_named(store: Store, write: Write, tmp_path: Path) -> None:
    store.load(write("old.ttl", OLD))
    (store.path / "lanes").rename(tmp_path / "elsewhere")
    (store.path / "lanes").symlink_to(tmp_path / "elsewhere")
    again = Store.open(store.path)
    with pytest.raises(StoreError, match="outside the store") as caught:
        again.query("SELECT * { ?s ?p ?o }").df()
    assert "link" in str(caught.value)
    assert {problem.reason for problem in again.verify().problems} == {
        "outside the store, behind a symbolic link"
    }
