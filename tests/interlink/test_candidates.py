from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlink import FILTERS, GridFilter, TreeFilter
from interlink.link import pair_chunks


def brute(source: np.ndarray, target: np.ndarray) -> list[tuple[int, int]]:
    return [
        (s, t)
        for s, a in enumerate(source)
        for t, b in enumerate(target)
        if a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
    ]


def found(name: str, source: np.ndarray, target: np.ndarray) -> list[tuple[int, int]]:
    finder = FILTERS[name](source, target)  # type: ignore[index]
    pairs = finder.candidates(np.arange(len(source)))
    return [(int(s), int(t)) for s, t in zip(*pairs, strict=True)]


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, float)


CASES = {
    "touching edges": (boxes((0, 0, 1, 1)), boxes((1, 0, 2, 1), (1, 1, 2, 2), (1.1, 0, 2, 1))),
    "points": (boxes((0, 0, 0, 0), (5, 5, 5, 5)), boxes((5, 5, 5, 5), (5, 5, 6, 6))),
    "one place": (boxes((3, 3, 3, 3)), boxes((3, 3, 3, 3))),
    "a line without height": (boxes((0, 0, 9, 0), (0, 1, 9, 1)), boxes((4, -1, 4, 0.5))),
    "giant source": (boxes((-1e6, -1e6, 1e6, 1e6), *[(k, k, k, k) for k in range(50)]),) * 2,
    "giant target": (
        boxes(*[(k, k, k + 1, k + 1) for k in range(50)]),
        boxes((-1e5,) * 2 + (1e5,) * 2),
    ),
    "huge coordinates": (boxes((1e300, 1e300, 1e300, 1e300), (0, 0, 1, 1)),) * 2,
    "denormal width": (boxes((0, 0, 5e-324, 5e-324), (1, 1, 1, 1)),) * 2,
    "negative": (boxes((-2.5, -2.5, -1.5, -1.5)), boxes((-1.5, -1.5, 0, 0), (-1.4, -1.4, 0, 0))),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("case", CASES)
def test_special_boxes(name: str, case: str) -> None:
    source, target = CASES[case]
    assert found(name, source, target) == brute(source, target)


side = st.integers(-20, 20).map(lambda value: value / 4)
box = st.tuples(side, side, st.sampled_from([0, 0.25, 1, 7]), st.sampled_from([0, 0.5, 3])).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
some = st.lists(box, min_size=1, max_size=25).map(lambda rows: np.array(rows, float))


@settings(max_examples=80, deadline=None)
@given(some, some, st.sampled_from(list(FILTERS)))
def test_exactly_the_boxes_that_meet_each_once(
    source: np.ndarray, target: np.ndarray, name: str
) -> None:
    assert found(name, source, target) == brute(source, target)


def test_both_filters_agree_on_many_boxes_of_all_sizes() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 100, (3000, 2))
    size = rng.pareto(1.2, (3000, 2)) * 0.3
    source = np.column_stack([corner, corner + size])
    target = np.roll(source, 17, axis=0) + 0.01
    tree = TreeFilter(source, target).candidates(np.arange(3000))
    grid = GridFilter(source, target).candidates(np.arange(3000))
    np.testing.assert_array_equal(tree, grid)
    assert len(tree[0]) > 5_000


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_chunks_never_cut_a_source(most: int) -> None:
    rng = np.random.default_rng(5)
    corner = rng.uniform(0, 10, (400, 2))
    rows = np.column_stack([corner, corner + 0.6])
    whole = TreeFilter(rows, rows).candidates(np.arange(400))
    chunks = list(pair_chunks(TreeFilter(rows, rows), 400, most))
    np.testing.assert_array_equal(np.concatenate([c[0] for c in chunks]), whole[0])
    np.testing.assert_array_equal(np.concatenate([c[1] for c in chunks]), whole[1])
    owners = [set(chunk[0].tolist()) for chunk in chunks]
    assert sum(map(len, owners)) == len(set.union(*owners))
    assert all(
        len(chunk[0]) <= most or len(owner) == 1
        for chunk, owner in zip(chunks, owners, strict=True)
    )
