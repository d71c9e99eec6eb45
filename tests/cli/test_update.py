"""``geoloom update`` with LOAD, and ``geoloom history``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Geoloom


def test_load_needs_a_place_that_is_allowed(geoloom: Geoloom, tmp_path: Path) -> None:
    store, data = tmp_path / "s", tmp_path / "data.nt"
    data.write_text('<http://a> <http://p> "x" .\n<http://a> <http://q> <http://b> .\n')
    assert geoloom("load", store, data).code == 0
    text = f"LOAD <{data.as_uri()}> INTO GRAPH <http://g>"
    ran = geoloom("update", store, text)
    assert ran.code == 2
    assert "--allow-load" in ran.paragraph()
    ran = geoloom("update", store, text, "--allow-load", tmp_path)
    assert ran.out == "2 triples inserted, 0 deleted\n"
    listed = json.loads(geoloom("history", store, "--json").out)
    assert [(one["number"], one["triples"]) for one in listed] == [(2, 4), (1, 2), (0, 0)]
    assert "load data.nt" in geoloom("history", store).out
    asked = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    for number, rows in ((1, 0), (2, 2)):
        answer = geoloom("query", store, asked, "--as-of", number, "--json").out
        assert len(json.loads(answer)["results"]["bindings"]) == rows
