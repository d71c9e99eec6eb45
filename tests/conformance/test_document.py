"""docs/conformance.md says what the tables and floors say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.conformance.document import HERE, page

PAGE = HERE.parents[1] / "docs" / "conformance.md"
ROW = re.compile(r"\| `([\w-]+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|")


@pytest.mark.sources
def test_the_page_is_up_to_date() -> None:
    written = Path(PAGE).read_text(encoding="utf-8")
    figures = {
        suite: dict(zip(("passed", "failed", "excluded"), map(int, found), strict=True))
        for suite, *found, _ in ROW.findall(written)
    }
    advice = "run the suites, then: python tests/conformance/document.py > docs/conformance.md"
    assert set(figures) == set(tomllib.loads((HERE / "floors.toml").read_text())), advice
    assert written == page(figures), advice
    for suite, floor in tomllib.loads((HERE / "floors.toml").read_text()).items():
        assert figures[suite]["passed"] >= floor, suite
