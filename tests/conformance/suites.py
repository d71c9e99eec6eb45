"""Where third-party suites lie, and what a module does when they are absent."""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"


def require(folder: str) -> Path:
    """Return the folder of a suite or data set; skip the calling module when it is absent."""
    place = os.environ.get("GEOLOOM_SUITES")
    found = Path(place) / folder if place else None
    if found is not None and found.exists():
        return found.resolve()  # relative IRIs in data are resolved against real paths
    reason = (
        f"needs {folder}: set GEOLOOM_SUITES to a folder that holds it "
        "(python tests/conformance/fetch.py DIR fetches the public suites)"
    )
    if os.environ.get("GEOLOOM_REQUIRE_SUITES"):
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


def record(suite: str, passed: int, failed: int, excluded: int = 0) -> None:
    """Write a suite's figures into build/conformance.json."""
    BUILD.mkdir(exist_ok=True)
    file = BUILD / "conformance.json"
    with (BUILD / "conformance.lock").open("w") as lock:  # suites run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        figures = json.loads(file.read_text()) if file.exists() else {}
        figures[suite] = {"passed": passed, "failed": failed, "excluded": excluded}
        file.write_text(json.dumps(dict(sorted(figures.items())), indent=2) + "\n")


def floor(suite: str) -> int:
    """Return the number of cases of a suite that must pass; it only ever rises."""
    return int(tomllib.loads((HERE / "floors.toml").read_text())[suite])
