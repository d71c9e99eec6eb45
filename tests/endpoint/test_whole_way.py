"""The real store behind the real server, and a federation of two of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
import requests
from SPARQLWrapper import JSON as WRAPPER_JSON
from SPARQLWrapper import SPARQLWrapper

from endpoint import Settings, create_app, running, sample_batches, search, validate
from federation import Federation, Source
from ontology import CRS84
from store import Store

TOKEN = "a-token-for-this-test"
PREFIXES = """@prefix : <http://example.org/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LUCAS = "https://w3id.org/geoloom/codes/lucas2018-lc1/"
HCAT = "https://w3id.org/geoloom/codes/hcat3/"


def _square(west: float, south: float, size: float) -> str:
    east, north = west + size, south + size
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"POLYGON (({ring}))"


FIELDS = PREFIXES + "".join(
    f":{name} a gl:Observation ; gl:observedClass <{HCAT}{code}> ; "
    f'geo:hasGeometry [ geo:asWKT "{_square(west, 48, 0.001)}"^^geo:wktLiteral ] .\n'
    for name, code, west in (("w1", "3301010101", 14.0), ("m1", "3301010600", 14.01))
)
PRODUCT = f""":p a gl:Product ; gl:imageID "IMG" ;
  gl:acquired "2018-06-01T10:00:00Z"^^xsd:dateTime ;
  geo:hasGeometry [ geo:asWKT "{_square(13, 47, 2)}"^^geo:wktLiteral ] .
"""
SAMPLES = PREFIXES + "".join(
    f":{name} a gl:Sample ; gl:observedClass <{LUCAS}{code}> ; "
    f'geo:hasGeometry [ geo:asWKT "POINT ({x} 48.0005)"^^geo:wktLiteral ] .\n'
    for name, code, x in (("s1", "B11", 14.0005), ("s2", "B11", 14.0105), ("s3", "B16", 14.3))
)
GRAPHS = (
    "<http://example.org/g1> { <http://example.org/one> a <http://example.org/T> } "
    "<http://example.org/g2> { <http://example.org/two> a <http://example.org/T> }"
)


def _store(folder: Path, trig: str) -> Store:
    folder.mkdir()
    (folder / "data.trig").write_text(trig, encoding="utf-8")
    store = Store.create(folder / "store")
    store.load(folder / "data.trig")
    return store


@pytest.fixture(scope="module")
def whole(tmp_path_factory: Any) -> Store:
    return _store(tmp_path_factory.mktemp("whole") / "a", FIELDS + PRODUCT + SAMPLES + GRAPHS)


@pytest.fixture(scope="module")
def client(whole: Store) -> Any:
    return create_app(whole, settings=Settings(update_token=TOKEN)).test_client()


@pytest.fixture(scope="module")
def url(whole: Store) -> Iterator[str]:
    with running(whole) as address:
        yield address


def test_sparqlwrapper_asks_the_real_store(url: str) -> None:
    wrapper = SPARQLWrapper(url + "/sparql")
    wrapper.setQuery("SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/geoloom/ns#Sample> }")
    wrapper.setReturnFormat(WRAPPER_JSON)
    assert wrapper.queryAndConvert()["results"]["bindings"][0]["n"]["value"] == "3"


def test_rdflib_asks_the_real_store(url: str) -> None:
    graph = rdflib.Graph("SPARQLStore")
    graph.open(url + "/sparql")
    product = rdflib.URIRef("http://example.org/p")
    image = rdflib.URIRef("https://w3id.org/geoloom/ns#imageID")
    assert graph.value(product, image) == rdflib.Literal("IMG")


def test_geojson_and_csv_over_http(url: str) -> None:
    query = "SELECT ?s ?w WHERE { ?s <http://www.opengis.net/ont/geosparql#hasGeometry>/" + (
        "<http://www.opengis.net/ont/geosparql#asWKT> ?w FILTER(?s = <http://example.org/s1>) }"
    )
    got = requests.get(
        url + "/sparql",
        params={"query": query},
        headers={"Accept": "application/geo+json"},
        timeout=10,
    )
    (feature,) = got.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [14.0005, 48.0005]}
    table = requests.get(
        url + "/sparql", params={"query": query}, headers={"Accept": "text/csv"}, timeout=10
    )
    assert table.text.startswith("s,w\r\nhttp://example.org/s1,POINT (14.0005 48.0005)")


@pytest.mark.standard("SPARQL 1.1 Protocol 2.1.4")
def test_the_dataset_of_a_request_replaces_that_of_the_query(client: Any) -> None:
    union = "ASK { <http://example.org/one> a ?t . <http://example.org/two> a ?t }"
    graphs = [("default-graph-uri", f"http://example.org/g{n}") for n in (1, 2)]
    both = client.get("/sparql", query_string=[("query", union), *graphs])
    assert both.json["boolean"] is True
    one = client.get("/sparql", query_string=[("query", union), graphs[0]])
    assert one.json["boolean"] is False
    named = "ASK FROM <http://example.org/g9> { GRAPH ?g { <http://example.org/two> a ?t } }"
    for graph, expected in (("g1", False), ("g2", True)):
        over = [("query", named), ("named-graph-uri", f"http://example.org/{graph}")]
        assert client.get("/sparql", query_string=over).json["boolean"] is expected


def test_explain(client: Any) -> None:
    query = "SELECT * WHERE { ?s a <https://w3id.org/geoloom/ns#Sample> }"
    got = client.get("/explain", query_string={"query": query})
    assert got.content_type.startswith("text/plain")
    assert "SELECT" in got.text


def test_an_update_changes_what_the_next_query_sees(client: Any) -> None:
    ask = "ASK { <http://example.org/new> ?p ?o }"
    update = "INSERT DATA { <http://example.org/new> <http://example.org/p> 1 }"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/sparql", query_string={"query": ask}).json["boolean"] is False
    assert client.post("/sparql", data={"update": update}, headers=headers).status_code == 204
    assert client.get("/sparql", query_string={"query": ask}).json["boolean"] is True


def test_assessments_written_back_are_found_by_the_catalogue(whole: Store) -> None:
    assert search(whole, inconsistent_samples=True).total == 0
    report = validate(whole)
    assert report.summary().startswith(
        "3 samples: 1 agrees, 1 disagrees, 1 no feature, 0 no crosswalk; accuracy 50.0 %"
    )
    for _ in range(2):
        with whole.begin("validation") as sink:
            for batch in report.to_batches():
                sink.write(batch)
            sink.commit()
    (item,) = search(whole, inconsistent_samples=True).items
    assert item.image_id == "IMG"
    assert item.reasons == ("1 ground sample disagrees with the map inside it.",)


def test_validation_across_two_stores(tmp_path: Path) -> None:
    fields = _store(tmp_path / "fields", FIELDS)
    samples = _store(tmp_path / "samples", SAMPLES)
    with running(samples) as address:
        federation = Federation([Source("samples", endpoint=address + "/sparql")], store=fields)
        report = validate(federation)
        alone = create_app(fields, federation=federation).test_client()
        over_http = alone.post("/validation", json={})
    described, shapes = sample_batches(report, known=frozenset({"http://example.org/s1"}))
    assert described.subjects.to_pylist() == ["http://example.org/s2", "http://example.org/s3"]
    assert shapes.properties[0].objects.crs == CRS84
    assert report.complete
    assert [entry.outcome.words for entry in report.assessments] == [
        "agrees",
        "disagrees",
        "no feature",
    ]
    assert over_http.json["complete"] is True
    assert over_http.json["rules"]["nearest"]["counts"]["agrees"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 4000 + "}" * 4000,
        "SELECT * WHERE { ?s ?p ?o FILTER(" + "(" * 8000 + "1" + ")" * 8000 + ") }",
        "ASK { ?s " + "(" * 4000 + "<http://e/p>" + ")*" * 4000 + " ?o }",
        "ASK { <http://e/\u0000> ?p ?o }",
        "ASK { ?s ?p '''" + "x" * 100,
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { ?s ?p ?o } ; DROP ALL",
        "INSERT DATA { <http://e/a> <http://e/b> 1 }",
    ],
)
def test_hostile_queries_are_refused_and_the_server_lives(url: str, text: str) -> None:
    answer = requests.post(
        url + "/sparql",
        data=text.encode(),
        headers={"Content-Type": "application/sparql-query"},
        timeout=10,
    )
    assert answer.status_code in (400, 403, 501), answer.text[:300]
    assert answer.json()["title"]
    health = requests.get(url + "/health", timeout=5)
    assert health.status_code == 200
    assert health.json()["seconds"] < 1


def test_the_deadline_holds(url: str) -> None:
    product = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(7))
    answer = requests.get(
        url + "/sparql",
        params={"query": f"SELECT (COUNT(*) AS ?n) WHERE {{ {product} }}", "timeout": "0.3"},
        timeout=10,
    )
    assert answer.status_code == 504
    assert answer.elapsed.total_seconds() < 3
    assert requests.get(url + "/health", timeout=5).status_code == 200
