"""The systems: what each is run by, and whether it is there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.store.watch import run_watched

OURS: Final = "geoloom"
MORPH: Final = "morph-kgc"
MAPLIB: Final = "maplib"
_HERE: Final = Path(__file__).parent
_SCRIPTS: Final = {MORPH: ("morph_kgc", "peer_morph.py"), MAPLIB: ("maplib", "peer_maplib.py")}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a system, after its imports.

    Attributes
    ----------
    cpu_s, wall_s : float
        CPU time with that of child processes; time on the clock.
    peak_mb : float
        Most memory its processes held (1e6 bytes), imports and all.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


def run_ours(module: str, *arguments: object) -> Run:
    """Run ``python -m benchmarks.mapper.MODULE``, which prints what :func:`told` reads."""
    return _run([sys.executable, "-m", f"benchmarks.mapper.{module}", *map(str, arguments)])


def run_peer(python: Path, peer: str, folder: Path, out: Path) -> Run:
    """Map the fields of a folder by a peer."""
    script = _HERE / _SCRIPTS[peer][1]
    return _run([str(python), str(script), str(folder), str(out)])


def version_of(python: Path, peer: str) -> str | None:
    """Version of a peer, None if it is absent."""
    name = _SCRIPTS[peer][0]
    code = f"import {name}; from importlib.metadata import version; print(version({name!r}))"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.split()[-1]


def _run(command: Sequence[str]) -> Run:
    done = run_watched(command)
    told = json.loads(done.output.splitlines()[-1])
    return Run(told["cpu_s"], told["wall_s"], done.peak_mb)
