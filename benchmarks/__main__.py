"""``python -m benchmarks NAME``: run one benchmark."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NAMES = sorted(
    file.stem
    for file in Path(__file__).parent.glob("*.py")
    if file.stem not in ("__main__", "measure", "fields")
)

if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
    sys.exit(f"usage: python -m benchmarks {{{','.join(NAMES)}}} [--scale N]")
name = sys.argv.pop(1)
importlib.import_module(f"benchmarks.{name}").main()
