from __future__ import annotations

import io
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import rdflib
import requests
from SPARQLWrapper import CSV as WRAPPER_CSV
from SPARQLWrapper import JSON as WRAPPER_JSON
from SPARQLWrapper import POST, POSTDIRECTLY, SPARQLWrapper

from endpoint import Settings, create_app, running
from ontology import DeadlineError, GeoloomError, RemoteError, UnsupportedError
from store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORM = "application/x-www-form-urlencoded"
ASK = "ASK { <http://example.org/a> ?p ?o }"
SELECT = "SELECT ?name WHERE { <http://example.org/a> <http://example.org/name> ?name }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@pytest.mark.standard("SPARQL 1.1 Protocol 2.1.1")
def test_query_via_get(client: Any) -> None:
    answer = client.get("/sparql", query_string={"query": ASK})
    assert answer.status_code == 200
    assert answer.json["boolean"] is True
    assert answer.content_type == "application/sparql-results+json"


@pytest.mark.standard("SPARQL 1.1 Protocol 2.1.2")
def test_query_via_form(client: Any) -> None:
    answer = client.post("/sparql/", data={"query": SELECT})
    assert answer.json["results"]["bindings"] == [{"name": {"type": "literal", "value": "Wien"}}]


@pytest.mark.standard("SPARQL 1.1 Protocol 2.1.3")
def test_query_via_direct_post(client: Any) -> None:
    answer = client.post(
        "/sparql", data=ASK, content_type="application/sparql-query; charset=utf-8"
    )
    assert answer.json["boolean"] is True


@pytest.mark.standard("SPARQL 1.1 Protocol 2.1.4")
@pytest.mark.parametrize("direct", [False, True])
def test_dataset_of_the_request(client: Any, direct: bool) -> None:
    union = "ASK { <http://example.org/one> a ?t . <http://example.org/two> a ?t }"
    graphs = [("default-graph-uri", f"http://example.org/g{n}") for n in (1, 2)]
    if direct:
        url = "/sparql?" + "&".join(f"{key}={quote(value)}" for key, value in graphs)
        answer = client.post(url, data=union, content_type="application/sparql-query")
    else:
        answer = client.get("/sparql", query_string=[("query", union), *graphs])
    assert answer.json["boolean"] is True
    assert client.get("/sparql", query_string={"query": union}).json["boolean"] is False
    named = "ASK { GRAPH ?g { <http://example.org/two> a ?t } }"
    only_g1 = [("query", named), ("named-graph-uri", "http://example.org/g1")]
    assert client.get("/sparql", query_string=only_g1).json["boolean"] is False


@pytest.mark.parametrize(
    ("accept", "text", "expected"),
    [
        (None, SELECT, "application/sparql-results+json"),
        ("*/*", SELECT, "application/sparql-results+json"),
        ("application/json", SELECT, "application/json"),
        ("application/sparql-results+xml", SELECT, "application/sparql-results+xml"),
        ("text/csv", SELECT, "text/csv; charset=utf-8"),
        ("text/tab-separated-values", SELECT, "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.9", SELECT, "text/tab-separated-values"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", ASK, "application/sparql-results+json"),
        ("application/sparql-results+xml", ASK, "application/sparql-results+xml"),
        (None, CONSTRUCT, "text/turtle; charset=utf-8"),
        ("application/n-triples", CONSTRUCT, "application/n-triples"),
        ("application/rdf+xml", CONSTRUCT, "application/rdf+xml"),
        ("application/ld+json", CONSTRUCT, "application/ld+json"),
    ],
)
def test_content_negotiation(client: Any, accept: str | None, text: str, expected: str) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = client.get("/sparql", query_string={"query": text}, headers=headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith(expected)
    assert answer.headers["Vary"] == "Accept"
    assert answer.data


@pytest.mark.parametrize(
    ("accept", "text"),
    [("image/png", SELECT), ("text/csv", ASK), ("text/csv", CONSTRUCT), ("text/turtle", SELECT)],
)
def test_nothing_acceptable_is_406(client: Any, accept: str, text: str) -> None:
    answer = client.get("/sparql", query_string={"query": text}, headers={"Accept": accept})
    assert answer.status_code == 406
    assert "accept one of" in answer.json["try"]


@pytest.mark.parametrize("accept", ["text/csv;q=nan", "a/b," * 3000, ";;;", "text/csv;q=\u0661"])
def test_odd_accept_headers_are_no_server_errors(client: Any, accept: str) -> None:
    headers = {"Accept": accept.encode().decode("latin-1")}
    answer = client.get("/sparql", query_string={"query": SELECT}, headers=headers)
    assert answer.status_code in (200, 406)


def test_unacceptable_is_refused_before_the_query_runs(client: Any, oxigraph: Any) -> None:
    client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "image/png"})
    assert oxigraph.asked == []


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"query_string": [("query", ASK), ("query", ASK)]}, 400),
        ({"query_string": {"default-graph-uri": "http://example.org/g1"}}, 400),
        ({"query_string": {"query": "ASK {"}}, 400),
        ({"query_string": {"query": ""}}, 400),
        ({"query_string": {"update": "CLEAR ALL"}}, 400),
        ({"query_string": {"query": ASK, "default-graph-uri": "no iri"}}, 400),
        ({"query_string": {"query": ASK, "default-graph-uri": "relative"}}, 400),
        ({"query_string": "query=ASK%20%7B%7D%20%23%ff"}, 400),
        ({"query_string": {"query": ASK, "timeout": "nan"}}, 400),
        ({"query_string": {"query": ASK, "timeout": "-1"}}, 400),
        ({"method": "PUT", "query_string": {"query": ASK}}, 405),
        ({"method": "DELETE", "query_string": {"query": ASK}}, 405),
        ({"method": "POST", "data": ASK, "content_type": "text/plain"}, 415),
        ({"method": "POST", "data": ASK}, 415),
        ({"method": "POST", "data": "query=ASK%7B%7D"}, 415),
        (
            {
                "method": "POST",
                "data": ASK.encode("utf-16"),
                "content_type": "application/sparql-query; charset=UTF-16",
            },
            415,
        ),
        (
            {"method": "POST", "data": b"ASK {} #\xff", "content_type": "application/sparql-query"},
            400,
        ),
        ({"method": "POST", "data": b"query=\xff", "content_type": FORM}, 400),
        ({"method": "POST", "data": b"query=%c0%af", "content_type": FORM}, 400),
        ({"method": "POST", "data": b"", "content_type": FORM}, 400),
        ({"method": "POST", "data": {"query": ASK, "update": "CLEAR ALL"}}, 400),
        ({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403),
        (
            {"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"},
            403,
        ),
        ({"query_string": {"query": ASK + " " * 20_000}}, 413),
    ],
)
def test_bad_requests(client: Any, arguments: dict[str, Any], status: int) -> None:
    answer = client.open("/sparql", **arguments)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "detail", "status", "what", "where", "why", "try"}
    assert answer.json["status"] == status


def test_405_names_the_methods(client: Any) -> None:
    assert client.put("/sparql").headers["Allow"] == "GET, HEAD, POST"


def test_too_large_a_body_is_413(oxigraph: Any) -> None:
    client = create_app(oxigraph, settings=Settings(max_body_bytes=1000)).test_client()
    answer = client.post("/sparql", data="A" * 1001, content_type="application/sparql-query")
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_people_get_html_and_it_is_escaped(client: Any) -> None:
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    evil = {"query": ASK, "default-graph-uri": "<script>alert(1)</script>"}
    answer = client.get("/sparql", query_string=evil, headers=headers)
    assert answer.status_code == 400
    assert answer.content_type.startswith("text/html")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def query(self, text: str, **options: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DeadlineError("too late"), 504),
        (UnsupportedError("no paths"), 501),
        (RemoteError("source A failed"), 502),
        (GeoloomError("odd"), 500),
        (ZeroDivisionError("secret path /root"), 500),
    ],
)
def test_failures_have_the_one_shape(error: Exception, status: int) -> None:
    client = create_app(Failing(error)).test_client()
    answer = client.get("/sparql", query_string={"query": ASK})
    assert answer.status_code == status
    assert answer.json["type"].startswith("https://w3id.org/geoloom/problems/")
    assert "secret" not in answer.text


def test_health_runs_a_query(client: Any, oxigraph: Any) -> None:
    assert client.get("/health").json["status"] == "ok"
    assert oxigraph.asked[-1]["text"].startswith("ASK")
    failed = create_app(Failing(DeadlineError("too late"))).test_client().get("/health")
    assert failed.status_code == 503


def test_timeout_is_capped(client: Any, oxigraph: Any) -> None:
    client.get("/sparql", query_string={"query": ASK, "timeout": "5000"})
    assert 59 < oxigraph.asked[-1]["timeout"] <= 60
    client.get("/sparql", query_string={"query": ASK, "timeout": "2"})
    assert oxigraph.asked[-1]["timeout"] <= 2


@pytest.mark.standard("SPARQL 1.1 Service Description 3")
@pytest.mark.parametrize("media", ["text/turtle", "application/rdf+xml", "application/n-triples"])
def test_service_description(client: Any, media: str) -> None:
    answer = client.get("/sparql", headers={"Accept": media})
    assert answer.status_code == 200
    graph = rdflib.Graph().parse(data=answer.data, format=media)
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = graph.value(predicate=rdflib.RDF.type, object=sd.Service, any=False)
    assert str(graph.value(service, sd.endpoint)).endswith("/sparql")
    assert (service, sd.supportedLanguage, sd.SPARQL11Query) in graph


def test_service_description_does_not_trust_the_host_header_when_told_its_url(
    oxigraph: Any,
) -> None:
    settings = Settings(public_url="https://maps.example.org/")
    client = create_app(oxigraph, settings=settings).test_client()
    answer = client.get("/sparql", headers={"Host": "evil.example"})
    assert "<https://maps.example.org/sparql>" in answer.text
    assert "evil" not in answer.text


def test_updates_need_the_token(oxigraph: Any) -> None:
    token = "0123456789abcdef"
    done: list[str] = []
    oxigraph.update = lambda text, **dataset: done.append(text + str(dataset or ""))
    client = create_app(oxigraph, settings=Settings(update_token=token)).test_client()
    update = {"update": "CLEAR ALL"}
    assert client.post("/sparql", data=update).status_code == 401
    wrong = {"Authorization": "Bearer " + token[:-1] + "x"}
    assert client.post("/sparql", data=update, headers=wrong).status_code == 401
    assert client.post(f"/sparql?token={token}", data=update).status_code == 401
    assert done == []
    right = {"Authorization": f"Bearer {token}"}
    assert client.post("/sparql", data=update, headers=right).status_code == 204
    assert done == ["CLEAR ALL"]
    using = "/sparql?using-graph-uri=http%3A%2F%2Fexample.org%2Fg"
    assert client.post(using, data=update, headers=right).status_code == 204
    assert done[1] == "CLEAR ALL" + str({"using_graphs": ("http://example.org/g",)})


def test_a_store_is_updated_with_the_dataset_of_the_protocol(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    graphs = [f"GRAPH <http://{name}> {{ <http://{name}> <http://p> 1 }}" for name in "abc"]
    store.update(f"INSERT DATA {{ {' '.join(graphs)} }}")
    token = "0123456789abcdef"
    client = create_app(store, settings=Settings(update_token=token)).test_client()
    right = {"Authorization": f"Bearer {token}"}
    form = {
        "update": "INSERT { ?s <http://q> 1 } WHERE { {?s ?p ?o} UNION { GRAPH ?g {?s ?p ?o} } }",
        "using-graph-uri": "http://a",
        "using-named-graph-uri": "http://b",
    }
    assert client.post("/sparql", data=form, headers=right).status_code == 204
    found = store.query("SELECT ?s { ?s <http://q> 1 } ORDER BY ?s").rows()
    assert [str(row["s"].value) for row in found] == ["http://a", "http://b"]
    form["update"] = "WITH <http://a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"
    answer = client.post("/sparql", data=form, headers=right)
    assert answer.status_code == 400
    assert "given twice" in answer.text


def test_security_headers_on_every_answer(client: Any) -> None:
    for path in ("/", "/health", "/nothing", "/sparql", "/static/geoloom.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


class Federated:
    def __init__(self, store: Any) -> None:
        self.store = store

    def query(self, text: str, **options: Any) -> Any:
        answer = self.store.query(text, **options)
        answer.info = {"completeness": {"complete": False, "failed": ["B"]}}
        return answer


def test_federated_says_whether_it_is_complete(oxigraph: Any) -> None:
    client = create_app(oxigraph, federation=Federated(oxigraph)).test_client()
    answer = client.get("/federated", query_string={"query": ASK})
    assert answer.headers["Geoloom-Complete"] == "false"
    assert 'rel="describedby"' in answer.headers["Link"]
    report = client.get("/federated", query_string={"query": ASK, "report": "1"})
    assert report.json["completeness"]["failed"] == ["B"]


def test_without_federation_the_route_says_so(client: Any) -> None:
    answer = client.get("/federated", query_string={"query": ASK})
    assert answer.status_code == 404
    assert "--sources" in answer.json["try"]


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("how", ["urlencoded", POSTDIRECTLY])
def test_sparqlwrapper_as_a_client(oxigraph: Any, method: str, how: str) -> None:
    with running(oxigraph) as url:
        wrapper = SPARQLWrapper(url + "/sparql")
        wrapper.setQuery(SELECT)
        wrapper.setMethod(method)
        wrapper.setRequestMethod(how)
        wrapper.setReturnFormat(WRAPPER_JSON)
        found = wrapper.queryAndConvert()
        assert found["results"]["bindings"][0]["name"]["value"] == "Wien"
        wrapper.setReturnFormat(WRAPPER_CSV)
        assert wrapper.queryAndConvert().splitlines()[0].strip() == b"name"


class Cut:
    """An answer whose serialisation fails after some pieces."""

    form = "SELECT"

    def __init__(self) -> None:
        self.info: dict[str, Any] = {}

    def serialize(self, format_name: str) -> Iterable[bytes]:
        yield b"name\r\n" + b"Wien\r\n" * 100
        yield b"Graz\r\n" * 100
        raise RemoteError("The source stopped halfway")


class CutStore:
    def query(self, text: str, **options: Any) -> Cut:
        return Cut()


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json"])
def test_a_cut_stream_never_passes_for_whole(accept: str) -> None:
    with running(CutStore()) as url:  # type: ignore[arg-type]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(
                url + "/sparql", params={"query": SELECT}, headers={"Accept": accept}, timeout=5
            )
        assert requests.get(url + "/sparql", timeout=5).status_code == 200


def test_http_1_0_gets_a_length(oxigraph: Any) -> None:
    with running(oxigraph) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(f"GET /sparql?query={quote(SELECT)} HTTP/1.0\r\n\r\n".encode())
            got = b""
            while piece := connection.recv(65536):
                got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_a_name_of_somebody_elses_does_not_reach_a_local_server(oxigraph: Any) -> None:
    with running(oxigraph) as url:
        rebound = requests.get(url + "/sparql", headers={"Host": "evil.example"}, timeout=5)
        assert rebound.status_code == 400
        assert rebound.headers["Content-Type"] == "application/problem+json"
        named = url.replace("127.0.0.1", "localhost")
        assert requests.get(named + "/health", timeout=5).status_code == 200


def test_header_limit(oxigraph: Any) -> None:
    with running(oxigraph) as url:
        answer = requests.get(url + "/health", headers={"X-Big": "a" * 40_000}, timeout=5)
        assert answer.status_code in (400, 431)
        assert requests.get(url + "/health", timeout=5).status_code == 200


class Slow:
    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.go = threading.Event()

    def query(self, text: str, **options: Any) -> Any:
        if "slow" in text:
            self.go.wait(5)
        return self.inner.query(text, **options)


def test_a_full_server_says_when_to_come_back(oxigraph: Any) -> None:
    slow = Slow(oxigraph)
    settings = Settings(parallel=1, queue_seconds=0.05)
    with running(slow, settings=settings) as url:
        ask = {"query": "ASK {} # slow"}
        first = threading.Thread(target=requests.get, args=(url + "/sparql", ask))
        first.start()
        time.sleep(0.2)
        busy = requests.get(url + "/sparql", params={"query": ASK}, timeout=5)
        assert busy.status_code == 503
        assert int(busy.headers["Retry-After"]) >= 1
        assert requests.get(url + "/health", timeout=5).status_code == 200
        slow.go.set()
        first.join()
        assert requests.get(url + "/sparql", params={"query": ASK}, timeout=5).status_code == 200


def test_the_slot_is_given_back_after_failures(oxigraph: Any) -> None:
    client = create_app(oxigraph, settings=Settings(parallel=1, queue_seconds=0.01)).test_client()
    for _ in range(3):
        assert client.get("/sparql", query_string={"query": "ASK {"}).status_code == 400
        with client.get("/sparql", query_string={"query": ASK}) as answer:
            assert answer.status_code == 200


def test_json_survives_odd_terms(client: Any) -> None:
    query = "SELECT ?n WHERE { <http://example.org/b> <http://example.org/name> ?n }"
    answer = client.get("/sparql", query_string={"query": query})
    assert json.load(io.BytesIO(answer.data))["results"]["bindings"][0]["n"]["value"] == (
        'a <b>, "c"\n'
    )
