"""What to measure, and what a part of the benchmark gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import Row

SCALES: Final = {"20k": 20_000, "500k": 500_000, "5m": 5_000_000, "20m": 20_000_000}

Target = Mapping[str, Any]
Found = tuple[list[Row], list[Target]]
"""Rows of the table, and goals with what was reached."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to measure.

    Attributes
    ----------
    work : Path
        Keeps inputs; outputs are deleted as soon as they are compared.
    rows : int
    rounds : int
        Systems take turns; each figure is the median of so many.
    peers : Path
        Python of the environment the peers are installed in.
    """

    work: Path
    rows: int
    rounds: int
    peers: Path
