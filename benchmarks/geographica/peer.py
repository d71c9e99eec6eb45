"""Oxigraph in a process of its own, ended when a query takes too long.

Run as ``python -m benchmarks.geographica.peer STORE``: reads queries as JSON, a line each, and
writes rows and seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select


class Peer:
    """Asks Oxigraph over one store; started anew after a query that took too long."""

    def __init__(self, store: Path, limit: float) -> None:
        self._command = [sys.executable, "-m", "benchmarks.geographica.peer", str(store)]
        self._limit = limit
        self._child: subprocess.Popen[str] | None = None

    def ask(self, query: str) -> tuple[int, float] | None:
        """Rows and seconds; None if the time was up."""
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(query) + "\n")
        child.stdin.flush()
        if not select([child.stdout], [], [], self._limit)[0]:
            self.close()
            return None
        line = child.stdout.readline()
        if not line:
            raise SystemExit("Oxigraph ended in the middle of a query")
        rows, seconds = json.loads(line)
        return int(rows), float(seconds)

    def close(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _started(self) -> subprocess.Popen[str]:
        if self._child is None:
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        return self._child


@contextmanager
def peer(store: Path, limit: float) -> Iterator[Peer]:
    """Oxigraph, ended at the end."""
    made = Peer(store, limit)
    try:
        yield made
    finally:
        made.close()


def counted(written: bytes) -> int:
    """Rows of an answer in TSV; a single number counts as that many."""
    head, *lines = written.rstrip(b"\n").split(b"\n")
    if len(lines) == 1 and head.count(b"\t") == 0:
        number = lines[0].split(b"^^")[0].strip(b'"')
        return int(number) if number.isdigit() else 1
    return len(lines)


def main() -> None:
    """Answer queries from standard input."""
    import pyoxigraph as ox  # in this process alone

    store = ox.Store.read_only(sys.argv[1])
    for line in sys.stdin:
        began = time.perf_counter()
        written = store.query(json.loads(line)).serialize(format=ox.QueryResultsFormat.TSV)
        seconds = time.perf_counter() - began
        print(json.dumps([counted(written), seconds]), flush=True)


if __name__ == "__main__":
    main()
