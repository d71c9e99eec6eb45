"""Side by side: systems take turns, each figure is a median, a missing peer is called absent."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RUNS = 3
OUT = Path("build/bench")
PACKAGES = ("duckdb", "shapely", "pyoxigraph", "oxigraph", "geopandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one case; ``answer`` must be the same for all systems of a case.

    ``peak_mb`` and ``disk_mb`` (1e6 bytes) are of loads, ``plan_ms`` is of queries, ``note`` is
    what else there is to say.
    """

    case: str
    system: str
    median_s: float
    ratio_to_ours: float
    answer: Any
    peak_mb: float | None = None
    disk_mb: float | None = None
    plan_ms: float | None = None
    note: str = ""


def compare(case: str, systems: Mapping[str, Callable[[], Any]], runs: int = RUNS) -> list[Row]:
    """Run the systems in turns; the first is ours. One unmeasured round warms each up.

    Raises
    ------
    SystemExit
        If the systems disagree on the answer.
    """
    answers = {name: system() for name, system in systems.items()}
    if len({repr(answer) for answer in answers.values()}) != 1:
        raise SystemExit(f"the systems disagree on {case}: {answers}")
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(runs):
        for name, system in systems.items():
            began = time.perf_counter()
            system()
            seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ours = medians[next(iter(systems))]
    return [
        Row(case, name, round(median, 5), round(median / ours, 2), answers[name])
        for name, median in medians.items()
    ]


def machine() -> dict[str, Any]:
    """Describe the machine and the versions that were measured."""
    found: dict[str, Any] = {"cpus": os.cpu_count(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def publish(name: str, rows: list[Row], targets: tuple[Mapping[str, Any], ...] = ()) -> None:
    """Print the table and write ``build/bench/NAME.json``."""
    for row in rows:
        line = f"{row.case:28} {row.system:30} {row.median_s:9.4f} s {row.ratio_to_ours:8.2f} x"
        extras = ((row.plan_ms, "ms plan"), (row.peak_mb, "MB peak"), (row.disk_mb, "MB on disk"))
        told = (f"{value:9.1f} {unit}" for value, unit in extras if value is not None)
        print(line, *told, row.note)
    for target in targets:
        print(f"{target['name']}: {target['value']} (goal {target['goal']}, met: {target['met']})")
    OUT.mkdir(parents=True, exist_ok=True)
    listed = [{field: getattr(row, field) for field in Row.__slots__} for row in rows]
    report = {"machine": machine(), "rows": listed, "targets": list(targets)}
    (OUT / f"{name}.json").write_text(json.dumps(report, indent=2, default=str) + "\n")
