"""Clients that ask a SPARQL endpoint over HTTP, each its next query when it has its answer.

Run as ``python -m benchmarks.store.clients URL --fields N [--clients N] [--seconds S]``: prints one
line of JSON. Half of the queries describe one entity, half want all attributes of the fields in
1 km; none is asked twice. The first seconds warm the server up and are not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Thread
from typing import Final
from urllib.parse import urlencode, urlsplit

import numpy as np

from benchmarks.fields import BOUNDS, towns

from .queries import PREFIXES, describe, window
from .watch import run_watched

WARM_S: Final = 5.0
GRACE_S: Final = 10.0
"""How long clients wait for answers after their time."""

POINT: Final = "point"
WINDOW: Final = "window"
_SIDE: Final = (0.0133, 0.009)
"""1 km in degrees, east and north."""
_HEADERS: Final = {
    "Accept": "application/sparql-results+json",
    "Content-Type": "application/x-www-form-urlencoded",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What clients got: when each answer came and after how long, and what went wrong.

    ``came`` is in seconds after the counting began; what was asked in time and came late counts
    in :meth:`percentile`, not in :attr:`rate`. A query that had no answer when the clients gave up
    counts as answered then: ``unanswered`` are so many, and percentiles are at least that long.
    """

    clients: int
    seconds: float
    kinds: list[str] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(at <= self.seconds for at in self.came) / self.seconds

    def percentile(self, part: float) -> float:
        """Seconds within which a part of the answers came."""
        return float(np.quantile(self.took, part)) if self.took else float("inf")

    def median(self, kind: str) -> float:
        """Seconds within which half of the answers to one kind of query came."""
        took = [took for own, took in zip(self.kinds, self.took, strict=True) if own == kind]
        return float(np.median(took)) if took else float("inf")


def measure_clients(url: str, fields: int, clients: int, seconds: float) -> Heard:
    """Let so many clients ask for so many seconds, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.store.clients", url, "--clients", str(clients)]
    done = run_watched([*command, "--seconds", str(seconds), "--fields", str(fields)])
    return Heard(**json.loads(done.output.splitlines()[-1]))


def requests(fields: int, client: int) -> Iterator[tuple[str, bytes]]:
    """Kind and form of one query after the other, other ones for each client."""
    rng, around = np.random.default_rng((client, fields)), towns()
    while True:
        kind = POINT if rng.random() < 0.5 else WINDOW
        if kind == POINT:
            text = describe(f"https://example.org/fields/{rng.integers(fields):08d}")
        else:
            centre = around[rng.integers(len(around))] + rng.normal(0, 0.15, 2)
            west, south = np.clip(centre, BOUNDS[:2], BOUNDS[2:]).round(5).tolist()
            text = window((west, south, round(west + _SIDE[0], 5), round(south + _SIDE[1], 5)))
        yield kind, urlencode({"query": PREFIXES + text}).encode()


def _ask(url: str, fields: int, client: int, end: float, heard: Heard) -> None:
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port)
    counted_from = end - heard.seconds
    for kind, form in requests(fields, client):
        began = time.monotonic()
        if began >= end:
            return
        wrong = _heard(connection, place.path, form, end + GRACE_S - began)
        now = time.monotonic()
        if wrong is not None and now < end + GRACE_S:
            heard.errors.append(f"{kind}: {wrong}")
            connection.close()
            continue
        if wrong is not None:
            heard.unanswered.append(kind)
        if now >= counted_from:
            heard.kinds.append(kind)
            heard.came.append(now - counted_from)
            heard.took.append(now - began)


def _heard(connection: HTTPConnection, path: str, form: bytes, seconds: float) -> str | None:
    """Ask once; what went wrong, if anything."""
    try:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        connection.request("POST", path, form, _HEADERS)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as error:
        return repr(error)
    whole = answer.status == 200 and body.rstrip().endswith(b"}")
    return None if whole else f"{answer.status} {body[:200]!r}"


def main() -> None:
    """Ask, and print what was heard."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store.clients")
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--fields", type=int, required=True)
    chosen = parser.parse_args()
    heard = Heard(chosen.clients, chosen.seconds)
    end = time.monotonic() + WARM_S + chosen.seconds
    threads = [
        Thread(target=_ask, args=(chosen.url, chosen.fields, client, end, heard))
        for client in range(chosen.clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(asdict(heard)))


if __name__ == "__main__":
    main()
