"""Altered, truncated, removed and foreign files: verify names them, queries that need them fail."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from geoloom.cli.app import main
from ontology import StoreError
from store import Store

Quads = Callable[[Store], set[ox.Quad]]

DATA = """PREFIX x: <http://x/> INSERT DATA { x:a x:number 1, 2, 3 ; x:name 'one' ; x:knows x:b .
GRAPH x:g { x:a x:number 4 } }"""
NUMBERS = "SELECT ?n { ?s <http://x/number> ?n } ORDER BY ?n"
NAMES = "SELECT ?n { ?s <http://x/name> ?n }"
NODES = "SELECT ?s { ?s <http://x/name> ?n }"
ASKED = {"number": NUMBERS, "name": NAMES, "knows": "SELECT ?o { ?s <http://x/knows> ?o }"}


def _file(store: Store, part: str) -> Path:
    return next(store.path / f.path for f in store.snapshot().manifest.files if part in f.path)


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x41
    path.write_bytes(content)


HARMS: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: os.truncate(path, path.stat().st_size - 7),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "a byte": lambda path: _flip(path, path.stat().st_size // 2),
    "first bytes": lambda path: _flip(path, 5),
    "footer": lambda path: _flip(path, path.stat().st_size - 20),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def test_whoever_needs_it_fails_and_nobody_else(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.update(DATA)
    for number, (harm, harming) in enumerate(HARMS.items()):
        part, needing = list(ASKED.items())[number % len(ASKED)]
        path = _file(store, f"/{part}-")
        kept = path.with_suffix(".kept")
        shutil.copy2(path, kept)
        harming(path)
        for reader in (store, Store.open(store.path)):
            with pytest.raises(StoreError, match="missing or damaged") as caught:
                reader.query(needing)
            assert caught.value.where == str(path), harm
            for other in ASKED.values():
                assert other is needing or len(reader.query(other)) > 0
        assert [problem.file for problem in store.verify().problems] == [str(path)], harm
        with pytest.raises(SystemExit) as left:
            main(["verify", str(store.path)])
        assert left.value.code == 1
        assert path.name in capsys.readouterr().err.replace("\n", "")
        if path.is_dir():
            path.rmdir()
        kept.replace(path)
    assert store.verify().ok


def test_a_damaged_dictionary_matters_to_who_reads_it(store: Store) -> None:
    store.update(DATA)
    reader = Store.open(store.path)
    assert len(reader.query(NODES)) == 1
    _flip(_file(store, "terms/"), 200)
    with pytest.raises(StoreError, match=r"terms/.*SHA-256 differs"):
        reader.query(NODES)
    with pytest.raises(StoreError, match=r"terms/.*SHA-256 differs"):
        Store.open(store.path).query("ASK { <http://x/b> ?p ?o }")
    assert len(Store.open(store.path).query(NUMBERS)) == 3


def test_damage_is_not_written_on(store: Store) -> None:
    """Rows of a damaged file must not come back under a new, fitting SHA-256."""
    store.update(DATA)
    path = _file(store, "/number-")
    _flip(path, path.stat().st_size // 3)
    for change in (
        "DELETE DATA { <http://x/a> <http://x/number> 1 }",
        "INSERT DATA { <http://x/b> <http://x/number> 1 }",
        "CLEAR GRAPH <http://x/g>",
        "COPY <http://x/g> TO <http://x/h>",
    ):
        with pytest.raises(StoreError, match="SHA-256 differs"):
            Store.open(store.path).update(change)
    store.insert([])
    with pytest.raises(StoreError, match="SHA-256 differs"):
        Store.open(store.path).dump(store.path.with_name("out.nq"))
    assert store.snapshot().number == 1


def test_a_copied_store_is_whole(store: Store, quads_of: Quads) -> None:
    store.update(DATA)
    place = store.path.with_name("copy")
    copy = Store.open(shutil.copytree(store.path, place, copy_function=shutil.copyfile))
    assert len(copy.query(NUMBERS)) == 3
    assert copy.verify().ok
    assert quads_of(copy) == quads_of(store)


def test_every_byte_of_a_manifest_counts(store: Store) -> None:
    store.update(DATA)
    path = store.path / "manifests" / "000001.json"
    content = path.read_bytes()
    for at in range(0, len(content), 41):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(StoreError, match=r"000001\.json"):
            Store.open(store.path)
    path.write_bytes(content[:-1])
    with pytest.raises(StoreError, match="SHA-256 differs"):
        Store.open(store.path)
    path.write_bytes(content)
    assert store.verify().ok


def _forge(store: Store, change: Callable[[dict[str, Any]], object]) -> None:
    """Alter the live manifest and give it a digest that fits."""
    path = store.path / "manifests" / f"{store.snapshot().number:06d}.json"
    document = json.loads(path.read_text())
    change(document)
    if "digest" in document:
        document["digest"] = "0" * 64
    text = json.dumps(document)
    digest = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(text.replace("0" * 64, digest, 1))


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "lanes/../../secret.parquet",
        "lanes/./x.parquet",
        "lanes/*.parquet",
        "lanes//x.parquet",
        "lanes/x.csv",
        "terms/x\n.parquet",
        "https://example.org/x.parquet",
        "",
        7,
        None,
    ],
)
def test_a_manifest_cannot_lead_out_of_the_store(store: Store, name: object) -> None:
    store.update(DATA)
    for files in (lambda d: d["terms"], lambda d: d["lanes"][0]["files"]):
        _forge(store, lambda d, files=files: files(d)[0].update(path=name))
        with pytest.raises(StoreError, match="no file of a store"):
            Store.open(store.path)


@pytest.mark.parametrize(
    "change",
    [
        {"lanes": None},
        {"lanes": {}},
        {"lanes": ["x"]},
        {"lanes": [{"key": 1}]},
        {"terms": [[]]},
        {"terms": 1},
        {"graphs": "http://g"},
        {"graphs": [1]},
        {"prefixes": []},
        {"number": 9},
        {"number": "1"},
        {"seed": 1},
        {"created": 5},
        {"unknown": 1},
        {"notes": "x"},
    ],
)
def test_a_manifest_of_the_wrong_shape_is_damaged(store: Store, change: dict[str, Any]) -> None:
    store.update(DATA)
    _forge(store, lambda document: document.update(change))
    with pytest.raises(StoreError, match="missing or damaged") as caught:
        Store.open(store.path)
    assert "000001.json" in (caught.value.where or "")


def test_deep_or_endless_json_is_damaged(store: Store) -> None:
    (store.path / "manifests" / "000000.json").write_text('{"format": 1, "lanes": ' + "[" * 200_000)
    with pytest.raises(StoreError, match="missing or damaged"):
        Store.open(store.path)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.0", "2 b7e7d4f5", "1 00000000", "1 x y", "9" * 5000, "é"]
)
def test_a_damaged_current_says_what_to_write(store: Store, text: str) -> None:
    store.update(DATA)
    current = store.path / "CURRENT"
    current.write_text(text)
    with pytest.raises(StoreError, match="missing or damaged") as caught:
        Store.open(store.path)
    assert caught.value.where == str(current)
    assert "the newest here is 1" in (caught.value.remedy or "")
    current.write_text("1")
    assert Store.open(store.path).snapshot().number == 1


def test_current_of_a_snapshot_that_is_not_there(store: Store) -> None:
    store.update(DATA)
    (store.path / "CURRENT").write_text("7\n")
    with pytest.raises(StoreError, match=r"000007\.json"):
        Store.open(store.path)


def test_older_snapshots_are_verified_too(store: Store) -> None:
    store.update(DATA)
    path = _file(store, "/name-")
    store.update("DELETE WHERE { ?s <http://x/name> ?o }")
    assert store.verify().snapshots == 3
    _flip(path, 9)
    assert [problem.file for problem in store.verify().problems] == [str(path)]
    with pytest.raises(StoreError, match="SHA-256 differs"):
        store.query(NAMES, as_of=1)
    (store.path / "manifests" / "000001.json").write_text("{}")
    (problem,) = Store.open(store.path).verify().problems
    assert problem.file.endswith("000001.json")
    assert "format" in problem.reason


def test_files_of_no_snapshot_are_told_but_harmless(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.update(DATA)
    strays = ["lanes/stray.parquet", "terms/x.parquet", "manifests/000002.json", "note.txt"]
    for name in strays:
        (store.path / name).write_text("{}")
    report = store.verify()
    assert report.ok
    assert {str(store.path / name) for name in strays} == set(report.extra)
    with pytest.raises(SystemExit) as left:
        main(["verify", str(store.path)])
    assert not left.value.code
    assert "note.txt" in capsys.readouterr().out
    store.vacuum()
    assert store.verify().extra == (str(store.path / "note.txt"),)
