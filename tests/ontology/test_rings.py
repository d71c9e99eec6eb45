from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.rings import surely_simple

GRID = st.integers(0, 6).map(float)
FINE = st.floats(-180, 180, allow_subnormal=False)


def simple(points: list[tuple[float, float]]) -> bool:
    x, y = np.array(points, float).T.copy()
    return bool(surely_simple(x, y, len(points)))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(GRID, GRID), min_size=3, max_size=10)
    | st.lists(st.tuples(FINE, FINE), min_size=3, max_size=8)
)
def test_what_is_called_simple_is_valid(points: list[tuple[float, float]]) -> None:
    if simple(points):
        assert shapely.is_valid(shapely.Polygon(points))


@settings(max_examples=100, deadline=None)
@given(st.integers(3, 300), st.integers(0, 2**32 - 1))
def test_stars_are_found_simple(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    turns = (np.arange(count) + 0.8 * random.random(count)) * (2 * np.pi / count)
    reach = 1 + random.random(count)
    points = list(zip(reach * np.cos(turns), reach * np.sin(turns), strict=True))
    assert simple(points) == shapely.is_valid(shapely.Polygon(points))


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 0), (4, 0), (4, 4), (0, 4)], True),
        ([(0, 0), (2, 0), (4, 0), (4, 4), (0, 4)], True),  # a vertex on a straight side
        ([(0, 0), (4, 0), (2, 0), (2, 2)], False),  # back on itself
        ([(0, 0), (2, 2), (2, 0), (0, 2)], False),  # crosses itself
        ([(0, 0), (4, 0), (2, 0.0), (4, 4), (0, 4)], False),
        ([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)], False),  # touches itself
        ([(0, 0), (4, 0), (4, 0), (4, 4)], False),  # a point twice: left to GEOS
        ([(0, 0), (1, 1)], False),
        ([(0, 4), (2, -3), (-4, 1), (4, 1), (-2, -3)], False),  # twice around its middle
        ([(0, 4), (1, 1), (4, 0), (1, -1), (0, -4), (-1, -1), (-4, 0), (-1, 1)], True),
        ([(3, 0), (0, 3), (-3, 0), (0, -3), (2, 0), (0, 2), (-2, 0), (0, -2)], False),
    ],
)
def test_cases(points: list[tuple[float, float]], expected: bool) -> None:
    assert simple(points) is expected
