"""Buffers and circles on the ellipsoid against GeographicLib, at the poles and the antimeridian."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from ontology import GeometryError, geodesic_area, geodesic_distance
from ontology.earth import buffered, circle_around, discs

GEOD = pyproj.Geod(ellps="WGS84")
EDGE = np.array(["LINESTRING (10 65, 12 65)", "POLYGON ((10 65, 12 65, 12 66, 10 65))"])


def _metres(place: tuple[float, float], rows: Any) -> Any:
    start = np.repeat([place], len(rows), axis=0)
    return GEOD.inv(start[:, 0], start[:, 1], rows[:, 0], rows[:, 1])[2]


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
@pytest.mark.parametrize("latitude", [0, 48, 65, -80])
@pytest.mark.parametrize("radius", [1.0, 1000.0, 100_000.0])
def test_a_disc_is_as_wide_as_it_says(latitude: float, radius: float) -> None:
    (disc,) = discs(np.array([[20.0, latitude]]), np.array([radius]))
    assert np.allclose(_metres((20, latitude), shapely.get_coordinates(disc)), radius, rtol=1e-6)
    slow = buffered(shapely.points(20, latitude), radius)
    assert np.allclose(_metres((20, latitude), shapely.get_coordinates(slow)), radius, rtol=2e-3)


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
@pytest.mark.parametrize(
    ("place", "inside", "outside"),
    [
        ((179.99, 10), (-179.99, 10), (-179.9, 10)),
        ((-179.99, -65), (179.97, -65), (179, -65)),
        ((0, 89.99), (180, 89.99), (180, 89.9)),
        ((90, -89.999), (-90, -89.99), (-90, -89.9)),
    ],
)
def test_a_disc_goes_over_the_antimeridian_and_the_pole(
    place: tuple[float, float], inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    (disc,) = discs(np.array([place]), np.array([5000.0]))
    west, south, east, north = disc.bounds
    assert disc.is_valid
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    assert shapely.intersects_xy(disc, *inside)
    assert not shapely.intersects_xy(disc, *outside)
    assert geodesic_area(np.array([disc], object))[0] == pytest.approx(np.pi * 25e6, rel=5e-3)


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
@pytest.mark.parametrize("radius", [10.0, 20_000.0])
def test_a_buffer_holds_long_edges_that_are_straight_in_degrees(radius: float) -> None:
    for shape in shapely.from_wkt(EDGE):
        around = buffered(shape, radius)
        assert around.is_valid
        dense = shapely.segmentize(shape, 0.001)
        assert around.covers(dense)
        edge = shapely.points(shapely.get_coordinates(shapely.boundary(around)))[::7][:60]
        apart = geodesic_distance(edge, np.full(len(edge), shape, dtype=object))
        assert np.allclose(apart, radius, rtol=2e-2)


def test_far_reaching_geometries_are_cut() -> None:
    wide = shapely.box(0, 40, 12, 46)
    grown, shrunk = buffered(wide, 10_000), buffered(wide, -10_000)
    assert grown.contains_properly(wide)
    assert wide.contains_properly(shrunk)
    assert _metres((0, 46), np.array([[grown.bounds[0], 46]]))[0] == pytest.approx(10_000, rel=0.01)
    corner = _metres((6, 40), np.array([[6, shrunk.bounds[1]]]))[0]
    assert corner == pytest.approx(10_000, rel=0.01)


def test_odd_buffers() -> None:
    assert buffered(shapely.Point(), 5).is_empty
    assert buffered(shapely.points(1, 1), -5).is_empty
    bow = buffered(shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"), 1000)
    assert bow.contains(shapely.points([[0.2, 1.0], [1.8, 1.0]])).all()
    with pytest.raises(GeometryError, match="around the earth"):
        buffered(shapely.points(0, 0), 3e7)


@pytest.mark.standard("GeoSPARQL 1.1 §8.6")
@pytest.mark.parametrize(
    "wkt",
    ["MULTIPOINT (10 65, 11 65.5, 10.2 65.3)", "MULTIPOINT (179 0, -179 1)",
     "POLYGON ((10 48, 12 48, 11 50, 10 48))", "MULTIPOINT (0 89, 120 89, -120 89)"],
)  # fmt: skip
def test_a_circle_holds_the_geometry_and_is_no_larger_than_needed(wkt: str) -> None:
    shape = shapely.from_wkt(wkt)
    circle = circle_around(shape)
    rows = shapely.get_coordinates(shape)
    assert circle.is_valid
    assert shapely.intersects_xy(circle, rows[:, 0], rows[:, 1]).all()
    pairs = [_metres(tuple(row), rows).max() for row in rows]
    radius = np.sqrt(geodesic_area(np.array([circle], object))[0] / np.pi)
    assert max(pairs) / 2 * 0.999 <= radius <= max(pairs) / np.sqrt(3) * 1.001


def test_odd_circles() -> None:
    assert circle_around(shapely.points(5, 6)).equals(shapely.points(5, 6))
    assert circle_around(shapely.Point()).is_empty
    with pytest.raises(GeometryError, match="half of the earth"):
        circle_around(shapely.from_wkt("LINESTRING (-180 0, 180 0)"))
