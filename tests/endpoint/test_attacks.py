"""Requests meant to hurt, against a live server: it refuses in time and goes on answering."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import pytest

from endpoint import Settings, running
from store import Store

TRIPLES = """@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
:a :p :b ; :n 1 ; geo:asWKT "POINT (1 1)"^^geo:wktLiteral .
:b :p :a ; :n 2 ; geo:asWKT "POINT (1 2)"^^geo:wktLiteral ."""
MANY = 100_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "data.ttl").write_text(TRIPLES, encoding="utf-8")
    store = Store.create(folder / "store")
    store.load(folder / "data.ttl")
    with running(store, settings=Settings(idle_seconds=5)) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def trap() -> Iterator[tuple[int, list[Any]]]:
    caught: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def wait() -> None:
            while True:
                try:
                    connection, caller = listener.accept()
                except OSError:
                    return
                caught.append(caller)
                connection.close()

        threading.Thread(target=wait, daemon=True).start()
        yield listener.getsockname()[1], caught
        listener.shutdown(socket.SHUT_RDWR)


def _ask(address: str, text: str, timeout: int = 20, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request("POST", "/sparql", urlencode({"query": text, "timeout": timeout}), kind)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _alive(address: str) -> None:
    start = perf_counter()
    assert _ask(address, "ASK {}")[0] == 200
    assert perf_counter() - start < 1


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0177.0.0.1", "localhost."])
@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_no_socket_is_opened_for_service(
    address: str, trap: tuple[int, list[Any]], host: str, silent: str
) -> None:
    port, caught = trap
    text = f"SELECT * {{ SERVICE {silent} <http://{host}:{port}/> {{ ?s ?p ?o }} }}"
    assert _ask(address, text)[0] == 501
    graphs = f"FROM <http://{host}:{port}/g> FROM NAMED <file:///etc/passwd>"
    status, body = _ask(address, f"SELECT * {graphs} {{ ?s ?p ?o }}")
    assert status == 200
    assert b'"bindings":[]' in body.replace(b" ", b"")
    assert caught == []


QUERIES = {
    "parens": (501, "ASK { FILTER(" + "(" * 129 + "1" + ")" * 129 + ") }"),
    "braces": (501, "ASK " + "{" * 100_000 + "}" * 100_000),
    "or": (501, "ASK { FILTER(" + " || ".join(["?x = 1"] * 5000) + ") }"),
    "triples": (501, "ASK { " + " ".join(f"?s{at} ?p ?s{at + 1} ." for at in range(5000)) + " }"),
    "sums": (501, "SELECT " + " ".join(f"(SUM(?x) AS ?v{at})" for at in range(5000)) + " {}"),
    "in": (501, "ASK { FILTER(1 IN (" + ",".join(map(str, range(MANY))) + ")) }"),
    "iris": (200, "ASK { FILTER(<x:1> IN (" + ",".join(f"<x:{at}>" for at in range(9999)) + ")) }"),
    "values": (200, "ASK { VALUES ?x { " + " ".join(map(str, range(MANY))) + " } ?s ?p ?x }"),
    "regex": (200, 'ASK { FILTER(REGEX("' + "a" * 40 + 'b", "(a+)+$")) }'),
    "angles": (400, "<" * 1_000_000),
    "quotes": (400, '"' * 1_000_000),
    "product": (
        504,
        "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{at} ?b{at} [] ." for at in range(16)) + " }",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_large_and_deep_queries(address: str, name: str) -> None:
    status, text = QUERIES[name]
    start = perf_counter()
    assert _ask(address, text, timeout=3 if status == 504 else 20)[0] == status
    assert perf_counter() - start < 8
    _alive(address)


@pytest.mark.parametrize(
    "shape",
    [
        "GEOMETRYCOLLECTION (" * 100 + "POINT (1 1)" + ")" * 100,
        "GEOMETRYCOLLECTION (" * 25_000 + "POINT (1 1)" + ")" * 25_000,
        "POINT (nan inf)",
        "POINT (1e308 1e308)",
        "POLYGON ((0 0))",
        "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
        "<http://127.0.0.1:1/crs> POINT (1 1)",
        "<file:///etc/passwd> POINT (1 1)",
    ],
)
@pytest.mark.parametrize(
    "call",
    ["sfIntersects(?g, ?h)", "buffer(?g, 1e9, uom:metre)", "distance(?g, ?h, uom:metre)"],
)
def test_shapes_that_crash_libraries(address: str, shape: str, call: str) -> None:
    bound = f'BIND("{shape}"^^geo:wktLiteral AS ?g)'
    status, body = _ask(address, f"SELECT (geof:{call} AS ?r) {{ {bound} ?s geo:asWKT ?h }}")
    assert status == 200, body
    _alive(address)


@pytest.mark.parametrize(
    ("request_text", "statuses"),
    [
        (b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", {400}),
        (b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", {413}),
        (b"GET /sparql HTTP/1.1\r\nHost: evil.example\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", {400, 431}),
        (b"GET //evil/%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
        (b"GET /static/%2e%2e%2fapp.py HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
        (b"GET /sparql?query=ASK%7B%7D%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    ],
)
def test_requests_that_break_http(address: str, request_text: bytes, statuses: set[int]) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_text)
        answer = connection.recv(4096)
    assert int(answer.split(b" ", 2)[1]) in statuses
    _alive(address)


def test_half_open_connections_do_not_stop_others(address: str) -> None:
    host, port = address.split(":")
    held = [socket.create_connection((host, int(port)), timeout=5) for _ in range(40)]
    try:
        for one in held:
            one.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nq")
        _alive(address)
    finally:
        for one in held:
            one.close()


def test_accept_headers_of_any_size(address: str) -> None:
    many = ", ".join(f"a/b{at};q=0.{at % 10}" for at in range(1500))
    assert _ask(address, "ASK {}", Accept=many)[0] == 406
    assert _ask(address, "ASK {}", Accept="text/html;q=nan, */*;q=inf")[0] in (200, 406)
    _alive(address)
