"""Our server and Oxigraph's under the load of many clients."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .clients import Heard, measure_clients
from .watch import Watch

CLIENTS: Final = 16
_UP_S: Final = 60.0
_QUARTER: Final = 4


@dataclass(frozen=True, slots=True)
class Served:
    """One client, then many, and the memory (1e6 bytes) the server held in between.

    ``early_mb`` and ``late_mb`` are medians of the second and of the last quarter of the time
    that many clients asked.
    """

    alone: Heard
    together: Heard
    early_mb: float
    late_mb: float
    peak_mb: float


def geoloom_command(store: Path, port: int) -> list[str]:
    """How our server is started."""
    return [sys.executable, "-m", "geoloom", "serve", str(store), "--port", str(port)]


def oxigraph_command(store: Path, port: int) -> list[str] | None:
    """How Oxigraph's is, if the package ``oxigraph`` is installed, which has its program."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        return None
    return [str(program), "serve-read-only", "-l", str(store), "-b", f"127.0.0.1:{port}"]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure_server(
    command: Sequence[str], path: str, port: int, fields: int, seconds: float
) -> Served:
    """Start a server, ask it with one client, then with many."""
    with _running(command, port) as watch:
        url = f"http://127.0.0.1:{port}{path}"
        alone = measure_clients(url, fields, 1, seconds / _QUARTER)
        began = time.monotonic()
        together = measure_clients(url, fields, CLIENTS, seconds)
        held = [amount / 1e6 for at, amount in watch.samples if at >= began]
    quarter = max(len(held) // _QUARTER, 1)
    early, late = held[quarter : 2 * quarter] or held, held[-quarter:]
    return Served(
        alone, together, statistics.median(early), statistics.median(late), watch.peak / 1e6
    )


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[Watch]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        watch = Watch(server.pid, every=0.25).start()
        try:
            _wait(server, port)
            yield watch
        finally:
            watch.stop()
            server.terminate()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _UP_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise SystemExit(f"{server.args!r} ended with {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{server.args!r} does not listen after {_UP_S:g} s")
