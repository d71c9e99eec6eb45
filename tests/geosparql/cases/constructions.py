"""Geometries made from geometries: outlines that follow from the definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyproj
import shapely
from geographiclib.geodesic import Geodesic

from tests.geosparql.case import CRS84, EPSG, Case, Shape, literal, wkt

WGS84: Final = Geodesic.WGS84
A: Final = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
B: Final = "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))"
FAR: Final = "POLYGON ((8 0, 9 0, 9 1, 8 1, 8 0))"
B_SWAPPED: Final = B
"""B is its own mirror image."""
SEEN: Final = "by definition"

OVERLAYS: Final = {
    "intersection": "POLYGON ((2 2, 4 2, 4 4, 2 4, 2 2))",
    "union": "POLYGON ((0 0, 4 0, 4 2, 6 2, 6 6, 2 6, 2 4, 0 4, 0 0))",
    "difference": "POLYGON ((0 0, 4 0, 4 2, 2 2, 2 4, 0 4, 0 0))",
    "symDifference": (
        "MULTIPOLYGON (((0 0, 4 0, 4 2, 2 2, 2 4, 0 4, 0 0)), "
        "((4 2, 6 2, 6 6, 2 6, 2 4, 4 4, 4 2)))"
    ),
}
APART: Final = {
    "intersection": "POLYGON EMPTY",
    "union": "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((8 0, 9 0, 9 1, 8 1, 8 0)))",
    "difference": A,
    "symDifference": "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((8 0, 9 0, 9 1, 8 1, 8 0)))",
}
BROKEN: Final = (wkt("POLYGON ((0 0, 1 1))"), literal("<a", "kmlLiteral"), '"POINT (1 1)"', "1")


def _overlays() -> Iterator[Case]:
    for name, made in OVERLAYS.items():
        yield Case(name, "positive", (wkt(A), wkt(B)), Shape(made), SEEN)
        yield Case(name, "negative", (wkt(A), wkt(FAR)), Shape(APART[name]), "they do not meet")
        mixed = (wkt(A, "4326"), wkt(B))
        yield Case(name, "crs", mixed, Shape(made, EPSG + "4326"), "the CRS of the first")
        yield Case(name, "crs", (wkt(A), wkt(B_SWAPPED, "4326")), Shape(made), SEEN)
        for broken in BROKEN:
            yield Case(name, "error", (wkt(A), broken), None, "no geometry")
            yield Case(name, "error", (broken, wkt(A)), None, "no geometry")
    points = ("MULTIPOINT ((0 0), (1 1))", "POINT (1 1)")
    made = Shape("POINT (0 0)")
    yield Case("difference", "positive", tuple(map(wkt, points)), made, "sets of points")


ONE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "envelope": (
        ("LINESTRING (1 5, 3 2, 2 9)", "POLYGON ((1 2, 3 2, 3 9, 1 9, 1 2))"),
        ("POINT (1 2)", "POINT (1 2)"),
    ),
    "convexHull": (
        (
            "MULTIPOINT ((0 0), (4 0), (4 4), (0 4), (1 1), (3 2))",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
        ),
        ("POINT (1 2)", "POINT (1 2)"),
    ),
    "boundary": (
        (A, "LINESTRING (0 0, 4 0, 4 4, 0 4, 0 0)"),
        ("LINESTRING (0 0, 1 1, 5 2)", "MULTIPOINT ((0 0), (5 2))"),
        ("LINESTRING (0 0, 1 1, 0 1, 0 0)", "MULTIPOINT EMPTY"),
    ),
    "centroid": ((A, "POINT (2 2)"), ("MULTIPOINT ((0 0), (4 2))", "POINT (2 1)")),
}


def _ones() -> Iterator[Case]:
    for name, pairs in ONE.items():
        for number, (given, made) in enumerate(pairs):
            kind = "negative" if number == len(pairs) - 1 else "positive"
            yield Case(name, kind, (wkt(given),), Shape(made), SEEN)
        given, made = pairs[0]
        yield Case(name, "crs", (wkt(given, "3035"),), Shape(flipped(made), EPSG + "3035"), SEEN)
    for name in (*ONE, "boundingCircle", "concaveHull"):
        for broken in BROKEN:
            yield Case(name, "error", (broken,), None, "no geometry")


def flipped(text: str) -> str:
    """The geometry with its axes swapped."""
    shape = shapely.transform(shapely.from_wkt(text), lambda rows: rows[:, ::-1])
    return str(shapely.to_wkt(shape, rounding_precision=-1))


def ring(x: float, y: float, radius: float) -> str:
    """A fine circle."""
    turns = np.linspace(0, 2 * np.pi, 721)
    made = np.column_stack([x + radius * np.cos(turns), y + radius * np.sin(turns)])
    return str(shapely.to_wkt(shapely.Polygon(made), rounding_precision=-1))


def disc(lon: float, lat: float, metres: float) -> str:
    """What lies within a geodesic distance of a point."""
    found = [WGS84.Direct(lat, lon, turn / 2, metres) for turn in range(721)]
    points = [(lon + (at["lon2"] - lon + 540) % 360 - 180, at["lat2"]) for at in found]
    return str(shapely.to_wkt(shapely.Polygon(points), rounding_precision=-1))


def _round() -> Iterator[Case]:
    corners = "MULTIPOINT ((3 4), (-3 -4), (1 0))"
    reach = WGS84.Inverse(0, 0, 4, 3)["s12"]
    circle = Shape(disc(0, 0, reach), within=0.01)
    yield Case("boundingCircle", "positive", (wkt(corners, "3035"),),
               Shape(ring(0, 0, 5), EPSG + "3035", within=0.01), SEEN)  # fmt: skip
    yield Case("boundingCircle", "positive", (wkt(corners),), circle, "GeographicLib")
    yield Case("boundingCircle", "negative", (wkt("POINT (1 2)"),), Shape("POINT (1 2)"), SEEN)
    swapped = Shape(disc(0, 0, reach), EPSG + "4326", within=0.01)
    turned = wkt(flipped(corners), "4326")
    yield Case("boundingCircle", "crs", (turned,), swapped, "GeographicLib")
    for lat in (0.0, 48.0, 65.0):
        for metres in (10.0, 5000.0):
            wide = metres * 2e-8
            made = Shape(disc(14.0, lat, metres), within=wide)
            point = wkt(f"POINT (14.0 {lat})")
            yield Case("buffer", "positive", (point, str(metres), "uom:metre"), made,
                       "GeographicLib Direct")  # fmt: skip
            yield Case("metricBuffer", "positive", (point, str(metres)), made,
                       "GeographicLib Direct")  # fmt: skip
            latitude_first = wkt(f"POINT ({lat} 14.0)", "4326")
            there = Shape(made.text, EPSG + "4326", within=wide)
            yield Case("metricBuffer", "crs", (latitude_first, str(metres)), there,
                       "GeographicLib Direct")  # fmt: skip
            yield Case("buffer", "crs", (latitude_first, str(metres / 1000), "uom:kilometre"),
                       there, "GeographicLib Direct")  # fmt: skip
    projected = wkt("POINT (2800000 4600000)", "3035")
    flat = Shape(ring(4_600_000, 2_800_000, 10), EPSG + "3035", within=0.02)
    yield Case("buffer", "crs", (projected, "10", "uom:metre"), flat, SEEN)
    yield Case("metricBuffer", "crs", (projected, "10"), flat, SEEN)
    degrees = Shape(ring(1, 2, 3), within=0.01)
    yield Case("buffer", "positive", (wkt("POINT (1 2)"), "3", "uom:degree"), degrees, SEEN)
    for name, unit in (("buffer", ("uom:metre",)), ("metricBuffer", ())):
        nothing = Shape("POLYGON EMPTY")
        yield Case(name, "negative", (wkt("POINT (1 2)"), "-5", *unit), nothing, "less than none")
        for broken in BROKEN:
            yield Case(name, "error", (broken, "10", *unit), None, "no geometry")
        yield Case(name, "error", (wkt("POINT (1 2)"), '"ten"', *unit), None, "no number")


def _concave() -> Iterator[Case]:
    corners = "MULTIPOINT ((0 0), (4 0), (4 4), (0 4))"
    for code in ("", "3035", "4326"):
        shape = Shape(A, EPSG + code if code else CRS84)
        kind = "crs" if code else "positive"
        yield Case("concaveHull", kind, (wkt(corners, code),), shape, "four corners are convex")
    yield Case("concaveHull", "negative", (wkt("POINT (1 2)"),), Shape("POINT (1 2)"), SEEN)


def _transforms() -> Iterator[Case]:
    for code in ("3035", "25833", "3857", "4258"):
        there = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=True)
        x, y = there.transform(14.0, 48.0)
        shape = Shape(f"POINT ({x!r} {y!r})", EPSG + code, within=1e-6)
        args = (wkt("POINT (14 48)"), f"<{EPSG}{code}>")
        yield Case("transform", "positive", args, shape, "PROJ")
        args = (wkt("POINT (48 14)", "4326"), f"<{EPSG}{code}>")
        yield Case("transform", "crs", args, shape, "PROJ")
    same = (wkt("POINT (1 2)"), f"<{CRS84}>")
    yield Case("transform", "negative", same, Shape("POINT (1 2)"), "already there")
    for broken in BROKEN:
        yield Case("transform", "error", (broken, f"<{CRS84}>"), None, "no geometry")


CASES: Final = (*_overlays(), *_ones(), *_round(), *_concave(), *_transforms())
