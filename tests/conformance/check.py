"""The gate: every suite of floors.toml was run, and passed at least as often as it says.

``python tests/conformance/check.py`` reads build/conformance.json; CI runs it when the suites are
there, so a skipped suite fails.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent


def shortfalls(figures: dict[str, dict[str, int]], floors: dict[str, int]) -> list[str]:
    """Return a sentence for every suite that fell short or did not run."""
    found = []
    for suite, floor in floors.items():
        if suite not in figures:
            found.append(f"{suite}: did not run")
        elif figures[suite]["passed"] < floor:
            found.append(f"{suite}: {figures[suite]['passed']} passed, the floor is {floor}")
    return found


if __name__ == "__main__":
    measured = HERE.parents[1] / "build" / "conformance.json"
    figures = json.loads(measured.read_text()) if measured.exists() else {}
    print(json.dumps(figures, indent=2))
    if short := shortfalls(figures, tomllib.loads((HERE / "floors.toml").read_text())):
        sys.exit("\n".join(short))
