"""The 24 relations and relate, over pairs whose DE-9IM matrix is plain to see.

Each relation holds for the pairs named, and for none of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyproj

from tests.geosparql.case import Case, literal, wkt

SQUARE: Final = ((0, 0), (4, 0), (4, 4), (0, 4), (0, 0))
PAIRS: Final = {
    "equal": (SQUARE, SQUARE),
    "apart": (SQUARE, ((6, 0), (8, 0), (8, 4), (6, 4), (6, 0))),
    "meeting": (SQUARE, ((4, 0), (8, 0), (8, 4), (4, 4), (4, 0))),
    "overlapping": (SQUARE, ((2, 2), (6, 2), (6, 6), (2, 6), (2, 2))),
    "in a corner": (((0, 0), (2, 0), (2, 2), (0, 2), (0, 0)), SQUARE),
    "around a corner": (SQUARE, ((0, 0), (2, 0), (2, 2), (0, 2), (0, 0))),
    "inside": (((1, 1), (2, 1), (2, 2), (1, 2), (1, 1)), SQUARE),
    "around": (SQUARE, ((1, 1), (2, 1), (2, 2), (1, 2), (1, 1))),
}
"""Pairs of areas."""

HOLDS: Final = {
    "sfEquals": ("equal",),
    "sfDisjoint": ("apart",),
    "sfIntersects": (
        "equal", "meeting", "overlapping", "in a corner", "around a corner", "inside", "around",
    ),
    "sfTouches": ("meeting",),
    "sfCrosses": (),
    "sfWithin": ("equal", "in a corner", "inside"),
    "sfContains": ("equal", "around a corner", "around"),
    "sfOverlaps": ("overlapping",),
    "ehEquals": ("equal",),
    "ehDisjoint": ("apart",),
    "ehMeet": ("meeting",),
    "ehOverlap": ("overlapping",),
    "ehCovers": ("around a corner",),
    "ehCoveredBy": ("in a corner",),
    "ehInside": ("inside",),
    "ehContains": ("around",),
    "rcc8eq": ("equal",),
    "rcc8dc": ("apart",),
    "rcc8ec": ("meeting",),
    "rcc8po": ("overlapping",),
    "rcc8tpp": ("in a corner",),
    "rcc8tppi": ("around a corner",),
    "rcc8ntpp": ("inside",),
    "rcc8ntppi": ("around",),
}  # fmt: skip
CORNERS: Final = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
SEEN: Final = "DE-9IM by construction"
LINE: Final = "LINESTRING (-1 2, 5 2)"
TO_3035: Final = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)


def polygon(ring: tuple[tuple[float, float], ...]) -> str:
    return "POLYGON ((" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + "))"


def swapped(ring: tuple[tuple[float, float], ...]) -> str:
    return polygon(tuple((y, x) for x, y in ring))


def projected(ring: tuple[tuple[float, float], ...]) -> str:
    """A 10 km grid of EPSG:3035, northing first."""
    return swapped(tuple((4_600_000 + 10_000 * x, 2_800_000 + 10_000 * y) for x, y in ring))


def _areas() -> Iterator[Case]:
    for name, holding in HOLDS.items():
        for pair, (a, b) in PAIRS.items():
            holds = pair in holding
            kind = "positive" if holds else "negative"
            yield Case(name, kind, (wkt(polygon(a)), wkt(polygon(b))), holds, SEEN)
            two = (wkt(swapped(a), "4326"), wkt(swapped(b), "4326"))
            yield Case(name, "crs", two, holds, SEEN)
            mixed = (wkt(polygon(a)), wkt(swapped(b), "4326"))
            yield Case(name, "crs", mixed, holds, "EPSG:4326 is CRS84 with its axes swapped")
            flat = (wkt(projected(a), "3035"), wkt(projected(b), "3035"))
            yield Case(name, "crs", flat, holds, SEEN)


def _others() -> Iterator[Case]:
    square = polygon(SQUARE)
    for name, a, b, holds in (
        ("sfCrosses", LINE, square, True),
        ("sfCrosses", LINE, "LINESTRING (2 0, 2 4)", True),
        ("sfCrosses", LINE, "LINESTRING (0 2, 4 2)", False),
        ("sfCrosses", "POINT (2 2)", square, False),
        ("sfWithin", "POINT (2 2)", square, True),
        ("sfWithin", "POINT (0 2)", square, False),
        ("sfTouches", "POINT (0 2)", square, True),
        ("sfTouches", "POINT (1 1)", "POINT (1 1)", False),
        ("sfEquals", LINE, "LINESTRING (5 2, 1 2, -1 2)", True),
        ("sfEquals", "POINT (1 1)", "MULTIPOINT ((1 1), (1 1))", True),
        ("sfOverlaps", LINE, "LINESTRING (2 2, 9 2)", True),
        ("sfOverlaps", LINE, square, False),
        ("sfIntersects", LINE, "LINESTRING (5 2, 5 9)", True),
        ("ehInside", "LINESTRING (1 1, 2 2)", square, True),
        ("ehCoveredBy", "LINESTRING (0 0, 2 2)", square, True),
        ("ehInside", "LINESTRING (0 0, 2 2)", square, False),
        ("rcc8dc", "LINESTRING (9 9, 9 8)", square, False),
        ("rcc8ec", "LINESTRING (9 4, 4 4)", square, False),
        ("rcc8tpp", "LINESTRING (0 0, 2 2)", square, False),
        ("rcc8eq", LINE, LINE, False),
    ):
        yield Case(name, "positive" if holds else "negative", (wkt(a), wkt(b)), holds, SEEN)
    dateline = ("POLYGON ((179 0, 181 0, 181 2, 179 2, 179 0))", "POINT (179.5 1)")
    yield Case("sfContains", "positive", tuple(map(wkt, dateline)), True, SEEN)
    x, y = TO_3035.transform(14.0, 48.0)
    around = swapped(tuple((x + 9 * east, y + 9 * north) for east, north in CORNERS))
    inside = (wkt("POINT (14 48)"), wkt(around, "3035"))
    yield Case("sfWithin", "crs", (wkt("POINT (48 14)", "4326"), inside[1]), True, "PROJ")
    yield Case("sfIntersects", "crs", inside, True, "PROJ")
    yield Case("ehInside", "crs", inside, True, "PROJ")


def _errors() -> Iterator[Case]:
    square = wkt(polygon(SQUARE))
    for name in HOLDS:
        for broken in (
            wkt("POLYGON ((0 0, 1 1))"),
            literal("{", "geoJSONLiteral"),
            wkt("POINT (1 1)", "999999"),
            '"POINT (1 1)"',
            "7",
        ):
            yield Case(name, "error", (square, broken), None, "an argument is no geometry")
            yield Case(name, "error", (broken, square), None, "an argument is no geometry")


def _relate() -> Iterator[Case]:
    square, corner = wkt(polygon(SQUARE)), wkt(polygon(PAIRS["in a corner"][0]))
    for pattern, holds in (
        ("212F11FF2", True), ("T*****FF*", True), ("TTTTTTTTT", False), ("*********", True),
        ("2********", True), ("F********", False),
    ):  # fmt: skip
        kind = "positive" if holds else "negative"
        yield Case("relate", kind, (square, corner, f'"{pattern}"'), holds, SEEN)
    other = wkt(swapped(PAIRS["in a corner"][0]), "4326")
    yield Case("relate", "crs", (square, other, '"T*****FF*"'), True, SEEN)
    yield Case("relate", "error", (square, wkt("POINT ("), '"T********"'), None, "no geometry")


CASES: Final = (*_areas(), *_others(), *_errors(), *_relate())
