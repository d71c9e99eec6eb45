"""What a glance tells of distances on the ellipsoid is what measuring tells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, crs_iri, metres_distance
from store.lower.geometry.nearness import near

PAIRS = 120


def _told(a: np.ndarray, b: np.ndarray, metres: np.ndarray, crs: str = CRS84) -> list[bool | None]:
    names = pa.array([crs] * len(a))
    wkb = [pa.array(shapely.to_wkb(side, flavor="iso"), pa.binary()) for side in (a, b)]
    return near(wkb[0], names, wkb[1], names, pa.array(metres)).to_pylist()


@pytest.mark.parametrize("latitude", [0.0, 48.0, 65.0, 84.0, -33.0])
def test_it_agrees_with_measuring(latitude: float) -> None:
    random = np.random.default_rng(int(latitude) + 100)
    wide = 0.002 / np.cos(np.radians(latitude))
    places = random.uniform(-1, 1, (2, PAIRS, 3, 2)) * (wide, 0.002) + (16.0, latitude)
    a, b = shapely.polygons(places[0]), shapely.points(places[1][:, 0])
    metres = random.uniform(1, 400, PAIRS)
    exact = metres_distance(a, b, CRS84)
    told = _told(a, b, metres)
    assert sum(answer is None for answer in told) < PAIRS / 10
    for answer, distance, limit in zip(told, exact, metres, strict=True):
        assert answer in (None, bool(distance < limit))


def test_doubtful_pairs_are_left_to_be_measured() -> None:
    points = shapely.points([[16.0, 48.0], [179.9999, 5.0], [16.0, 89.0], [16.0, 48.0]])
    others = shapely.points([[16.0, 48.001], [-179.9999, 5.0], [100.0, 89.0], [16.0, 48.0]])
    at_the_limit = metres_distance(points[:1], others[:1], CRS84)[0]
    assert _told(points, others, np.array([at_the_limit, 100.0, 1e5, 0.0])) == [None] * 4


def test_other_ellipsoids_and_nothing_are_left_to_be_measured() -> None:
    points = np.array([shapely.Point(16, 48), None, shapely.Point()], object)
    assert _told(points, points, np.full(3, 10.0)) == [True, None, None]
    assert _told(points[:1], points[:1], np.array([10.0]), crs_iri("EPSG:4277")) == [None]
    assert _told(points[:1], points[:1], np.array([10.0]), crs_iri("EPSG:4326")) == [True]
