"""Areas, lengths and distances against GeographicLib's own Python code."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ontology import geodesic_area, geodesic_distance, geodesic_length, geodesic_perimeter

WGS84 = Geodesic.WGS84
LATITUDES = (0.0, 48.0, 65.0, -48.0)
MERIDIANS = (14.3, 180.0, -180.0)
"""Longitudes shapes lie about: half of a shape about 180 lies beyond the antimeridian."""


def column(geometry: Any) -> np.ndarray:
    return np.array([geometry], object)


def inverse(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two places, longitude first."""
    return float(WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"])


def about(lon: float, lat: float, metres: float) -> shapely.Polygon:
    """A five-sided field about a place, its corners laid out by GeographicLib."""
    corners = []
    for azimuth, share in ((10, 1.0), (80, 0.7), (150, 0.9), (220, 0.5), (300, 0.8)):
        found = WGS84.Direct(lat, lon, azimuth, metres * share)
        turn = round((lon - found["lon2"]) / 360) * 360
        corners.append((found["lon2"] + turn, found["lat2"]))
    return shapely.Polygon(corners)


def measured(ring: Any, step: float) -> tuple[float, float]:
    """Perimeter and area of a ring whose edges are straight in degrees."""
    polygon = WGS84.Polygon()
    for lon, lat in shapely.segmentize(ring, step).coords[:-1]:
        polygon.AddPoint(lat, lon)
    _, around, area = polygon.Compute()
    return around, abs(area)


def shifted(geometry: Any, east: float) -> Any:
    return shapely.transform(geometry, lambda rows: rows + np.array([east, 0.0]))


def halves(geometry: Any) -> Any:
    """The geometry cut at the antimeridian, its parts between -180 and 180."""
    parts: list[Any] = []
    for turn in (-360, 0, 360):
        inside = geometry.intersection(shapely.box(turn - 180, -90, turn + 180, 90))
        parts += [] if inside.is_empty else [shifted(inside, -turn)]
    return shapely.union_all(parts)


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("lon", MERIDIANS)
@pytest.mark.parametrize("metres", [50.0, 20_000.0])
def test_area_and_perimeter(lat: float, lon: float, metres: float) -> None:
    field = about(lon, lat, metres)
    around, area = measured(field.exterior, metres / 111_320 / 50)
    assert geodesic_area(column(field))[0] == pytest.approx(area, rel=1e-6)
    assert geodesic_area(column(halves(field)))[0] == pytest.approx(area, rel=1e-6)
    assert geodesic_perimeter(column(field))[0] == pytest.approx(around, rel=1e-5)
    assert geodesic_length(column(field))[0] == pytest.approx(around, rel=1e-5)


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("lon", MERIDIANS)
def test_length_of_a_line(lat: float, lon: float) -> None:
    line = shapely.LineString(about(lon, lat, 5_000.0).exterior.coords[:4])
    dense = shapely.segmentize(line, 0.001).coords
    expected = sum(inverse(a, b) for a, b in pairwise(dense))
    assert geodesic_length(column(line))[0] == pytest.approx(expected, rel=1e-6)
    assert geodesic_perimeter(column(line))[0] == 0


def lowest(function: Callable[[float], float]) -> float:
    """Least value of a function that falls and then rises between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(45):
        third = (high - low) / 3
        if function(low + third) < function(high - third):
            high -= third
        else:
            low += third
    return function((low + high) / 2)


def on(a: Any, b: Any, share: float) -> tuple[float, float]:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def edges(geometry: Any) -> list[tuple[Any, Any]]:
    if geometry.geom_type == "Point":
        return [(geometry.coords[0], geometry.coords[0])]
    lines = geometry.exterior if geometry.geom_type == "Polygon" else geometry
    return list(pairwise(lines.coords))


def apart(a: Any, b: Any) -> float:
    """Least geodesic between edges that do not meet: it ends at a corner of one of them."""
    found = [
        lowest(lambda share, p=p, q=q, corner=corner: inverse(on(p, q, share), corner))
        for first, second in ((a, b), (b, a))
        for p, q in edges(first)
        for corner in {end for edge in edges(second) for end in edge}
    ]
    return min(found)


def shapes(lon: float, lat: float, metres: float) -> dict[str, Any]:
    field = about(lon, lat, metres)
    corners = field.exterior.coords
    return {
        "point": shapely.Point(corners[1]),
        "line": shapely.LineString(corners[:3]),
        "polygon": field,
    }


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("metres", [20.0, 8_000.0])
@pytest.mark.parametrize("first", ["point", "line", "polygon"])
@pytest.mark.parametrize("second", ["point", "line", "polygon"])
def test_distance_of_every_pair_of_kinds(
    lat: float, metres: float, first: str, second: str
) -> None:
    far = WGS84.Direct(lat, 14.3, 75.0, 3.1 * metres)
    a = shapes(14.3, lat, metres)[first]
    b = shapes(far["lon2"], far["lat2"], metres)[second]
    expected = apart(a, b)
    assert geodesic_distance(column(a), column(b))[0] == pytest.approx(expected, rel=2e-4)
    west = 180 - 1.55 * metres / 111_320 / np.cos(np.radians(lat))
    over = [halves(shifted(one, west - 14.3)) for one in (a, b)]
    assert geodesic_distance(column(over[0]), column(over[1]))[0] == pytest.approx(
        expected, rel=2e-4
    )


@pytest.mark.parametrize("lat", LATITUDES)
def test_distance_of_points_over_the_antimeridian(lat: float) -> None:
    a, b = (179.999, lat), (-179.9985, lat + 0.001)
    found = geodesic_distance(column(shapely.Point(a)), column(shapely.Point(b)))[0]
    assert found == pytest.approx(inverse(a, b), rel=1e-9)
