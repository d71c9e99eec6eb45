"""The gate refuses what it should refuse."""

from __future__ import annotations

from tests.conformance.check import shortfalls


def test_a_suite_that_did_not_run_or_fell_is_named() -> None:
    figures = {"a": {"passed": 9, "failed": 1, "excluded": 0}, "b": {"passed": 5}}
    assert shortfalls(figures, {"a": 10, "b": 5, "c": 1}) == [
        "a: 9 passed, the floor is 10",
        "c: did not run",
    ]
