"""The verdict over a suite: its figures are recorded, its floor holds, exclusions are strict."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from typing import Final

from store.layout.manifest import TablesPolicy
from tests.conformance.suites import HERE, floor, record

EXCLUDED: Final = HERE / "excluded.toml"

POLICIES: Final[tuple[TablesPolicy, ...]] = ("never", "always")
"""A suite runs over lanes alone, and over stores that make entity tables wherever they can."""


def suite_of(suite: str, tables: TablesPolicy) -> str:
    """What a suite is called over stores of a policy; one with tables counts for itself."""
    return suite if tables == "never" else f"{suite}-tables"


def judge(suite: str, outcomes: Mapping[str, str | None]) -> None:
    """Record and check the outcomes of a suite: for each case None, or what went wrong.

    An excluded case (excluded.toml) must fail: once it passes, its line has to go. A suite has
    the same exclusions over tables.
    """
    excluded = tomllib.loads(EXCLUDED.read_text()).get(suite.removesuffix("-tables"), {})
    failed = [f"{name}: {wrong}" for name, wrong in outcomes.items() if wrong is not None]
    passing = sorted(name for name in excluded if outcomes.get(name, "") is None)
    unknown = sorted(set(excluded) - set(outcomes))
    passed = len(outcomes) - len(failed)
    record(suite, passed, len(failed) - len(excluded), len(excluded))
    if os.environ.get("GEOLOOM_SHOW_FAILURES"):
        print("\n".join([f"{suite}: {passed} of {len(outcomes)} pass", *failed]))
    assert not passing, f"excluded, but these pass: {passing}"
    assert not unknown, f"excluded, but there is no such case: {unknown}"
    assert passed >= floor(suite), "\n".join(failed)
