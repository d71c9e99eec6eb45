"""``python -m benchmarks NAME``: run one benchmark."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_MODULES = {file.parent.name: f"{file.parent.name}.run" for file in _HERE.glob("*/run.py")} | {
    file.stem: file.stem
    for file in _HERE.glob("*.py")
    if file.stem not in ("__main__", "measure", "fields")
}
"""Where each benchmark's ``main`` is: a file, or ``run.py`` of a folder."""

if len(sys.argv) < 2 or sys.argv[1] not in _MODULES:
    sys.exit(f"usage: python -m benchmarks {{{','.join(sorted(_MODULES))}}} [--scale N]")
name = sys.argv.pop(1)
importlib.import_module(f"benchmarks.{_MODULES[name]}").main()
