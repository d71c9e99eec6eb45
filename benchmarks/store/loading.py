"""Loading N-Triples in a process of its own, so that its peak memory is its alone.

Run as ``python -m benchmarks.store.loading {geoloom|oxigraph} STORE FILE…``: prints one line of
JSON. The peak is VmHWM of /proc/self/status, which counts pages of files mapped to memory too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GEOLOOM: Final = "geoloom"
OXIGRAPH: Final = "oxigraph"


@dataclass(frozen=True, slots=True)
class Load:
    """How long a load took, its peak of memory, and what lies on disk after it."""

    seconds: float
    peak_mb: float
    disk_mb: float


def measure_load(system: str, store: Path, sources: list[Path]) -> Load:
    """Load files into a new store in a child process."""
    command = [sys.executable, "-m", "benchmarks.store.loading", system, str(store)]
    done = subprocess.run(
        [*command, *map(str, sources)], check=True, stdout=subprocess.PIPE, text=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Load(told["seconds"], told["peak_mb"], disk_mb(store))


def disk_mb(folder: Path) -> float:
    """Size of all files of a folder in MB (1e6 bytes)."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _into_geoloom(store: Path, sources: list[Path]) -> float:
    from store import Store  # each system's process holds that system alone

    made = Store.create(store)
    began = time.perf_counter()
    made.load(sources)
    return time.perf_counter() - began


def _into_oxigraph(store: Path, sources: list[Path]) -> float:
    import pyoxigraph  # as above

    made = pyoxigraph.Store(str(store))
    began = time.perf_counter()
    for source in sources:
        made.bulk_load(path=source, format=pyoxigraph.RdfFormat.N_TRIPLES)
    seconds = time.perf_counter() - began
    made.flush()
    made.optimize()
    return seconds


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    """Load, and print what it took."""
    system, store, *sources = sys.argv[1:]
    load = _into_geoloom if system == GEOLOOM else _into_oxigraph
    seconds = load(Path(store), [Path(source) for source in sources])
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb()}))


if __name__ == "__main__":
    main()
