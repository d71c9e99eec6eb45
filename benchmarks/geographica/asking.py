"""Asking ours and hand-written SQL in turns, in a process of its own.

Run as ``python -m benchmarks.geographica.asking STORE CASES --rounds N``: prints a line of JSON a
case. Only ours is asked with ``--ours``, for the memory it takes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from benchmarks.store.answers import of_arrow, of_result
from benchmarks.store.watch import run_watched
from store import Result, Store
from store.engine.connection import connect

from .cases import Case, read_cases, write_cases

COMPARED: Final = 20_000
"""Rows up to which answers are compared term by term; beyond, their number."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One case: rows, medians in seconds, milliseconds of planning a query never seen."""

    name: str
    rows: int
    ours: float
    by_hand: float | None
    plan_ms: float


def measure_cases(
    store: Path, cases: Sequence[Case], work: Path, *, rounds: int, limit: int | None = None
) -> tuple[list[Measured], float]:
    """Ask the cases; also the most memory (1e6 bytes) the process held.

    Raises
    ------
    SystemExit
        If ours and SQL by hand disagree, or either gives another number of rows than expected.
    """
    listed = work / "cases.jsonl"
    write_cases(listed, cases)
    command = [sys.executable, "-m", "benchmarks.geographica.asking", str(store), str(listed)]
    done = run_watched([*command, "--rounds", str(rounds)], limit=limit)
    return [Measured(**json.loads(line)) for line in done.output.splitlines()], done.peak_mb


def memory_of(store: Path, case: Case, work: Path, rounds: int = 3) -> float:
    """The most memory (1e6 bytes) ours holds over one query, asked again and again."""
    listed = work / "case.jsonl"
    write_cases(listed, [case])
    command = [sys.executable, "-m", "benchmarks.geographica.asking", str(store), str(listed)]
    return run_watched([*command, "--rounds", str(rounds), "--ours"]).peak_mb


class _Systems:
    def __init__(self, store: Path) -> None:
        self._store = Store.open(store)
        self._hand = connect(folder=store)

    def ours(self, case: Case) -> Result:
        result = self._store.query(case.query)
        result.terms()
        return result

    def by_hand(self, case: Case) -> pa.Table:
        return self._hand.execute(case.sql).to_arrow_table()


def _checked(systems: _Systems, case: Case) -> tuple[int, float]:
    result = systems.ours(case)
    if case.sql:
        _compare(case, result, systems.by_hand(case))
    rows = _rows(result)
    if case.rows not in (None, rows):
        raise SystemExit(f"{case.name}: {rows} rows, expected {case.rows}")
    return rows, float(result.info["plan_ms"])  # type: ignore[arg-type]


def _compare(case: Case, result: Result, table: pa.Table) -> None:
    same = len(result) == len(table)
    if same and len(table) <= COMPARED:
        same = of_result(result) == of_arrow(table)
    if not same:
        raise SystemExit(f"{case.name}: {len(result)} rows, {len(table)} by hand, or others")


def _rows(result: Result) -> int:
    if len(result) == len(result.variables) == 1:
        ((cell,),) = of_result(result)
        return int(cell) if cell and cell.isdigit() else 1
    return len(result)


def _measured(systems: _Systems, case: Case, rounds: int) -> Measured:
    rows, plan_ms = _checked(systems, case)
    runs = (systems.ours, systems.by_hand)[: 2 if case.sql else 1]
    taken: tuple[list[float], ...] = tuple([] for _ in runs)
    for _ in range(rounds):
        for seconds, run in zip(taken, runs, strict=True):
            _timed(seconds, run, case)
    ours, *others = (round(statistics.median(seconds), 5) for seconds in taken)
    return Measured(case.name, rows, ours, others[0] if others else None, plan_ms)


def _timed(seconds: list[float], run: Callable[[Case], Any], case: Case) -> None:
    began = time.perf_counter()
    run(case)
    seconds.append(time.perf_counter() - began)


def main() -> None:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.geographica.asking")
    parser.add_argument("store", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ours", action="store_true")
    chosen = parser.parse_args()
    systems = _Systems(chosen.store)
    for case in read_cases(chosen.cases):
        if chosen.ours:
            for _ in range(chosen.rounds):
                systems.ours(case)
            continue
        print(json.dumps(asdict(_measured(systems, case, chosen.rounds))), flush=True)


if __name__ == "__main__":
    main()
