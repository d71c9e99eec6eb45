"""Small SPARQL endpoints on 127.0.0.1 that count requests and can misbehave."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

JSON = "application/sparql-results+json"


class Endpoint:
    """One endpoint; `misbehave` may answer itself with (status, headers, body)."""

    def __init__(self, data: str | ox.Store = "", row_cap: int | None = None) -> None:
        if isinstance(data, str):
            self.store = ox.Store()
            self.store.load(data.encode(), format=ox.RdfFormat.TURTLE)
        else:
            self.store = data
        self.row_cap = row_cap
        self.queries: list[str] = []
        self.functions: dict[str, Callable[..., ox.Literal | None]] = {}
        self.misbehave: Callable[[str], tuple[int, dict[str, str], bytes] | None] | None = None
        self.delay = 0.0
        self.url = ""

    @property
    def requests(self) -> int:
        return len(self.queries)

    def answer(self, text: str) -> tuple[int, dict[str, str], bytes]:
        if self.misbehave and (reply := self.misbehave(text)):
            return reply
        custom = {ox.NamedNode(iri): f for iri, f in self.functions.items()}
        try:
            found = self.store.query(text, custom_functions=custom)
            body = found.serialize(format=ox.QueryResultsFormat.JSON)
        except SyntaxError as error:
            return 400, {"Content-Type": "text/plain"}, str(error).encode()
        except (OSError, RuntimeError, ValueError) as error:  # solutions must die in this thread
            return 500, {"Content-Type": "text/plain"}, str(error).encode()
        if self.row_cap is not None and isinstance(found, ox.QuerySolutions):
            document = json.loads(body)
            del document["results"]["bindings"][self.row_cap :]
            body = json.dumps(document).encode()
        return 200, {"Content-Type": JSON}, body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = "form" in self.headers["Content-Type"]
        text = parse_qs(body.decode())["query"][0] if form else body.decode()
        self.endpoint.queries.append(text)
        time.sleep(self.endpoint.delay)
        status, headers, data = self.endpoint.answer(text)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        if "Content-Length" in headers:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., Endpoint]]:
    """Start endpoints that live until the end of the test.

    Solutions of pyoxigraph that lie in circles of other tests must not end in an endpoint's thread.
    """
    gc.collect()
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(serving(Endpoint(*args, **options)))
