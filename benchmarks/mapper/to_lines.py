"""Ours: the mapping of a folder to N-Triples. Arguments: FOLDER OUT [WORKERS]."""

from __future__ import annotations

import sys
from pathlib import Path

from mapper import NTriplesSink, load_mapping, run_mapping

from .clock import Clock


def main() -> None:
    """Map, and tell the time."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    clock = Clock()
    run_mapping(load_mapping(folder / "fields.rml.ttl"), NTriplesSink(out), workers=workers)
    clock.tell()


if __name__ == "__main__":
    main()
