"""Distances, lengths, areas and buffers: GeographicLib on the ellipsoid, arithmetic on planes.

At latitudes 0, 48 and 65 and across the antimeridian. An edge is straight in longitude and
latitude (docs/geometry.md), so GeographicLib is given edges in many small steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from geographiclib.geodesic import Geodesic

from tests.geosparql.case import Case, literal, wkt

Points = Sequence[tuple[float, float]]
"""Longitude and latitude."""

WGS84: Final = Geodesic.WGS84
LATITUDES: Final = (0.0, 48.0, 65.0, -33.0)
LIB: Final = "GeographicLib"
FLAT: Final = "arithmetic"
METRE, KM, DEGREE, RADIAN = "uom:metre", "uom:kilometre", "uom:degree", "uom:radian"
FOOT: Final = "uom:foot"
STEPS: Final = 2000


def dense(points: Points) -> list[tuple[float, float]]:
    """The same line in small steps."""
    found = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = range(1, STEPS + 1)
        found += [(x0 + (x1 - x0) * k / STEPS, y0 + (y1 - y0) * k / STEPS) for k in steps]
    return found


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Geodesic distance."""
    return float(WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"])


def along(points: Points) -> float:
    """Length of a line that is straight on the map."""
    return sum(metres(a, b) for a, b in pairwise(dense(points)))


def square_metres(ring: Points) -> float:
    """Area within a ring that is straight on the map."""
    polygon = WGS84.Polygon()
    for x, y in dense(ring)[:-1]:
        polygon.AddPoint(y, x)
    return abs(polygon.Compute(False, True)[2])


def text(kind: str, points: Points, swapped: bool = False) -> str:
    """WKT of one point, line or ring."""
    pairs = ", ".join(f"{y!r} {x!r}" if swapped else f"{x!r} {y!r}" for x, y in points)
    return f"{kind} (({pairs}))" if kind == "POLYGON" else f"{kind} ({pairs})"


def both(kind: str, points: Points) -> tuple[str, str]:
    """The geometry in CRS84, and in EPSG:4326 with its axes."""
    return wkt(text(kind, points)), wkt(text(kind, points, swapped=True), "4326")


def _distances() -> Iterator[Case]:
    for lat in LATITUDES:
        for a, b in (
            ((14.0, lat), (14.0, lat + 0.5)),
            ((14.0, lat), (14.7, lat)),
            ((14.0, lat), (14.0001, lat + 0.00005)),
            ((179.9, lat), (-179.9, lat)),
        ):
            far = metres(a, b)
            (one, one_swapped), (two, two_swapped) = both("POINT", [a]), both("POINT", [b])
            yield Case("distance", "positive", (one, two, METRE), far, LIB, 1e-6)
            yield Case("distance", "positive", (one, two, KM), far / 1000, LIB, 1e-6)
            yield Case("metricDistance", "positive", (two, one), far, LIB, 1e-6)
            yield Case("distance", "crs", (one_swapped, two, METRE), far, LIB, 1e-6)
            yield Case("metricDistance", "crs", (one_swapped, two_swapped), far, LIB, 1e-6)
        north = wkt(text("LINESTRING", [(14.0, lat), (14.0, lat + 1)]))
        level = lat + 0.5
        beside = wkt(f"POINT (14.01 {level})")
        near = min(metres((14.01, level), (14.0, level + k / 1e5)) for k in range(-100, 101))
        yield Case("metricDistance", "positive", (beside, north), near, LIB, 2e-4)
        yield Case("distance", "positive", (north, beside, FOOT), near / 0.3048, LIB, 2e-4)


def _flat_distances() -> Iterator[Case]:
    a, b = wkt("POINT (2800000 4600000)", "3035"), wkt("POINT (2800030 4600040)", "3035")
    for name in ("distance", "metricDistance"):
        more = (METRE,) if name == "distance" else ()
        yield Case(name, "crs", (a, b, *more), 50.0, FLAT)
        square = wkt("POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))")
        inside = wkt("POINT (1 1)")
        yield Case(name, "negative", (square, inside, *more), 0.0, "they meet")
        for broken in (wkt("POINT EMPTY"), wkt("POINT ("), '"POINT (1 1)"', "3"):
            yield Case(name, "error", (square, broken, *more), None, "no place")
    points = wkt("POINT (1 2)"), wkt("POINT (4 6)")
    yield Case("distance", "positive", (*points, DEGREE), 5.0, FLAT)
    yield Case("distance", "positive", (*points, RADIAN), math.radians(5.0), FLAT)
    yield Case("distance", "crs", (a, b, KM), 0.05, FLAT)
    triangles = wkt("POLYGON ((0 0, 0 1, 1 1, 0 0))"), wkt("POLYGON ((0 20, 0 21, 1 21, 0 20))")
    yield Case("distance", "positive", (*triangles, DEGREE), 19.0, FLAT)
    boxes = (
        wkt("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", "3035"),
        wkt("POLYGON ((7 8, 9 8, 9 9, 7 9, 7 8))", "3035"),
    )
    yield Case("distance", "crs", (*boxes, METRE), 5.0, FLAT)
    yield Case("metricDistance", "crs", boxes, 5.0, FLAT)
    feet = wkt("POINT (0 0)", "2263"), wkt("POINT (300 400)", "2263")
    yield Case("metricDistance", "crs", feet, 500 * 1200 / 3937, "US survey foot", 1e-9)


def _sizes() -> Iterator[Case]:
    for lat in LATITUDES:
        for west in (14.0, 179.95):
            ring = [
                (west, lat), (west + 0.1, lat), (west + 0.1, lat + 0.1), (west, lat + 0.1),
                (west, lat),
            ]  # fmt: skip
            area, around = square_metres(ring), along(ring)
            plain, swapped = both("POLYGON", ring)
            yield Case("metricArea", "positive", (plain,), area, LIB, 1e-7)
            yield Case("area", "positive", (plain, "uom:squareMetre"), area, LIB, 1e-7)
            yield Case("area", "positive", (plain, "uom:hectare"), area / 1e4, LIB, 1e-7)
            yield Case("metricArea", "crs", (swapped,), area, LIB, 1e-7)
            yield Case("area", "crs", (swapped, "uom:squareMetre"), area, LIB, 1e-7)
            yield Case("metricPerimeter", "positive", (plain,), around, LIB, 1e-6)
            yield Case("perimeter", "positive", (plain, KM), around / 1000, LIB, 1e-6)
            yield Case("metricPerimeter", "crs", (swapped,), around, LIB, 1e-6)
            yield Case("perimeter", "crs", (swapped, METRE), around, LIB, 1e-6)
            line = ring[:3]
            plain, swapped = both("LINESTRING", line)
            yield Case("metricLength", "positive", (plain,), along(line), LIB, 1e-6)
            yield Case("length", "positive", (plain, KM), along(line) / 1000, LIB, 1e-6)
            yield Case("metricLength", "crs", (swapped,), along(line), LIB, 1e-6)
            yield Case("length", "crs", (swapped, METRE), along(line), LIB, 1e-6)


def _flat_sizes() -> Iterator[Case]:
    field = wkt("POLYGON ((0 0, 0 300, 400 0, 0 0))", "3035")
    way = wkt("LINESTRING (0 0, 300 400)", "3035")
    for name, args, value in (
        ("area", (field, "uom:squareMetre"), 60_000.0), ("metricArea", (field,), 60_000.0),
        ("perimeter", (field, METRE), 1200.0), ("metricPerimeter", (field,), 1200.0),
        ("length", (way, METRE), 500.0), ("metricLength", (way,), 500.0),
    ):  # fmt: skip
        yield Case(name, "crs", args, value, FLAT)
    holed = wkt("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))", "3035")
    yield Case("metricArea", "positive", (holed,), 99.0, FLAT)
    yield Case("metricPerimeter", "positive", (holed,), 44.0, "the ring of a hole counts")
    feet = wkt("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))", "2263")
    yield Case("metricArea", "crs", (feet,), 100 * (1200 / 3937) ** 2, "US survey foot", 1e-9)


def _nothing() -> Iterator[Case]:
    point, line = wkt("POINT (1 2)"), wkt("LINESTRING (0 0, 1 1)")
    unit = {"area": "uom:squareMetre", "length": METRE, "perimeter": METRE}
    for name in ("area", "metricArea", "length", "metricLength", "perimeter", "metricPerimeter"):
        more = (unit[name],) if name in unit else ()
        yield Case(name, "negative", (point, *more), 0.0, "a point has no size")
        if "rea" in name:
            yield Case(name, "negative", (line, *more), 0.0, "a line has no area")
        for broken in (wkt("POLYGON ((0 0, 1 1, 2 2, 3 3))"), literal("x", "gmlLiteral"), "5"):
            yield Case(name, "error", (broken, *more), None, "no geometry")


CASES: Final = (*_distances(), *_flat_distances(), *_sizes(), *_flat_sizes(), *_nothing())
