"""Options out of range, files that errors name, and JSON for machines in every case."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Geoloom


@pytest.mark.parametrize(
    "words",
    [
        ("query", "s", "ASK {}", "--timeout", "0"),
        ("query", "s", "ASK {}", "--timeout", "-1"),
        ("map", "m.ttl", "-o", "x.nt", "--sample", "-3"),
        ("serve", "s", "--port", "99999"),
        ("query", "s", "--nope"),
    ],
)
def test_wrong_usage_is_json_where_asked(geoloom: Geoloom, words: tuple[str, ...]) -> None:
    ran = geoloom(*words)
    assert ran.code == 2
    told = geoloom(*words, "--json") if words[0] != "serve" else None
    if told is not None:
        assert told.code == 2
        assert json.loads(told.err)["error"] == "wrong-usage"


def test_only_ntriples(geoloom: Geoloom, tmp_path: Path) -> None:
    ran = geoloom("map", "m.ttl", "-o", tmp_path / "x.csv")
    assert ran.code == 2
    assert ".gz" in ran.err


def test_tables_of_a_store_that_is_there(geoloom: Geoloom, tmp_path: Path) -> None:
    rows = tmp_path / "rows.nt"
    rows.write_text("<http://ex/a> <http://ex/p> <http://ex/b> .\n")
    store = tmp_path / "store"
    assert geoloom("load", store, "--tables", "never", rows).code == 0
    assert geoloom("load", store, "--tables", "never", rows).code == 0
    assert geoloom("load", store, rows).code == 0
    ran = geoloom("load", store, "--tables", "always", rows)
    assert ran.code == 2
    assert str(store) in ran.err
    assert "made with --tables never, always was asked for" in ran.err


@pytest.mark.parametrize("verb", ["query", "update"])
def test_a_syntax_error_names_its_file(
    geoloom: Geoloom, store: Path, tmp_path: Path, verb: str
) -> None:
    file = tmp_path / "bad.rq"
    file.write_text("SELECT WHERE\n", encoding="utf-8")
    ran = geoloom(verb, store, "-f", file)
    assert ran.code == 1
    assert f"{file}, line 1" in ran.err


def test_graph_as_json(geoloom: Geoloom, store: Path) -> None:
    ran = geoloom("query", store, "CONSTRUCT WHERE { ?s a ?t } LIMIT 1", "--json")
    assert ran.code == 0
    assert isinstance(json.loads(ran.out), list)


def test_a_folder_that_was_there_stays(geoloom: Geoloom, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    assert geoloom("load", folder, tmp_path / "gone.nt").code == 1
    assert folder.is_dir()
    assert not any(folder.iterdir())


def test_report_that_cannot_be_written(geoloom: Geoloom, store: Path, tmp_path: Path) -> None:
    ran = geoloom("validate", store, "--html", tmp_path / "no" / "x.html")
    assert ran.code == 1
    assert "Cannot write the file" in ran.err


def test_port_in_use(geoloom: Geoloom, store: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = geoloom("serve", store, "--port", str(port))
    assert ran.code == 1
    assert "Cannot listen on this address" in ran.err
    assert f"127.0.0.1:{port}" in ran.err


def test_broken_xml_is_one_paragraph(geoloom: Geoloom, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "g.rdf"
    file.write_text("garbage\n", encoding="utf-8")
    ran = geoloom("load", store, file)
    assert ran.code == 1
    assert str(file) in ran.paragraph()
    assert "None" not in ran.err


@pytest.mark.parametrize(
    "outputs",
    [("-o", "in.csv"), ("--vocabulary", "in.csv"), ("-o", "a.ttl", "--vocabulary", "a.ttl")],
)
def test_generate_writes_over_nothing(
    geoloom: Geoloom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outputs: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("id,v\n1,a\n")
    ran = geoloom("mapping", "generate", tmp_path / "in.csv", *outputs)
    assert ran.code == 2
    assert "overwrite" in ran.err
    assert (tmp_path / "in.csv").read_text() == "id,v\n1,a\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]
