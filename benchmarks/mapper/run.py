"""``python -m benchmarks mapper``: mapping files, side by side with morph-kgc and maplib.

Every system runs in a process of its own and is charged the CPU time of that process and its
children after its imports; what it wrote must be the same as what ours wrote, sorted. The peers
live in an environment of their own, whose Python ``--peers`` names. Prints a table and writes
build/bench/mapper.json, or ``mapper-PART.json``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.measure import publish

from .chosen import SCALES, Chosen, Found
from .lines import lines
from .raster import raster
from .stores import stores
from .vector import vector
from .workers import workers

PEERS: Final = Path("/opt/peers/bin/python")
PARTS: Final[dict[str, Callable[[Chosen], Found]]] = {
    "lines": lines,
    "workers": workers,
    "raster": raster,
    "store": stores,
    "vector": vector,
}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mapper")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may repeat")
    parser.add_argument("--scale", choices=SCALES, default="500k", help="rows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="folder that keeps the inputs")
    parser.add_argument("--peers", type=Path, default=PEERS, help="Python that has the peers")
    given = parser.parse_args()
    parts = given.part or list(PARTS)
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        chosen = Chosen(work, SCALES[given.scale], given.rounds, given.peers)
        found = [PARTS[part](chosen) for part in parts]
    rows = [row for own, _ in found for row in own]
    targets = [target for _, own in found for target in own]
    name = "-".join(["mapper", *([] if len(parts) == len(PARTS) else parts)])
    publish(name, rows, tuple(targets))


if __name__ == "__main__":
    main()
