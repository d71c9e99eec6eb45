"""Whatever a spatial condition is spelt like, the index gives what testing every pair gives."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings

from store import Store, run_query
from tests.store.spatial.spellings import queries, selections
from tests.store.spatial.worlds import PREFIXES

NIGHTLY = os.environ.get("GEOLOOM_NIGHTLY", "") not in ("", "0")
QUIET = settings(
    max_examples=400 if NIGHTLY else 25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def answers(store: Store, text: str, *, optimise: bool) -> Counter[object]:
    result = run_query(store.snapshot(), PREFIXES + text, optimise=optimise)
    return Counter(tuple(sorted(row.items())) for row in map(_plain, result.rows()))


def _plain(row: dict[str, object]) -> dict[str, str]:
    return {name: str(term) for name, term in row.items()}


def same(store: Store, text: str) -> None:
    assert answers(store, text, optimise=True) == answers(store, text, optimise=False), text


@QUIET
@given(text=queries())
def test_two_kinds(store: Store, text: str) -> None:
    same(store, text)


@QUIET
@given(text=selections())
def test_constants(store: Store, text: str) -> None:
    same(store, text)
