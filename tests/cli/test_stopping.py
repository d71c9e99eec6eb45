"""Commands end at their deadline and memory cap, also inside one call that nobody can stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from store import Store
from tests.cli.conftest import Geoloom

SLACK = 1.0 if os.getloadavg()[0] < (os.cpu_count() or 1) else 5.0
"""The promise is one second; a machine that others use as well takes longer."""
PROGRAM = """
import sys, time
sys.path[:] = {path!r}
import geoloom.cli.query
from geoloom.cli import main
print(time.monotonic(), file=sys.stderr, flush=True)
main({words!r})
"""


def _comb(teeth: int, *, upright: bool) -> str:
    long = 2 * teeth
    points = [(0, 0)]
    for at in range(0, long, 2):
        points += [(at, 1), (at, long), (at + 1, long), (at + 1, 1)]
    points += [(long, 1), (long, 0), (0, 0)]
    ring = ", ".join(f"{x} {y}" if upright else f"{y} {x}" for x, y in points)
    return f'"<http://www.opengis.net/def/crs/EPSG/0/3857> POLYGON (({ring}))"^^geo:wktLiteral'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopping")
    Store.create(folder / "store")
    across, upright = _comb(3000, upright=False), _comb(3000, upright=True)
    text = f"SELECT (geof:intersection({across}, {upright}) AS ?pieces) {{}}"
    (folder / "overlay.rq").write_text(text, encoding="utf-8")
    return folder


def _query(place: Path, *options: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Seconds from the start of the query to the end of the process, and what it printed."""
    words = ["query", str(place / "store"), "-f", str(place / "overlay.rq"), *options]
    program = PROGRAM.format(path=sys.path, words=words)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    ended = time.monotonic()
    began, _, ran.stderr = ran.stderr.partition("\n")
    return ended - float(began), ran


def test_one_geos_call_ends_at_the_deadline(place: Path) -> None:
    output = place / "pieces.csv"
    seconds, ran = _query(place, "--timeout", "1.5", "--json", "-o", str(output))
    assert seconds < 1.5 + SLACK
    assert ran.returncode == 1
    assert json.loads(ran.stderr)["error"] == "deadline"
    assert ran.stdout == ""
    assert not list(place.glob("pieces*"))


def test_one_geos_call_ends_at_the_memory_cap(place: Path) -> None:
    _, ran = _query(place, "--memory", "128MB", "--timeout", "100")
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: The query needs more memory than allowed.")
    assert ran.stderr.count("\n") == 1


def test_what_killed_commands_spilt_is_removed(place: Path) -> None:
    left = Path(tempfile.gettempdir()) / "geoloom-spill-4194305-1"  # no system has such a process
    left.mkdir(exist_ok=True)
    os.utime(left, (0, 0))
    program = PROGRAM.format(path=sys.path, words=["query", str(place / "store"), "ASK {}"])
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert not left.exists()


@pytest.mark.parametrize("size", ["much", "10MB", "-1GB"])
def test_sizes_that_are_none(geoloom: Geoloom, place: Path, size: str) -> None:
    ran = geoloom("query", place / "store", "ASK {}", "--memory", size)
    assert ran.code == 2
    assert size in ran.paragraph()
