"""Rows and targets of the mapper benchmark."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measure import Row

from .chosen import Target
from .systems import Run


def median_cpu(runs: Sequence[Run]) -> float:
    """Median of CPU seconds."""
    return statistics.median(run.cpu_s for run in runs)


def median_wall(runs: Sequence[Run]) -> float:
    """Median of seconds on the clock."""
    return statistics.median(run.wall_s for run in runs)


def rows_of(case: str, runs: Mapping[str, Sequence[Run]], count: int, answer: Any) -> list[Row]:
    """One row a system, the first is ours; the ratio is of CPU time.

    Parameters
    ----------
    case : str
    runs : mapping of system to its runs
    count : int
        Rows mapped, for the rate in the note.
    answer : any
        What all systems gave.
    """
    ours = median_cpu(next(iter(runs.values())))
    return [
        Row(
            case,
            system,
            round(median_wall(own), 3),
            round(median_cpu(own) / ours, 2),
            answer,
            peak_mb=round(max(run.peak_mb for run in own), 1),
            note=f"{median_cpu(own):.2f} s CPU, {count / median_cpu(own):,.0f} rows/CPU-s",
        )
        for system, own in runs.items()
    ]


def absent(case: str, system: str) -> Row:
    """A peer that is not installed."""
    return Row(case, system, 0.0, 0.0, None, note="absent")


def at_least(name: str, value: float, goal: float) -> Target:
    """Target that wants more."""
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value >= goal}


def at_most(name: str, value: float, goal: float) -> Target:
    """Target that wants less."""
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value <= goal}
