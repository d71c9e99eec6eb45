"""Areas of pixels against pyproj's geodesic polygons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from mapper.sources.rasters.areas import PixelAreas


def geodesic(crs: str, transform: tuple[float, ...], row: int, column: int) -> float:
    """Area of a pixel whose sides are cut into short pieces."""
    a, b, c, d, e, f = transform
    corners = [(column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row)]
    square = shapely.segmentize(shapely.Polygon(corners), 0.02)
    j, i = shapely.get_coordinates(square).T
    system = pyproj.CRS(crs)
    to_degrees = pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True)
    longitude, latitude = to_degrees.transform(a * j + b * i + c, d * j + e * i + f)
    unit = np.degrees(system.geodetic_crs.axis_info[0].unit_conversion_factor)
    area, _ = system.get_geod().polygon_area_perimeter(longitude * unit, latitude * unit)
    return abs(float(area))


GRIDS: dict[str, tuple[str, tuple[float, ...]]] = {
    "UTM": ("EPSG:32633", (10, 0, 3e5, 0, -10, 5.4e6)),
    "UTM at the edge of its zone": ("EPSG:32631", (100, 0, 7.9e5, 0, -100, 6.6e6)),
    "Web Mercator, 60 degrees": ("EPSG:3857", (30, 0, 1e6, 0, -30, 8.4e6)),
    "Web Mercator, 78 degrees": ("EPSG:3857", (300, 0, 1e6, 0, -300, 1.45e7)),
    "equal area": ("EPSG:3035", (100, 0, 4e6, 0, -100, 3e6)),
    "polar": ("EPSG:3413", (500, 0, -1e5, 0, -500, 1e5)),
    "polar, south": ("EPSG:3031", (1000, 0, -1e5, 0, -1000, 1e5)),
    "feet": ("EPSG:2225", (100, 0, 6.5e6, 0, -100, 1.6e6)),
    "rotated": ("EPSG:32633", (8, 6, 3e5, 6, -8, 5.4e6)),
    "degrees": ("EPSG:4326", (0.01, 0, 14, 0, -0.01, 48)),
    "degrees, south up": ("EPSG:4326", (0.01, 0, 14, 0, 0.01, 48)),
    "degrees, rotated": ("EPSG:4326", (0.008, 0.006, 14, 0.006, -0.008, 48)),
    "over the antimeridian": ("EPSG:4326", (0.01, 0, 179.5, 0, -0.01, -16)),
    "grads from Paris": ("EPSG:4807", (0.01, 0, 2, 0, -0.01, 52)),
}


@pytest.mark.parametrize("name", GRIDS)
def test_areas_are_those_of_geographiclib(name: str) -> None:
    crs, transform = GRIDS[name]
    height, width = 301, 257
    areas = PixelAreas((height, width), transform, crs, planar=False)
    for row, column in [(0, 0), (150, 128), (300, 256), (3, 250)]:
        found = areas.of(row, column, 1, 1)[0, 0]
        assert found == pytest.approx(geodesic(crs, transform, row, column), rel=1e-5, abs=0)
        if "78" not in name and "degrees, rotated" not in name:
            expected = geodesic(crs, transform, row, column)
            assert found == pytest.approx(expected, rel=2e-6, abs=0)


def test_areas_do_not_depend_on_the_window() -> None:
    areas = PixelAreas((700, 900), (10, 0, 3e5, 0, -10, 5.4e6), "EPSG:32633", planar=False)
    whole = areas.of(0, 0, 700, 900)
    assert whole.shape == (700, 900)
    part = areas.of(123, 456, 77, 88)
    np.testing.assert_allclose(part, whole[123:200, 456:544], rtol=1e-12)


def test_equal_area_and_planar_are_even() -> None:
    even = PixelAreas((70, 90), (10, 0, 4e6, 0, -10, 3e6), "EPSG:3035", planar=False)
    assert (even.of(3, 4, 5, 6) == 100.0).all()
    flat = PixelAreas((70, 90), (10, 0, 3e5, 0, -10, 5.4e6), "EPSG:32633", planar=True)
    assert flat.of(3, 4, 5, 6).tolist() == [[100.0]] * 5
    feet = PixelAreas((7, 9), (10, 0, 6.5e6, 0, -10, 1.6e6), "EPSG:2225", planar=True)
    assert feet.of(0, 0, 1, 1)[0, 0] == pytest.approx((10 * 1200 / 3937) ** 2)


def test_the_whole_earth() -> None:
    areas = PixelAreas((180, 360), (1, 0, -180, 0, -1, 90), "EPSG:4326", planar=False)
    assert areas.of(0, 0, 180, 360).sum() * 360 == pytest.approx(5.10065621724e14, rel=1e-9)


def test_pixels_outside_a_projection_have_no_area(rasters: Any) -> None:
    grid = rasterio.Affine(2e6, 0, -1.8e7, 0, -2e6, 9e6)
    rasters.write("in.tif", np.ones((9, 18), np.uint8), "ESRI:54009", grid)
    zones = rasters.read("in.tif")
    assert zones["area"].tolist() == [None]
