from __future__ import annotations

import gzip
import socket
import time

import pytest

from federation.client import Client, RequestTooLargeError
from federation.report import Usage
from federation.sources import Source
from ontology import DeadlineError, RemoteError

JSON = "application/sparql-results+json"
DATA = "@prefix : <http://example.org/> . :a :p 1 . :b :p 2 ."
ALL = "SELECT ?s ?o WHERE { ?s ?p ?o }"


def ask(url, text=ALL, *, deadline=None, listed=True, **options):
    usage = Usage("b", url)
    client = Client(deadline)
    try:
        source = Source("b", endpoint=url, **({"timeout": 5} | options))
        return client.query(source, text, usage, listed=listed), usage
    finally:
        client.close()


def test_select_and_ask_are_counted(serve):
    endpoint = serve(DATA)
    answer, usage = ask(endpoint.url)
    assert len(answer.value) == 2
    assert (usage.requests, usage.rows) == (1, 2)
    assert usage.bytes > 100
    assert ask(endpoint.url, "ASK { ?s ?p 2 }")[0].value is True


def test_gzip_and_admitted_cap(serve):
    endpoint = serve(DATA)
    body = gzip.compress(b'{"head":{"vars":["s"]},"results":{"bindings":[]}}')
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip", "X-SPARQL-MaxRows": "10000"}
    endpoint.misbehave = lambda text: (200, headers, body)
    answer, _ = ask(endpoint.url)
    assert answer.value.column_names == ["s"]
    assert answer.admitted_cap == 10000


GOOD = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
BROKEN = {
    "html": (200, {"Content-Type": "text/html"}, b"<html>Welcome", "text/html.*Welcome.*web page"),
    "cut json": (200, {"Content-Type": JSON}, GOOD[:-3], "does not parse"),
    "cut body": (200, {"Content-Type": JSON, "Content-Length": "999"}, GOOD, "stops after|parse"),
    "500": (500, {"Content-Type": "text/plain"}, b"Java heap", "HTTP 500.*Java heap"),
    "400": (400, {}, b"syntax", "HTTP 400.*syntax"),
    "401": (401, {}, b"", "HTTP 401.*owner"),
    "404": (404, {}, b"", "HTTP 404.*address"),
    "elsewhere": (
        302,
        {"Location": "http://other.example/sparql"},
        b"",
        "redirects to http://other",
    ),
    "inside": (307, {"Location": "http://169.254.169.254/latest"}, b"", "redirects to http://169"),
    "loop": (307, {"Location": "/sparql"}, b"", "redirects"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_misbehaviour_is_named(serve, name):
    status, headers, body, said = BROKEN[name]
    endpoint = serve()
    endpoint.misbehave = lambda text: (status, headers, body)
    with pytest.raises(RemoteError, match=said) as caught:
        ask(endpoint.url)
    assert "'b'" in caught.value.what
    assert caught.value.where == endpoint.url
    assert caught.value.remedy


def test_too_large_is_its_own_error(serve):
    endpoint = serve()
    endpoint.misbehave = lambda text: (413, {}, b"")
    with pytest.raises(RequestTooLargeError, match=r"smaller"):
        ask(endpoint.url)


def test_busy_is_tried_again(serve):
    endpoint = serve(DATA)
    replies = [(503, {"Retry-After": "0"}, b""), (429, {"Retry-After": "0"}, b"")]
    endpoint.misbehave = lambda text: replies.pop() if replies else None
    answer, usage = ask(endpoint.url)
    assert len(answer.value) == 2
    assert usage.requests == 3


def test_busy_for_too_long_is_given_up(serve):
    endpoint = serve(DATA)
    endpoint.misbehave = lambda text: (503, {"Retry-After": "3600"}, b"")
    with pytest.raises(RemoteError, match=r"3600 s"):
        ask(endpoint.url)


def test_hanging_source_times_out(serve):
    endpoint = serve(DATA)
    endpoint.delay = 1.0
    started = time.monotonic()
    with pytest.raises(RemoteError, match=r"did not answer in time.*0.2 s"):
        ask(endpoint.url, timeout=0.2)
    assert time.monotonic() - started < 0.9


def test_deadline_of_the_query_comes_first(serve):
    with pytest.raises(DeadlineError, match=r"time is over"):
        ask(serve(DATA).url, deadline=time.monotonic() - 1)


def test_long_answers_are_refused(serve):
    with pytest.raises(RemoteError, match=r"more than 50 bytes.*max_bytes"):
        ask(serve(DATA).url, max_bytes=50)


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/sparql"
    with pytest.raises(RemoteError, match=r"cannot be reached.*server runs"):
        ask(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_addresses_are_refused_before_a_byte_is_sent(serve, host):
    endpoint = serve(DATA)
    with pytest.raises(RemoteError, match=r"not a public one.*sources file"):
        ask(endpoint.url.replace("127.0.0.1", host), listed=False)
    assert endpoint.requests == 0


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x.org/", "http://u:p@x.org/", "http://[", "x.org/sparql"]
)
def test_other_addresses_are_refused(url):
    with pytest.raises(RemoteError):
        Source("b", endpoint=url)
