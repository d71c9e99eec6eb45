"""Loading in a process of its own, so that its peak of memory is its alone.

Run as ``python -m benchmarks.store.loading SYSTEM STORE SOURCE…``: prints the seconds it took. The
sources of ``batches`` are one number, how many fields; the others' are N-Triples files. Making the
batches is not part of the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from .watch import run_watched

BATCHES: Final = "geoloom, batches"
TRIPLES: Final = "geoloom, N-Triples"
OXIGRAPH: Final = "Oxigraph"


@dataclass(frozen=True, slots=True)
class Load:
    """How long a load took, its peak of memory, and what lies on disk after it."""

    seconds: float
    peak_mb: float
    disk_mb: float


def measure_load(
    system: str, store: Path, sources: Sequence[object], limit: int | None = None
) -> Load:
    """Load into a new store in a child process that may hold so many bytes."""
    command = [sys.executable, "-m", "benchmarks.store.loading", system, str(store)]
    done = run_watched([*command, *map(str, sources)], limit=limit)
    return Load(float(done.output.split()[-1]), done.peak_mb, disk_mb(store))


def disk_mb(folder: Path) -> float:
    """Size of all files of a folder in MB (1e6 bytes)."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _from_batches(folder: Path, sources: list[str]) -> float:
    from benchmarks.fields import field_batches  # each system's process holds that system alone
    from store import Store

    from .around import around_batches

    fields = int(sources[0])
    made = Store.create(folder)
    began = time.perf_counter()
    with made.begin("fields") as sink:
        seconds = time.perf_counter() - began
        for group in chain(field_batches(fields), around_batches(fields)):
            began = time.perf_counter()
            for batch in group:
                sink.write(batch)
            seconds += time.perf_counter() - began
        print(f"written in {seconds:.1f} s", file=sys.stderr)
        began = time.perf_counter()
        for remark in sink.commit().remarks:
            print(remark, file=sys.stderr)
    return seconds + time.perf_counter() - began


def _from_triples(folder: Path, sources: list[str]) -> float:
    from store import Store  # as above

    made = Store.create(folder)
    began = time.perf_counter()
    made.load(sources)
    return time.perf_counter() - began


def _into_oxigraph(folder: Path, sources: list[str]) -> float:
    import pyoxigraph  # as above

    made = pyoxigraph.Store(str(folder))
    began = time.perf_counter()
    for source in sources:
        made.bulk_load(path=source, format=pyoxigraph.RdfFormat.N_TRIPLES)
    seconds = time.perf_counter() - began
    made.flush()
    made.optimize()
    return seconds


_LOADS: Final = {BATCHES: _from_batches, TRIPLES: _from_triples, OXIGRAPH: _into_oxigraph}


def main() -> None:
    """Load, and print how long it took."""
    system, folder, *sources = sys.argv[1:]
    print(_LOADS[system](Path(folder), sources))


if __name__ == "__main__":
    main()
