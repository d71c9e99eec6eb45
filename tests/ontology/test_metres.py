from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import (
    CRS84,
    degree_margins,
    geodesic_area,
    geodesic_distance,
    geodesic_length,
    geodesic_perimeter,
    metres_distance,
    transform,
)

GEOD = pyproj.Geod(ellps="WGS84")
HERE = 14.0


def one(text: str) -> np.ndarray:
    return np.array([shapely.from_wkt(text)], object)


def away(lat: float, azimuth: float, metres: float) -> tuple[float, float]:
    lon, latitude, _ = GEOD.fwd(HERE, lat, azimuth, metres)
    return lon, latitude


def metric(offsets: list[tuple[float, float]], lon: float, lat: float) -> np.ndarray:
    """Offsets in metres east and north, about, to degrees."""
    scale = [111_320 * np.cos(np.radians(lat)), 110_574]
    return np.array(offsets) / scale + [lon, lat]


def star(rng: np.random.Generator, lon: float, lat: float, radius: float) -> shapely.Polygon:
    angle = np.sort(rng.uniform(0, 2 * np.pi, 7))
    reach = rng.uniform(0.3, 1, 7)[:, None] * radius
    offsets = reach * np.column_stack([np.cos(angle), np.sin(angle)])
    return shapely.Polygon(metric(offsets.tolist(), lon, lat))


def edges(geometry: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    rows = shapely.get_coordinates(geometry)
    return (rows[:-1], rows[1:]) if len(rows) > 1 else (rows, rows)


def brute_force(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """Zoom in on every pair of edges: 9 x 9 geodesics, then a quarter as wide about the best."""
    (a0, a1), (b0, b1) = edges(a), edges(b)
    i, j = (grid.ravel() for grid in np.meshgrid(range(len(a0)), range(len(b0)), indexing="ij"))
    at = np.full((2, len(i)), 0.5)
    half, best = 0.5, np.inf
    steps = np.linspace(-1, 1, 9)
    for _ in range(15):
        ta = np.clip(at[0][:, None, None] + half * steps[:, None] + 0 * steps, 0, 1)[..., None]
        tb = np.clip(at[1][:, None, None] + half * steps + 0 * steps[:, None], 0, 1)[..., None]
        p = a0[i][:, None, None] * (1 - ta) + a1[i][:, None, None] * ta
        q = b0[j][:, None, None] * (1 - tb) + b1[j][:, None, None] * tb
        apart = np.asarray(GEOD.inv(*p.reshape(-1, 2).T, *q.reshape(-1, 2).T)[2])
        apart = apart.reshape(len(i), -1)
        where, nearest = apart.argmin(axis=1), apart.min(axis=1)
        best = min(best, float(nearest.min()))
        keep = nearest <= 2 * nearest.min() + 1
        picked = np.arange(len(i))
        at = np.stack([t.reshape(len(i), -1)[picked, where] for t in (ta, tb)])[:, keep]
        i, j, half = i[keep], j[keep], half / 4
    return best


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0, -65.0, 80.0])
@pytest.mark.parametrize("metres", [1.0, 100.0, 10_000.0, 100_000.0])
def test_distance_of_polygons_against_brute_force(lat: float, metres: float) -> None:
    rng = np.random.default_rng(int(metres) + int(abs(lat)))
    ours, theirs = [], []
    for size in (1.0, 1.0, 3.0, 10.0 if metres < 50_000 else 2.0):
        lon, latitude = away(lat, rng.uniform(0, 360), metres * (1 + 2 * size))
        ours.append(star(rng, HERE, lat, metres * size))
        theirs.append(star(rng, lon, latitude, metres * size))
    a, b = np.array(ours, object), np.array(theirs, object)
    apart = ~shapely.intersects(a, b)
    expected = [brute_force(x, y) for x, y in zip(a[apart], b[apart], strict=True)]
    np.testing.assert_allclose(geodesic_distance(a, b)[apart], expected, rtol=2e-4)
    assert apart.any()


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0])
@pytest.mark.parametrize("metres", [1.0, 10.0, 1_000.0, 100_000.0])
def test_a_point_and_a_long_line(lat: float, metres: float) -> None:
    """The line runs 200 km west to east along a parallel, as straight lines in degrees do."""
    line = shapely.LineString([(HERE - 1, lat), (HERE + 2, lat)])
    point = shapely.Point(away(lat, 0, metres))
    expected = brute_force(line, point)
    assert geodesic_distance(np.array([line]), np.array([point]))[0] == pytest.approx(
        expected, rel=2e-4
    )


def test_lines_beside_each_other_over_many_latitudes() -> None:
    """The gap in degrees is least in the south, in metres it is least in the north."""
    a = one("LINESTRING (10 40, 10 65)")
    b = one("LINESTRING (10.5 40, 10.8 65)")
    expected = brute_force(a[0], b[0])
    assert expected == pytest.approx(GEOD.inv(10, 65, 10.8, 65)[2], rel=1e-3)
    assert geodesic_distance(a, b)[0] == pytest.approx(expected, rel=5e-4)


@settings(max_examples=40, deadline=None)
@given(st.floats(-80, 80), st.floats(0, 360), st.floats(0.5, 1e5))
def test_distance_of_points_is_the_geodesic(lat: float, azimuth: float, metres: float) -> None:
    a, b = one(f"POINT ({HERE} {lat!r})"), np.array([shapely.Point(away(lat, azimuth, metres))])
    assert geodesic_distance(a, b)[0] == pytest.approx(metres, rel=1e-6)
    multi = np.array([shapely.MultiPoint([b[0], b[0]])])
    assert geodesic_distance(a, multi)[0] == pytest.approx(metres, rel=1e-6)


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0])
@pytest.mark.parametrize("metres", [5.0, 3_000.0, 80_000.0])
def test_many_vertices_on_the_same_edges_change_nothing(lat: float, metres: float) -> None:
    rng = np.random.default_rng(int(metres))
    far = away(lat, 70, 5 * metres)
    ours = [star(rng, HERE, lat, 2 * metres), shapely.LineString([(HERE - 1, lat), (HERE, lat)])]
    theirs = [star(rng, *far, metres), shapely.MultiPoint([far, (far[0], far[1] + 1)])]
    a, b = np.array(ours, object), np.array(theirs, object)
    plain = geodesic_distance(a, b)
    dense = shapely.segmentize(a, shapely.length(a) / 3000)
    assert (shapely.get_num_coordinates(dense) > 2000).all()
    assert (plain > 0).all()
    np.testing.assert_allclose(geodesic_distance(dense, b), plain, rtol=2e-4)
    np.testing.assert_allclose(geodesic_distance(b, dense), plain, rtol=2e-4)


def test_more_vertices_than_a_batch_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    a = shapely.box(*np.random.default_rng(1).uniform(0, 1, (2, 50)), 2, 2)
    b = shapely.points(np.full(50, 3.0), np.linspace(0, 3, 50))
    whole = geodesic_distance(a, b)
    monkeypatch.setattr("ontology.nearest._BATCH", 20)
    np.testing.assert_allclose(geodesic_distance(a, b), whole, rtol=1e-12)


def test_ten_metres_at_65_north() -> None:
    place = one("POINT (14 65)")
    for azimuth in range(0, 360, 15):
        near, far = shapely.Point(away(65, azimuth, 9.99)), shapely.Point(away(65, azimuth, 10.01))
        assert geodesic_distance(place, np.array([near]))[0] < 10
        assert geodesic_distance(place, np.array([far]))[0] > 10


@pytest.mark.parametrize("geometry", ["POINT (179.9 10)", "LINESTRING (179.5 10, 179.9 10)"])
def test_the_short_way_over_the_antimeridian(geometry: str) -> None:
    expected = GEOD.inv(179.9, 10, -179.9, 10)[2]
    other = one("POINT (-179.9 10)")
    assert geodesic_distance(one(geometry), other)[0] == pytest.approx(expected, rel=1e-6)
    assert geodesic_distance(other, one(geometry))[0] == pytest.approx(expected, rel=1e-6)


def test_a_multipolygon_cut_at_the_antimeridian() -> None:
    cut = one("MULTIPOLYGON (((179 0, 180 0, 180 1, 179 0)), ((-180 0, -179 0, -180 1, -180 0)))")
    assert geodesic_distance(cut, one("POINT (180 0.5)"))[0] == 0
    assert geodesic_distance(cut, one("POINT (-178.9 0)"))[0] == pytest.approx(
        GEOD.inv(-179, 0, -178.9, 0)[2], rel=1e-6
    )


def test_touching_or_crossing_is_zero_and_missing_is_nan() -> None:
    square = shapely.box(0, 0, 1, 1)
    a = np.array([square, square, square, None, shapely.Point(), shapely.Point(0, 0)], object)
    b = np.array([shapely.Point(1, 1), shapely.box(0.2, 0.2, 0.3, 0.3)], object)
    b = np.concatenate([b, one("LINESTRING (-1 0.5, 2 0.5)"), [square] * 3])
    found = geodesic_distance(a, b)
    np.testing.assert_array_equal(found, [0, 0, 0, np.nan, np.nan, 0])


def test_an_invalid_polygon_has_a_distance() -> None:
    bow_tie = one("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
    assert geodesic_distance(bow_tie, one("POINT (0 2)"))[0] == pytest.approx(
        GEOD.inv(0, 1, 0, 2)[2], rel=1e-4
    )


def test_z_and_m_do_not_count() -> None:
    a = one("POINT ZM (0 0 1000 5)")
    assert geodesic_distance(a, one("LINESTRING Z (0 1 5, 1 1 5)"))[0] == pytest.approx(
        GEOD.inv(0, 0, 0, 1)[2], rel=1e-6
    )


def test_metres_distance_by_crs() -> None:
    a, b = one("POINT (10 52)"), one("POINT (10 53)")
    geodesic = GEOD.inv(10, 52, 10, 53)[2]
    assert metres_distance(a, b, CRS84)[0] == pytest.approx(geodesic)
    assert metres_distance(a, b, "EPSG:4258")[0] == pytest.approx(geodesic)
    planar = [transform(side, CRS84, "EPSG:25832") for side in (a, b)]
    assert metres_distance(*planar, "EPSG:25832")[0] == pytest.approx(geodesic, rel=1e-3)
    feet = one("POINT (0 0)"), one("POINT (3000 4000)")
    assert metres_distance(*feet, "EPSG:2263")[0] == pytest.approx(5000 * 1200 / 3937)


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0, -65.0])
@pytest.mark.parametrize("size", [10.0, 1_000.0, 30_000.0])
def test_area_and_perimeter_of_a_field(lat: float, size: float) -> None:
    corners = metric([(0, 0), (2 * size, 0), (2.2 * size, size), (0, size)], HERE, lat)
    field = shapely.Polygon(corners)
    area, around = GEOD.geometry_area_perimeter(shapely.segmentize(field, 0.0005))
    assert geodesic_area(np.array([field]))[0] == pytest.approx(abs(area), rel=1e-6)
    assert geodesic_perimeter(np.array([field]))[0] == pytest.approx(around, rel=1e-4)


def test_area_of_large_shapes_follows_the_parallels() -> None:
    cut = shapely.segmentize(shapely.box(10, 40, 30, 60), 0.01)
    dense, around = GEOD.geometry_area_perimeter(cut)
    sparse = np.array([shapely.box(10, 40, 30, 60), cut])
    np.testing.assert_allclose(geodesic_area(sparse), dense, rtol=1e-8)
    np.testing.assert_allclose(geodesic_length(sparse), around, rtol=1e-6)
    world = np.array([shapely.box(-180, -90, 180, 90)])
    assert geodesic_area(world)[0] == pytest.approx(510_065_621_724_089, rel=1e-9)


def test_holes_parts_and_collections() -> None:
    outer, inner = shapely.box(0, 0, 2, 2), shapely.box(0.5, 0.5, 1, 1)
    holed = shapely.Polygon(outer.exterior.coords, [inner.exterior.coords])
    line = shapely.LineString([(5, 5), (6, 5)])
    whole, hole, across = (
        geodesic_area(np.array([outer]))[0],
        geodesic_area(np.array([inner]))[0],
        geodesic_length(np.array([line]))[0],
    )
    mixed = shapely.GeometryCollection([shapely.MultiPolygon([holed]), line, shapely.Point(0, 0)])
    column = np.array([holed, mixed, line, shapely.Point(0, 0), None, shapely.Polygon()], object)
    np.testing.assert_allclose(
        geodesic_area(column), [whole - hole, whole - hole, 0, 0, np.nan, 0], rtol=1e-9
    )
    rings = geodesic_length(np.array([outer]))[0] + geodesic_length(np.array([inner]))[0]
    np.testing.assert_allclose(
        geodesic_length(column), [rings, rings + across, across, 0, np.nan, 0], rtol=1e-9
    )
    np.testing.assert_allclose(
        geodesic_perimeter(column), [rings, rings, 0, 0, np.nan, 0], rtol=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-90, 90), st.floats(0.1, 2e6))
def test_margins_hold_every_place_within_reach(lat: float, metres: float) -> None:
    east, north = degree_margins(abs(lat), metres)
    around = np.linspace(0, 360, 181)
    lon, latitude, _ = GEOD.fwd(np.zeros(181), np.full(181, lat), around, np.full(181, metres))
    assert np.abs(np.asarray(latitude) - lat).max() <= north
    assert np.abs(np.asarray(lon)).max() <= east


def test_margins_are_not_wasteful_and_reach_the_poles() -> None:
    assert degree_margins(65, 1000)[0] == pytest.approx(1000 / 47_176, rel=0.02)
    assert degree_margins(0, 1000) == pytest.approx((0.00898, 0.00904), rel=0.02)
    assert degree_margins(89.9, 100_000)[0] == 180
    assert degree_margins(90, 0)[0] == 180
    assert degree_margins(0, 3e7) == (180, 180)


FLAT = {
    "POLYGON ((1 1, 1 1, 1 1, 1 1))": (0, 0),
    "LINESTRING (1 1, 1 1)": (0, 0),
    "MULTILINESTRING ((1 1, 1 1), (1 0, 1 1))": (110_574.4, 0),
    "GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((1 1, 1 1, 1 1, 1 1)))": (0, 0),
    "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING EMPTY)": (0, 0),
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)": (378_793.4, 6_154_383_992.7),
    "MULTIPOLYGON (((1 1, 1 1, 1 1, 1 1)), ((0 0, 1 0, 1 1, 0 0)))": (378_793.4, 6_154_383_992.7),
    "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.5 0.1, 0.5 0.1, 0.5 0.1, 0.5 0.1))": (
        378_793.4,
        6_154_383_992.7,
    ),
}
"""Length and area of geometries with parts that have no length or are empty."""


@pytest.mark.parametrize("text", FLAT)
@pytest.mark.parametrize("others", [0, 3])
def test_parts_of_no_length_are_measured(text: str, others: int) -> None:
    column = np.concatenate([one(text), *[one("LINESTRING (0 0, 0 1)")] * others])
    length, area = FLAT[text]
    assert geodesic_length(column)[0] == pytest.approx(length, rel=1e-6)
    assert geodesic_area(column)[0] == pytest.approx(area, rel=1e-6)
    for place in ("POINT (3 60)", "LINESTRING (3 60, 3 70)", "MULTIPOINT ((3 60), EMPTY)"):
        other = np.repeat(one(place), len(column))
        expected = GEOD.inv(1, 1, 3, 60)[2]
        assert geodesic_distance(column, other)[0] == pytest.approx(expected, rel=1e-6)
        assert geodesic_distance(other, column)[0] == pytest.approx(expected, rel=1e-6)


def test_coordinates_beyond_the_earth_cost_no_more_than_their_row() -> None:
    column = np.concatenate([one("LINESTRING (0 0, 1e300 0)"), one("LINESTRING (1 0, 1 1)")])
    assert geodesic_length(column)[1] == pytest.approx(110_574.4, rel=1e-6)
