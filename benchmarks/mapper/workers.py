"""One process against two, over the same CSV."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from .chosen import Chosen, Found
from .inputs import fields_csv
from .report import at_least, median_wall, rows_of
from .systems import Run, run_ours

CASE: Final = "CSV to N-Triples, processes"
GAIN: Final = 1.7


def workers(chosen: Chosen) -> Found:
    """Both must write the same bytes."""
    folder = fields_csv(chosen.work, chosen.rows)
    out = chosen.work / "out.nt"
    runs: dict[str, list[Run]] = {}
    answers: dict[str, str] = {}
    for _ in range(chosen.rounds):
        for count in (1, 2):
            system = f"{count} process{'es' * (count > 1)}"
            run = run_ours("to_lines", folder, out, count)
            runs.setdefault(system, []).append(run)
            if system not in answers:
                answers[system] = _digest(out)
            out.unlink()
    if len(set(answers.values())) != 1:
        raise SystemExit(f"the processes disagree on {CASE}: {answers}")
    one, two = (median_wall(own) for own in runs.values())
    rows = rows_of(CASE, runs, chosen.rows, next(iter(answers.values())))
    return rows, [at_least(f"{CASE}, one / two", one / two, GAIN)]


def _digest(file: Path) -> str:
    with file.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
