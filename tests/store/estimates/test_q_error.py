"""Estimates against the truth: 200 generated star, chain and spatial queries, always the same.

They are asked of the demo's map, of fields and of a land register with entity tables; the last
two, 130 queries, without tables too. GEOLOOM_ESTIMATES_STORE names another store to judge.
``pytest -s`` prints the figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest

from store import Store, parse_query
from store.estimates import Estimator
from store.layout.manifest import TablesPolicy
from store.passes import optimise
from tests.store.estimates.questions import KINDS, Generator
from tests.store.estimates.stores import fields, register, scenario

MEDIAN, LATE = 2.0, 20.0
Make = Callable[[Path, TablesPolicy], Store]
SHARES: tuple[tuple[Make, int], ...] = ((scenario, 70), (fields, 40), (register, 90))


@dataclass(frozen=True)
class Judged:
    """A query, what was expected, and what is there."""

    kind: str
    text: str
    expected: float
    actual: int

    @property
    def error(self) -> float:
        """How many times one is the other; both at least one."""
        expected, actual = max(self.expected, 1.0), max(self.actual, 1)
        return max(expected / actual, actual / expected)


def judged(store: Store, count: int, seed: int) -> Iterator[Judged]:
    generator = Generator(store, seed)
    for kind in islice(cycle(KINDS), count):
        where = generator.query(kind)
        plan, _ = optimise(parse_query(f"SELECT * {{ {where} }}").plan, store.snapshot())
        expected = Estimator(store.snapshot()).of(plan).rows
        rows = store.query(f"SELECT (COUNT(*) AS ?n) {{ {where} }}").terms().to_pylist()
        yield Judged(kind, where, expected, int(rows[0]["n"]["value"]))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("tables", "shares"), [("auto", SHARES), ("never", SHARES[1:])])
def test_estimates_of_generated_queries(
    tmp_path: Path, tables: TablesPolicy, shares: tuple[tuple[Make, int], ...]
) -> None:
    found: list[Judged] = []
    if given := os.environ.get("GEOLOOM_ESTIMATES_STORE"):
        found += judged(Store.open(given), 200, 3)
    else:
        for seed, (make, count) in enumerate(shares):
            found += judged(make(tmp_path, tables), count, seed)
    errors = np.array([one.error for one in found])
    median, late = np.median(errors), np.percentile(errors, 95)
    print(
        f"\nq-error of {len(found)} queries, tables {tables}: median {median:.2f}, 95 % {late:.1f}"
    )
    for kind in dict.fromkeys(KINDS):
        own = np.array([one.error for one in found if one.kind == kind])
        print(f"  {kind:8} median {np.median(own):.2f}, 95 % {np.percentile(own, 95):.1f}")
    for one in sorted(found, key=lambda one: -one.error)[:12]:
        print(f"  {one.error:8.1f}  expected {one.expected:.0f}, are {one.actual}: {one.text}")
    assert len(found) >= 130
    assert median <= MEDIAN
    assert late <= LATE
