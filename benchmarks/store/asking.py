"""Asking every query of every system, in a process of its own.

Run as ``python -m benchmarks.store.asking STORE [--peer DIR] [--rounds N] [--peer-rounds N]``:
prints one line of JSON a query. Ours and hand-written SQL take turns; Oxigraph, which takes seconds
where they take milliseconds, runs fewer rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from .answers import of_arrow, of_oxigraph, of_result
from .queries import QUERIES
from .systems import BY_HAND, OURS, PEER, UNSEEN, Systems
from .watch import run_watched

PEER_S: Final = 20.0
"""Once Oxigraph has taken so long over a query, it is not asked again."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one query: seconds by system, and milliseconds of planning, seen and unseen."""

    case: str
    rows: int
    seconds: Mapping[str, float]
    planning: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """Every query, and the most memory (1e6 bytes) that was held while they were asked."""

    queries: tuple[Measured, ...]
    peak_mb: float

    def __getitem__(self, case: str) -> Measured:
        """One query."""
        return next(found for found in self.queries if found.case == case)


def measure_queries(
    store: Path, peer: Path | None, *, rounds: int, peer_rounds: int, limit: int | None = None
) -> Asked:
    """Run every query on every system in a child process; all must give the same answer.

    Raises
    ------
    SystemExit
        If two systems disagree, or the process holds more than ``limit`` bytes.
    """
    command = [sys.executable, "-m", "benchmarks.store.asking", str(store)]
    command += ["--rounds", str(rounds), "--peer-rounds", str(peer_rounds)]
    done = run_watched([*command, *(() if peer is None else ("--peer", str(peer)))], limit=limit)
    told = tuple(Measured(**json.loads(line)) for line in done.output.splitlines())
    return Asked(told, done.peak_mb)


def _check(systems: Systems, case: str) -> None:
    ours = of_result(systems.ours(case))
    others = [(BY_HAND, of_arrow(systems.by_hand(case)))]
    if systems.has_peer:
        others.append((PEER, of_oxigraph(systems.peer(case))))
    for name, other in others:
        if ours != other:
            odd = [
                (mine, theirs) for mine, theirs in zip(ours, other, strict=False) if mine != theirs
            ]
            told = f"{len(ours)} rows and {len(other)}, first difference {odd[:1]}"
            raise SystemExit(f"geoloom and {name} disagree on {case!r}: {told}")


def _measured(systems: Systems, case: str, rounds: int, peer_rounds: int) -> Measured:
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, BY_HAND, UNSEEN, PEER)}
    plans: dict[str, list[float]] = {OURS: [], UNSEEN: []}
    count = len(systems.ours(case))
    for _ in range(rounds):
        for name, run in (
            (OURS, systems.ours),
            (BY_HAND, systems.by_hand),
            (UNSEEN, systems.unseen),
        ):
            result = _timed(seconds[name], run, case)
            if name in plans:
                plans[name].append(result.info["plan_ms"])
    for _ in range(peer_rounds if systems.has_peer else 0):
        if sum(seconds[PEER]) < PEER_S:
            _timed(seconds[PEER], systems.peer_text, case)
    medians = {name: statistics.median(times) for name, times in seconds.items() if times}
    planning = {name: statistics.median(times) for name, times in plans.items()}
    return Measured(case, count, medians, planning)


def _timed(seconds: list[float], run: Callable[[str], Any], case: str) -> Any:
    began = time.perf_counter()
    found = run(case)
    seconds.append(time.perf_counter() - began)
    return found


def main() -> None:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store.asking")
    parser.add_argument("store", type=Path)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--peer-rounds", type=int, default=3)
    parser.add_argument("--case", action="append", choices=tuple(QUERIES), help="only this one")
    chosen = parser.parse_args()
    systems = Systems(chosen.store, chosen.peer)
    for case in chosen.case or QUERIES:
        _check(systems, case)
        found = _measured(systems, case, chosen.rounds, chosen.peer_rounds)
        print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
