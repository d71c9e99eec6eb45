"""The KG-construction group's RML-IO cases: sources and logical targets."""

from __future__ import annotations

import csv
import gzip
import shutil
import sqlite3
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError
from tests.conformance.judge import judge
from tests.conformance.suites import require

ROOT = require("conformance/rml") / "rml-io" / "test-cases"

FORMATS: Final = {
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".ttl": RdfFormat.TURTLE,
    ".n3": RdfFormat.N3,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdfxml": RdfFormat.RDF_XML,
}


@pytest.mark.timeout(300)
@pytest.mark.standard("RML-IO: test cases")
def test_rml_io(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = sorted(p.parent for p in ROOT.glob("*/mapping.ttl"))
    assert len(cases) == 73
    outcomes = {}
    for case in cases:
        folder = tmp_path / case.name
        shutil.copytree(case, folder)
        for name in expected(case):
            (folder / name).unlink()
        monkeypatch.chdir(folder)
        outcomes[case.name] = wrong(case, folder)
    judge("rml-io", outcomes)


def wrong(case: Path, folder: Path) -> str | None:
    """What is wrong with the mapper's answer to a case, or None."""
    out, outputs = folder / "default.nq", expected(case)
    try:
        mapping = load_mapping(prepared(folder), base_iri="http://example.com/")
        run_mapping(mapping, NTriplesSink(out), base_dir=folder, on_bad="fail")
    except GeoloomError as error:
        if any((folder / name).exists() for name in ("default.nq", *outputs)):
            return f"there is output in spite of {error}"
        return f"{type(error).__name__}: {error}" if outputs else None
    if not outputs:
        return "an error was expected"
    for name in outputs:
        if not (folder / name).exists():
            return f"{name} was not written"
        if dataset(folder / name, case) != dataset(case / name, case):
            return f"{name}: {text(folder / name)!r}"
    return None


def prepared(folder: Path) -> Path:
    """Mapping of a case; the one with a database gets it, made from the CSV file beside it."""
    mapping, table = folder / "mapping.ttl", folder / "Friends.csv"
    text = mapping.read_text()
    if "$CONNECTIONDSN" in text:
        rows = csv.DictReader(table.read_text().splitlines())
        with closing(sqlite3.connect(folder / "friends.db")) as database, database:
            database.execute("CREATE TABLE Friends (id INTEGER, name TEXT, age INTEGER)")
            database.executemany("INSERT INTO Friends VALUES (:id, :name, :age)", rows)
        text = text.replace("$CONNECTIONDSN", f"sqlite:///{folder}/friends.db")
        mapping.write_text(text.replace("$USERNAME", "").replace("$PASSWORD", ""))
    return mapping


def expected(case: Path) -> list[str]:
    """Names of the files a case expects; one that expects an error may have a stray one."""
    if "**Error expected?** Yes" in (case / "README.md").read_text():
        return []
    return sorted(p.name for p in case.iterdir() if p.name.startswith(("default", "dump")))


def dataset(path: Path, case: Path) -> Dataset:
    suffix = next(end for end in path.suffixes if end in FORMATS)
    quads = Dataset(parse(text(path, case).encode(), format=FORMATS[suffix]))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads


def text(path: Path, case: Path | None = None) -> str:
    """Text of a file, unpacked by its name; the one case in UTF-16 is known by its mark."""
    data = unpacked(path)
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")


def unpacked(path: Path) -> bytes:
    match path.suffixes[-2:]:
        case [".nq", ".gz"]:
            return gzip.decompress(path.read_bytes())
        case [".nq", ".zip"]:
            with zipfile.ZipFile(path) as archive:
                return archive.read("dump1.nq")
        case [".tar", _]:
            with tarfile.open(path) as archive:
                member = archive.extractfile("dump1.nq")
                assert member is not None
                return member.read()
    return path.read_bytes()
