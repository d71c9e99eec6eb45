"""geoloom map over databases: the example of docs/mapping-databases.md, and bad URLs."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Geoloom

PAGE = Path(__file__).parents[2] / "docs" / "mapping-databases.md"
SECTION = PAGE.read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", SECTION, re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect("farm.db")
    connection.executescript(BLOCKS["sql"])
    connection.close()
    Path("farm.r2rml.ttl").write_text(BLOCKS["turtle"], encoding="utf-8")
    return tmp_path


def test_the_page(geoloom: Geoloom, folder: Path) -> None:
    lines = BLOCKS["console"].splitlines()
    (command,) = (line for line in lines if line.startswith("$ geoloom"))
    ran = geoloom(*command.split()[2:])
    assert ran.code == 0, ran.err
    wanted = [line for line in lines if not line.startswith("$")]
    assert sorted((folder / "farm.nt").read_text(encoding="utf-8").splitlines()) == wanted


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (None, "which database it is in"),
        ("missing.db", "does not exist"),
        ("postgresql://ann:s3cret@127.0.0.1:9/farm", "cannot be opened"),
        ("oracle://ann:s3cret@host/farm", "not supported"),
    ],
)
def test_a_database_that_cannot_be_read(
    geoloom: Geoloom, folder: Path, url: str | None, what: str
) -> None:
    database = ["--database", url] if url else []
    ran = geoloom("map", "farm.r2rml.ttl", *database, "-o", "farm.nt")
    assert ran.code == 1
    assert what in ran.paragraph()
    assert "s3cret" not in ran.err
    assert not (folder / "farm.nt").exists()
