"""The queries and the real data of Geographica, where ``GEOLOOM_SUITES`` says they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER = "conformance/geographica"


def geographica() -> Path | None:
    """The folder of the suite; None, and said so, where it is not there."""
    root = os.environ.get("GEOLOOM_SUITES")
    if root and (Path(root) / FOLDER).is_dir():
        return Path(root) / FOLDER
    print(
        f"Geographica is absent: set GEOLOOM_SUITES to a folder that holds {FOLDER}",
        file=sys.stderr,
    )
    return None


def query_texts(suite: Path, folder: str) -> dict[str, str]:
    """Queries of one set by name, in their order."""
    files = sorted((suite / "queries" / folder).glob("*.rq"))
    return {file.stem: file.read_text(encoding="utf-8") for file in files}
