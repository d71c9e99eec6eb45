from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from interlink import GeometryColumn, within_metres
from ontology import CRS84, UsageError, geodesic_distance, transform

GEOD = pyproj.Geod(ellps="WGS84")
Make = Callable[..., GeometryColumn]


def pairs(source: GeometryColumn, target: GeometryColumn, metres: float) -> dict[Any, float]:
    rows = [
        ((int(r["source"].rsplit("/", 1)[1]), int(r["target"].rsplit("/", 1)[1])), r["metres"])
        for table in within_metres(source, target, metres)
        for r in table.to_pylist()
    ]
    assert len(rows) == len(dict(rows))
    return dict(rows)


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0, -80.0, 89.9])
@pytest.mark.parametrize("metres", [10.0, 5_000.0])
def test_every_direction_is_right_at_every_latitude(
    column: Make, lat: float, metres: float
) -> None:
    azimuth = np.arange(0, 360, 5.0)
    lon = np.full(len(azimuth), 14.0)
    near = GEOD.fwd(lon, np.full(len(azimuth), lat), azimuth, np.full(len(azimuth), metres * 0.999))
    far = GEOD.fwd(lon, np.full(len(azimuth), lat), azimuth, np.full(len(azimuth), metres * 1.001))
    around = list(
        shapely.points(np.concatenate([near[0], far[0]]), np.concatenate([near[1], far[1]]))
    )
    found = pairs(column([shapely.Point(14, lat)]), column(around), metres)
    assert sorted(found) == [(0, t) for t in range(len(azimuth))]
    np.testing.assert_allclose(list(found.values()), metres * 0.999, rtol=1e-6)


def test_all_pairs_against_brute_force(column: Make) -> None:
    rng = np.random.default_rng(11)
    corner = rng.uniform([10, 60], [10.2, 60.1], (60, 2))
    fields = [shapely.box(x, y, x + 0.004, y + 0.002) for x, y in corner]
    points = list(shapely.points(rng.uniform([10, 60], [10.2, 60.1], (80, 2))))
    s, t = (grid.ravel() for grid in np.meshgrid(range(60), range(80), indexing="ij"))
    apart = geodesic_distance(np.array(fields, object)[s], np.array(points, object)[t])
    for metres in (0.0, 50.0, 800.0):
        expected = {(int(a), int(b)) for a, b, d in zip(s, t, apart, strict=True) if d <= metres}
        assert set(pairs(column(fields), column(points), metres)) == expected
        assert expected or metres == 0


def test_a_giant_among_points_on_either_side(column: Make) -> None:
    ring = shapely.segmentize(shapely.Point(10, 60).buffer(1, quad_segs=16), 0.001)
    rng = np.random.default_rng(4)
    points = shapely.points(rng.uniform([8.5, 58.8], [11.5, 61.2], (300, 2)))
    apart = geodesic_distance(np.full(300, shapely.simplify(ring, 0), object), points)
    expected = {(0, int(t)) for t in np.flatnonzero(apart <= 5_000)}
    found = pairs(column([ring]), column(list(points)), 5_000)
    assert set(found) == expected
    back = pairs(column(list(points)), column([ring]), 5_000)
    assert {(s, t): d for (t, s), d in back.items()} == pytest.approx(found)


def test_over_the_antimeridian_and_the_pole(texts: Make) -> None:
    east, west = (
        texts("POINT (179.99 65)", "POINT (0 89.999)"),
        texts("POINT (-179.99 65)", "POINT (180 89.999)"),
    )
    there, back = pairs(east, west, 1000), pairs(west, east, 1000)
    assert set(there) == {(0, 0), (1, 1)}
    assert {(t, s) for s, t in back} == set(there)
    assert there[0, 0] == pytest.approx(GEOD.inv(179.99, 65, -179.99, 65)[2], rel=1e-6)
    assert there[1, 1] == pytest.approx(GEOD.inv(0, 89.999, 180, 89.999)[2], rel=1e-6)


def test_what_meets_is_zero_apart(texts: Make) -> None:
    square = texts("POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))")
    assert pairs(square, texts("POINT (0.5 0.5)", "POINT (1 1)", "POINT (2 2)"), 0) == {
        (0, 0): 0.0,
        (0, 1): 0.0,
    }


def test_planar_in_a_projected_crs_with_the_target_carried_over(column: Make) -> None:
    metric = [shapely.Point(4_321_000, 3_210_000), shapely.Point(4_400_000, 3_210_000)]
    target = transform(np.array(metric, object), "EPSG:3035", CRS84)
    shifted = column([shapely.Point(p.x + 30, p.y + 40) for p in metric], crs="EPSG:3035")
    found = pairs(shifted, column(list(target)), 50.01)
    assert set(found) == {(0, 0), (1, 1)}
    assert list(found.values()) == pytest.approx([50, 50], abs=1e-3)
    assert pairs(shifted, column(list(target)), 49.9) == {}


def test_us_feet_are_counted_as_metres(texts: Make) -> None:
    one = texts("POINT (1000000 200000)", crs="EPSG:2263")
    other = texts("POINT (1000100 200000)", crs="EPSG:2263")
    assert pairs(one, other, 30.49)[0, 0] == pytest.approx(100 * 1200 / 3937)
    assert pairs(one, other, 30.47) == {}


def test_a_layer_without_rows(texts: Make, column: Make) -> None:
    assert pairs(column([]), texts("POINT (0 0)"), 10) == {}
    assert pairs(texts("POINT (0 0)"), texts("POINT EMPTY", None), 10) == {}


@pytest.mark.parametrize("metres", [-1.0, float("nan"), float("inf")])
def test_a_wrong_distance_is_refused(texts: Make, metres: float) -> None:
    with pytest.raises(UsageError, match="finite number of metres"):
        list(within_metres(texts("POINT (0 0)"), texts("POINT (0 0)"), metres))
