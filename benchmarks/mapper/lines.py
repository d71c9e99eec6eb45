"""CSV with WKT to N-Triples, beside the peers."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.measure import Row

from .chosen import Chosen, Found
from .inputs import fields_csv
from .report import absent, at_least, at_most, median_cpu, rows_of
from .systems import MAPLIB, MORPH, OURS, Run, run_ours, run_peer, version_of

CASE: Final = "CSV to N-Triples"
RATIO: Final = 10.0
PEAK_MIB: Final = 512.0


def lines(chosen: Chosen) -> Found:
    """All systems in turns; what they write must be the same lines."""
    folder = fields_csv(chosen.work, chosen.rows)
    out = chosen.work / "out.nt"
    systems, missing = _systems(chosen, folder, out)
    runs: dict[str, list[Run]] = {system: [] for system in systems}
    answers: dict[str, str] = {}
    for _ in range(chosen.rounds):
        for system, run in systems.items():
            runs[system].append(run())
            if system not in answers:
                answers[system] = digest(out)
            out.unlink()
    if len(set(answers.values())) != 1:
        raise SystemExit(f"the systems disagree on {CASE}: {answers}")
    rows = rows_of(CASE, runs, chosen.rows, answers[OURS])
    ours = median_cpu(runs[OURS])
    best = min((median_cpu(runs[peer]) for peer in runs if peer != OURS), default=None)
    peak = max(run.peak_mb for run in runs[OURS]) * 1e6 / 2**20
    targets = [at_most(f"{CASE}, peak memory in MiB", peak, PEAK_MIB)]
    if best is not None:
        name = f"{CASE}, rows per CPU second / faster peer"
        targets.append(at_least(name, best / ours, RATIO))
    return rows + missing, targets


def _systems(
    chosen: Chosen, folder: Path, out: Path
) -> tuple[dict[str, Callable[[], Run]], list[Row]]:
    """What is there, ours first, and rows for what is not."""
    systems: dict[str, Callable[[], Run]] = {OURS: lambda: run_ours("to_lines", folder, out)}
    missing = []
    for peer in (MORPH, MAPLIB):
        version = version_of(chosen.peers, peer)
        if version is None:
            missing.append(absent(CASE, peer))
        else:
            name = f"{peer} {version}"
            systems[name] = lambda peer=peer: run_peer(chosen.peers, peer, folder, out)  # type: ignore[misc]
    return systems, missing


def digest(file: Path) -> str:
    """SHA-256 of the sorted lines of a file."""
    found = hashlib.sha256()
    environment = {**os.environ, "LC_ALL": "C"}
    with subprocess.Popen(["sort", file], stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        while block := child.stdout.read(1 << 20):
            found.update(block)
    if child.returncode:
        raise SystemExit(f"sort ended with {child.returncode}")
    return found.hexdigest()
