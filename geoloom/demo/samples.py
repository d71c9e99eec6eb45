"""The second endpoint: LUCAS-style samples in a store and a server process of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from ontology import RemoteError

START_LIMIT_S = 60.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sample_endpoint(store: Path) -> Iterator[str]:
    """Serve a store from another process for the length of a ``with`` block.

    Yields
    ------
    str
        URL of its SPARQL endpoint, on the loopback address.

    Raises
    ------
    RemoteError
        If the server does not answer within a minute.
    """
    port = _free_port()
    words = [sys.executable, "-m", "geoloom", "serve", str(store), "--port", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/sparql"
    finally:
        _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(url, timeout=10).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.1)
    raise RemoteError(
        "The sample endpoint did not start",
        where=url,
        why=f"exit code {server.poll()}" if server.poll() is not None else "no answer in a minute",
        remedy="run 'geoloom serve' on its store by hand to see why",
    )
