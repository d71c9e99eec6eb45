"""Aggregates over columns of geometries; ``?g`` takes the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.geosparql.case import EPSG, Case, Shape, wkt
from tests.geosparql.cases.constructions import WGS84, disc, flipped

G: Final = ("?g",)
CORNERS: Final = ("POINT (0 0)", "POINT (4 0)", "POINT (4 4)", "POINT (0 4)")
SQUARE: Final = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
HALVES: Final = (
    "POLYGON ((0 0, 2 0, 2 4, 0 4, 0 0))",
    "POLYGON ((2 0, 4 0, 4 4, 2 4, 2 0))",
)
SEEN: Final = "by definition"
TALL: Final = ("POINT (0 0)", "POINT (2 0)", "POINT (2 6)", "POINT (0 6)")
TALL_BOX: Final = "POLYGON ((0 0, 2 0, 2 6, 0 6, 0 0))"

MADE: Final[dict[str, tuple[tuple[str, ...], Shape]]] = {
    "aggBoundingBox": (("POINT (0 0)", "LINESTRING (2 6, 1 1)"), Shape(TALL_BOX)),
    "aggBoundingCircle": (
        ("POINT (-2 -2)", "POINT (2 -2)", "POINT (2 2)", "POINT (-2 2)"),
        Shape(disc(0, 0, WGS84.Inverse(0, 0, 2, 2)["s12"]), within=0.01),
    ),
    "aggCentroid": ((*CORNERS, "POINT (2 7)"), Shape("POINT (2 3)")),
    "aggConcaveHull": (TALL, Shape(TALL_BOX)),
    "aggConvexHull": ((*TALL, "POINT (1 2)"), Shape(TALL_BOX)),
    "aggUnion": (HALVES, Shape(SQUARE)),
}
ONLY: Final = {
    **dict.fromkeys(MADE, Shape("POINT (1 2)")),
    "aggUnion": Shape("POINT (1 2)"),
}


def _cases() -> Iterator[Case]:
    for name, (rows, made) in MADE.items():
        given = tuple(map(wkt, rows))
        yield Case(name, "positive", G, made, SEEN, rows=given)
        yield Case(name, "positive", ("DISTINCT ?g",), made, SEEN, rows=given)
        one = (wkt("POINT (1 2)"),)
        yield Case(name, "negative", G, ONLY[name], "one is what it is", rows=one)
        there = Shape(made.text, EPSG + "4326", within=made.within)
        swapped = tuple(wkt(flipped(row), "4326") for row in rows)
        yield Case(name, "crs", G, there, "axes swapped", rows=swapped)
        mixed = (given[0], *swapped[1:])
        yield Case(name, "crs", G, made, "the CRS of the first", rows=mixed)
        broken = (*given, wkt("POINT ("))
        yield Case(name, "error", G, None, "one is no geometry", rows=broken)
        yield Case(name, "error", G, None, "one is no geometry", rows=(*given, "5"))


CASES: Final = tuple(_cases())
