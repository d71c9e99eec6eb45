"""The gate: every suite of floors.toml was run, and passed at least as often as it says.

``python tests/conformance/check.py`` reads build/conformance.json; CI runs it when the suites are
there, so a skipped suite fails. Where database servers cannot be installed (.ci/run then sets
``GEOLOOM_WITHOUT_SERVERS``), the suites that need them are named and not judged.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Final

HERE = Path(__file__).parent

ON_SERVERS: Final = frozenset({"rml-io-registry", "r2rml-postgresql"})


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
    floors = tomllib.loads((HERE / "floors.toml").read_text())
    if os.environ.get("GEOLOOM_WITHOUT_SERVERS"):
        print("not judged, there is no database server:", *sorted(ON_SERVERS))
        floors = {suite: floor for suite, floor in floors.items() if suite not in ON_SERVERS}
    if short := shortfalls(figures, floors):
        sys.exit("\n".join(short))
