"""The second endpoint: LUCAS-style samples in a store and a server process of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from ontology import RemoteError

START_LIMIT_S = 60.0


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
    words = [sys.executable, "-m", "geoloom", "serve", str(store), "--port", "0"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield f"{_announced(server)}/sparql"
    finally:
        _stop(server)


def _announced(server: subprocess.Popen[str]) -> str:
    """Read the URL that the server prints once it listens."""
    watchdog = Timer(START_LIMIT_S, server.kill)
    watchdog.start()
    assert server.stdout is not None
    line = server.stdout.readline()
    watchdog.cancel()
    found = re.search(r"http://\S+?(?=/ )", line)
    if found is None:
        raise RemoteError(
            "The sample endpoint did not start",
            why=f"it ended, or did not listen within {START_LIMIT_S:g} s",
            remedy="run 'geoloom serve' on its store by hand to see why",
        )
    return found.group()


def _stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
