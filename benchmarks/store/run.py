"""``python -m benchmarks store``: load, disk, planning and queries, side by side.

Prints a table and writes build/bench/store.json. Ours and hand-written SQL take turns; Oxigraph,
which takes seconds where they take milliseconds, runs fewer rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import publish

from .answers import of_arrow, of_oxigraph, of_result
from .prepared import Prepared, prepare
from .queries import QUERIES
from .report import Measured, load_rows, load_targets, query_rows, query_targets
from .systems import BY_HAND, OURS, PEER, UNSEEN, Systems

ROUNDS: Final = 11
PEER_ROUNDS: Final = 3
SCALES: Final = {"100k": 100_000, "1m": 1_000_000, "20m": 20_000_000}


def measure_queries(prepared: Prepared, *, rounds: int, peer_rounds: int) -> list[Measured]:
    """Run every query on every system; all must give the same answer.

    Raises
    ------
    SystemExit
        If two systems disagree.
    """
    systems = Systems(prepared.store("geoloom"), prepared.store("oxigraph"))
    found = []
    for case in QUERIES:
        _check(systems, case)
        found.append(_measured(systems, case, rounds, peer_rounds))
    return found


def _check(systems: Systems, case: str) -> None:
    ours = of_result(systems.ours(case))
    for name, other in (
        (BY_HAND, of_arrow(systems.by_hand(case))),
        (PEER, of_oxigraph(systems.peer(case))),
    ):
        if ours != other:
            odd = [
                (mine, theirs) for mine, theirs in zip(ours, other, strict=False) if mine != theirs
            ]
            told = f"{len(ours)} rows and {len(other)}, first difference {odd[:1]}"
            raise SystemExit(f"geoloom and {name} disagree on {case!r}: {told}")


def _measured(systems: Systems, case: str, rounds: int, peer_rounds: int) -> Measured:
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, BY_HAND, UNSEEN, PEER)}
    plans: dict[str, list[float]] = {OURS: [], UNSEEN: []}
    rows = len(systems.ours(case))
    for _ in range(rounds):
        for name, run in (
            (OURS, systems.ours),
            (BY_HAND, systems.by_hand),
            (UNSEEN, systems.unseen),
        ):
            result = _timed(seconds[name], run, case)
            if name in plans:
                plans[name].append(result.info["plan_ms"])
    for _ in range(peer_rounds):
        _timed(seconds[PEER], systems.peer_text, case)
    medians = {name: statistics.median(times) for name, times in seconds.items() if times}
    planning = {name: statistics.median(times) for name, times in plans.items()}
    return Measured(case, rows, medians, planning)


def _timed(seconds: list[float], run: Callable[[str], Any], case: str) -> Any:
    began = time.perf_counter()
    found = run(case)
    seconds.append(time.perf_counter() - began)
    return found


def _scale(text: str) -> int:
    return SCALES[text.lower()] if text.lower() in SCALES else int(text)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks store")
    parser.add_argument("--scale", type=_scale, default="1m", help="100k, 1m, 20m, or fields")
    parser.add_argument("--work", type=Path, help="folder that keeps data and stores")
    parser.add_argument("--reload", action="store_true", help="load again what --work keeps")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peer-rounds", type=int, default=PEER_ROUNDS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(chosen.work or Path(folder), chosen.scale, reload=chosen.reload)
        measured = measure_queries(prepared, rounds=chosen.rounds, peer_rounds=chosen.peer_rounds)
    rows = [*load_rows(prepared), *query_rows(measured)]
    publish("store", rows, (*load_targets(prepared), *query_targets(measured)))


if __name__ == "__main__":
    main()
