"""Options and parameters that say what is inferred: commands, HTTP, workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from endpoint import Settings, create_app
from store import Inference, Store, WorkerPool
from tests.cli.conftest import Geoloom

X = "http://example.org/"
PAIRS = "SELECT * { ?a geo:sfEquals ?b }"
FEATURES = "SELECT * { ?f a geo:Feature }"
DIMENSIONS = "SELECT * { ?g geo:dimension ?n }"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    made = Store.create(tmp_path / "s")
    made.update(
        f"""PREFIX : <{X}> INSERT DATA {{ :f geo:hasGeometry :g ; geo:sfEquals :other .
        :g geo:asWKT "POINT (1 2)"^^geo:wktLiteral }}"""
    )
    return made.path


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        (PAIRS, (), 5),
        (PAIRS, ("--topology", "computed"), 4),
        (PAIRS, ("--topology", "asserted"), 1),
        (DIMENSIONS, (), 1),
        (DIMENSIONS, ("--properties", "asserted"), 0),
        (FEATURES, (), 0),
        (FEATURES, ("--classes",), 1),
    ],
)
def test_query(
    geoloom: Geoloom, store: Path, text: str, options: tuple[str, ...], rows: int
) -> None:
    ran = geoloom("query", store, text, "--json", *options)
    assert len(json.loads(ran.out)["results"]["bindings"]) == rows


def test_explain_and_update(geoloom: Geoloom, store: Path) -> None:
    told = geoloom("query", store, PAIRS, "--explain").out
    assert "?a geo:sfEquals ?b: computed from geometries" in told
    text = f"INSERT {{ ?a <{X}same> ?b }} WHERE {{ ?a geo:sfEquals ?b }}"
    ran = geoloom("update", store, text, "--topology", "asserted")
    assert ran.out == "1 triples inserted, 0 deleted\n"
    assert geoloom("update", store, text).out == "4 triples inserted, 0 deleted\n"


@pytest.mark.parametrize("verb", ["query", "update", "serve"])
def test_an_unknown_value_is_one_clear_error(geoloom: Geoloom, store: Path, verb: str) -> None:
    text = () if verb == "serve" else ("ASK {}",)
    ran = geoloom(verb, store, *text, "--topology", "all")
    assert ran.code == 2
    assert "--topology" in ran.err


def test_over_http(store: Path) -> None:
    settings = Settings(workers=0, inference=Inference(topology="asserted"))
    client = create_app(Store.open(store), settings=settings).test_client()
    for parameters, rows in (
        ({}, 1),
        ({"topology": "both"}, 5),
        ({"topology": "computed", "classes": "1"}, 4),
    ):
        answer = client.get("/sparql", query_string={"query": PAIRS, **parameters})
        assert len(answer.get_json(force=True)["results"]["bindings"]) == rows
    for wrong in ({"topology": "all"}, {"classes": "yes"}):
        assert client.get("/sparql", query_string={"query": PAIRS, **wrong}).status_code == 400


def test_in_workers(store: Path) -> None:
    with WorkerPool(Store.open(store), workers=1) as pool:
        pool.wait()
        asked = Inference(topology="computed")
        assert len(pool.query(PAIRS, timeout=60, inference=asked)) == 4
