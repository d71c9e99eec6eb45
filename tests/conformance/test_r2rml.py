"""The W3C R2RML cases (D000 to D026), over SQLite and over a PostgreSQL server of their own.

A mapping without an expected file must end in an error and leave nothing. Where the suite has two
answers for a case (``-modified`` writes doubles without exponent), ours is the recommendation's.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError
from tests.conformance.judge import judge
from tests.conformance.suites import require
from tests.mapper.databases.postgresql import Cluster, cluster

ROOT = require("conformance/rml") / "r2rml"
BASE: Final = "http://example.com/base/"

Maker = Callable[[Path], str]
"""Makes the database of a folder of cases; gives its URL."""


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as found:
        yield found


def test_sqlite(tmp_path: Path) -> None:
    def make(folder: Path) -> str:
        file = tmp_path / f"{folder.name}.sqlite"
        with sqlite3.connect(file) as connection:
            connection.executescript(for_sqlite((folder / "create.sql").read_text()))
        connection.close()
        return f"sqlite:///{file}"

    judge("r2rml", outcomes(make, tmp_path))


@pytest.mark.slow
def test_postgresql(server: Cluster, tmp_path: Path) -> None:
    def make(folder: Path) -> str:
        return server.script(
            folder.name.lower(), for_postgresql((folder / "create.sql").read_text())
        )

    judge("r2rml-postgresql", outcomes(make, tmp_path))


def outcomes(make: Maker, folder: Path) -> dict[str, str | None]:
    """What is wrong with each case, by its name."""
    found: dict[str, str | None] = {}
    for case in sorted(ROOT.glob("D*")):
        mappings = sorted(case.glob("r2rml*.ttl"))
        url = make(case) if mappings else ""
        for mapping in mappings:
            out = folder / f"{case.name}{mapping.stem}.nq"
            expected = case / f"{mapping.stem.replace('r2rml', 'mapped')}.nq"
            found[f"{case.name}/{mapping.name}"] = _wrong(mapping, url, out, expected)
    assert len(found) == 64
    return found


def _wrong(mapping: Path, url: str, out: Path, expected: Path) -> str | None:
    try:
        plan = load_mapping(mapping, base_iri=BASE)
        run_mapping(plan, NTriplesSink(out), on_bad="fail", database=url)
    except GeoloomError as error:
        if out.exists():
            return f"there is output in spite of {error}"
        return f"{type(error).__name__}: {error}" if expected.exists() else None
    if not expected.exists():
        return "an error was expected"
    return None if _dataset(out) == _dataset(expected) else out.read_text()


def _dataset(path: Path) -> Dataset:
    quads = Dataset(parse(path.read_bytes(), format=RdfFormat.N_QUADS, lenient=True))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads


def for_sqlite(script: str) -> str:
    """SQLite wants constraints after columns, and cannot add foreign keys later."""
    script = re.sub(r"ALTER TABLE [^;]*;", "", script)
    return re.sub(r"CREATE TABLE[^;]*;", _constraints_last, script)


def _constraints_last(statement: re.Match[str]) -> str:
    head, _, body = statement[0].partition("(")
    body = re.sub(r"--[^\n]*", "", body)
    parts = re.split(r",(?![^()]*\))", body.rstrip().rstrip(";").rstrip().removesuffix(")"))
    words = ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY")
    last = [part for part in parts if part.strip().startswith(words)]
    first = [part for part in parts if part not in last]
    return f"{head}({','.join(first + last)});"


def for_postgresql(script: str) -> str:
    """PostgreSQL has another name and another literal for bytes."""
    script = re.sub(r"VARBINARY\(\d+\)", "BYTEA", script)
    return re.sub(r"X'([0-9A-Fa-f]+)'", r"'\\x\1'", script)
