"""Fetching documents of the web for LOAD."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from federation import fetch_document
from ontology import RemoteError


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/secret")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/a.ttl" else 404)
        self.send_header("Content-Type", "text/turtle")
        self.end_headers()
        self.wfile.write(b"<#a> <#b> 1 .")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_listed_address_is_fetched(pages: str, tmp_path: Path) -> None:
    file = tmp_path / "a"
    assert fetch_document(f"{pages}/a.ttl", file, public_only=False) == "text/turtle"
    assert file.read_bytes() == b"<#a> <#b> 1 ."


@pytest.mark.parametrize(
    ("path", "public_only", "said"),
    [
        ("/a.ttl", True, "not a public one"),
        ("/gone", False, "HTTP 404"),
        ("/moved", False, "a redirect to http://169.254.169.254/secret"),
    ],
)
def test_what_is_not_fetched_says_why(
    pages: str, tmp_path: Path, path: str, public_only: bool, said: str
) -> None:
    with pytest.raises(RemoteError, match=said):
        fetch_document(pages + path, tmp_path / "a", public_only)


def test_the_size_is_limited(pages: str, tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="more than 5 bytes"):
        fetch_document(f"{pages}/a.ttl", tmp_path / "a", public_only=False, max_bytes=5)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://me:word@example.org/", "http://"])
def test_what_is_no_web_address_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(RemoteError):
        fetch_document(url, tmp_path / "a")
