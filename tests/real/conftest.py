"""The examples of the project beside real data, in a folder of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of ``examples/`` whose ``data`` is the folder of real data."""
    folder = tmp_path_factory.mktemp("real") / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("*-store", "data"))
    (folder / "data").symlink_to(Path(os.environ["GEOLOOM_SUITES"]) / "data")
    return folder
