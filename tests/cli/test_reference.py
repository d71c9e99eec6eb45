"""docs/cli.md says what ``--help`` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.reference import reference

ROOT = Path(__file__).parents[2]


@pytest.mark.sources
def test_the_reference_is_current() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python tests/cli/reference.py > docs/cli.md"


@pytest.mark.sources
def test_the_readme_has_the_two_lines() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count(".venv/bin/geoloom demo") == 1
    assert readme.count(".venv/bin/python -m pytest") == 1
