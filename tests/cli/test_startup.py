"""Asking for help must not cost the engine's start."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from geoloom.cli import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
heavy = {"flask", "geopandas", "rasterio", "store"} & set(sys.modules)
assert not heavy, heavy
"""


def test_help_imports_no_engine() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "interlink" in done.stdout
