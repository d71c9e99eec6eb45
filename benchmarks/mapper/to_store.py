"""Ours: a mapping into a new store. Arguments: MAPPING STORE."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from mapper import load_mapping, run_mapping
from store import Store

from .clock import Clock


def main() -> None:
    """Map, and tell the time."""
    mapping, folder = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    clock = Clock()
    run_mapping(load_mapping(mapping), Store.create(folder).begin())
    clock.tell()


if __name__ == "__main__":
    main()
