"""Queries that no one can stop from within: the server stops them in time and goes on."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from endpoint import Settings, running
from store import Store

SLACK = 1.0 if os.getloadavg()[0] < (os.cpu_count() or 1) else 5.0
"""The promise is one second; a machine that others use as well takes longer."""
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?s{k} ?p{k} ?o{k} ." for k in range(24)) + " }"
QUEUE = 24
"""One client may take half of the places."""


def comb(teeth: int, *, upright: bool) -> str:
    """A polygon with a row of thin teeth."""
    long = 2 * teeth
    points = [(0, 0)]
    for at in range(0, long, 2):
        points += [(at, 1), (at, long), (at + 1, long), (at + 1, 1)]
    points += [(long, 1), (long, 0), (0, 0)]
    ring = ", ".join(f"{x} {y}" if upright else f"{y} {x}" for x, y in points)
    return f'"<http://www.opengis.net/def/crs/EPSG/0/3857> POLYGON (({ring}))"^^geo:wktLiteral'


def overlay(teeth: int) -> str:
    """One GEOS call: two combs across each other meet in teeth squared pieces."""
    across, upright = comb(teeth, upright=False), comb(teeth, upright=True)
    return f"SELECT (geof:intersection({across}, {upright}) AS ?pieces) {{}}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("deadlines")
    (folder / "data.ttl").write_text(
        "@prefix : <http://ex/> . :a :p :b ; :n 1 . :b :p :a, :c, :d ; :n 2 .", encoding="utf-8"
    )
    store = Store.create(folder / "store")
    store.load(folder / "data.ttl")
    settings = Settings(workers=2, memory=1 << 30, queue=QUEUE, max_query_bytes=1 << 20)
    with running(store, settings=settings) as url:
        yield url.removeprefix("http://")


def _ask(address: str, text: str, timeout: float = 20) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"query": text, "timeout": str(timeout)})
        connection.request("POST", "/sparql", body, kind)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


def _health(address: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        connection.request("GET", "/health")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    finally:
        connection.close()


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def _workers() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    numbers = [int(number) for task in tasks for number in task.read_text().split()]
    return [n for n in numbers if b"store.workers" in Path(f"/proc/{n}/cmdline").read_bytes()]


def test_the_overlay_of_two_combs_stops(address: str) -> None:
    start = time.monotonic()
    status, body, _ = _ask(address, overlay(3000), timeout=1)
    assert time.monotonic() - start < 1 + SLACK
    assert status == 504, body
    assert json.loads(body)["type"].endswith("/deadline")
    assert _ask(address, "ASK { ?s ?p ?o }")[0] == 200


def test_the_memory_cap_is_a_clear_answer(address: str) -> None:
    status, body, _ = _ask(address, overlay(1000), timeout=50)
    assert status == 507, body
    assert json.loads(body)["type"].endswith("/memory-limit")
    assert "1024 MB" in json.loads(body)["why"]
    assert _ask(address, "ASK { ?s ?p ?o }")[0] == 200


def test_a_client_that_hangs_up_stops_its_query(address: str) -> None:
    host, port = address.split(":")
    body = urlencode({"query": ENDLESS, "timeout": "50"}).encode()
    head = (
        "POST /sparql HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    for _ in range(2):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.3)
    _until(lambda: _health(address)["status"] == "ok", 2 + SLACK)


def test_a_killed_worker_is_an_error_of_its_query_only(address: str) -> None:
    _until(lambda: _health(address)["workers"]["up"] == 2)
    with ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(_ask, address, ENDLESS) for _ in range(2)]
        _until(lambda: _health(address)["workers"]["busy"] == 2)
        for number in _workers():
            os.kill(number, signal.SIGKILL)
        answers = [one.result() for one in asked]
    for status, body, headers in answers:
        assert status == 503, body
        assert int(headers["Retry-After"]) > 0
    kinds = [json.loads(body)["type"].rpartition("/")[2] for _, body, _ in answers]
    assert "crashed" in kinds
    assert set(kinds) <= {"crashed", "busy"}  # one may have waited still
    assert _ask(address, "ASK { ?s ?p ?o }")[0] == 200


def test_twenty_at_once(address: str) -> None:
    with ThreadPoolExecutor(20) as clients:
        texts = ["SELECT * { ?s <http://ex/p> ?o }"] * (QUEUE // 2)
        answers = list(clients.map(lambda text: _ask(address, text), texts))
        assert [status for status, _, _ in answers] == [200] * len(texts)
        assert len({body for _, body, _ in answers}) == 1


def test_too_many_are_sent_away(address: str) -> None:
    with ThreadPoolExecutor(20) as clients:
        asked = list(clients.map(lambda _: _ask(address, ENDLESS, 1.5), range(20)))
    refused = [headers for status, _, headers in asked if status == 503]
    assert {status for status, _, _ in asked} == {503, 504}
    assert refused
    assert all(int(headers["Retry-After"]) > 0 for headers in refused)
    assert _ask(address, "ASK { ?s ?p ?o }")[0] == 200
