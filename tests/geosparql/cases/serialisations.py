"""Serialisations: what is written, read back, and every one of them as an argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyproj

from tests.geosparql.case import CRS84, EPSG, Case, Shape, gml, literal, wkt

SQUARE: Final = "POLYGON ((1 2, 5 2, 5 6, 1 6, 1 2))"
INPUTS: Final = {
    "wktLiteral": wkt(SQUARE),
    "gmlLiteral": gml(
        "<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>1 2 5 2 5 6 1 6 1 2"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    ),
    "geoJSONLiteral": literal(
        '{"type": "Polygon", "coordinates": [[[1, 2], [5, 2], [5, 6], [1, 6], [1, 2]]]}',
        "geoJSONLiteral",
    ),
    "kmlLiteral": literal(
        '<Polygon xmlns="http://www.opengis.net/kml/2.2"><outerBoundaryIs><LinearRing>'
        "<coordinates>1,2 5,2 5,6 1,6 1,2</coordinates></LinearRing></outerBoundaryIs></Polygon>",
        "kmlLiteral",
    ),
}
"""One square in CRS84 in every serialisation that holds coordinates."""
SWAPPED: Final = {
    "wktLiteral": wkt("POLYGON ((2 1, 2 5, 6 5, 6 1, 2 1))", "4326"),
    "gmlLiteral": gml(
        "<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>2 1 2 5 6 5 6 1 2 1"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>",
        EPSG + "4326",
    ),
}
BROKEN: Final = (
    wkt("POLYGON ((1 2, 5 2"),
    literal("<gml:Point", "gmlLiteral"),
    literal('{"type": "Point"}', "geoJSONLiteral"),
    literal("<Point><coordinates>a,b</coordinates></Point>", "kmlLiteral"),
    literal("not a cell", "dggsLiteral"),
    '"POINT (1 2)"',
    "3",
)
WRITERS: Final = {
    "asWKT": "wktLiteral", "asGML": "gmlLiteral", "asGeoJSON": "geoJSONLiteral",
    "asKML": "kmlLiteral",
}  # fmt: skip
GRID: Final = "<https://h3geo.org/res/5>"
READ: Final = "the same square"


def _written() -> Iterator[Case]:
    for name, datatype in WRITERS.items():
        for given in INPUTS.values():
            yield Case(name, "positive", (given,), Shape(SQUARE, CRS84, datatype), READ)
        fixed = name in ("asGeoJSON", "asKML")
        for given in SWAPPED.values():
            crs = CRS84 if fixed else EPSG + "4326"
            yield Case(name, "crs", (given,), Shape(SQUARE, crs, datatype), "CRS84 where fixed")
        there = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
        lon, lat = there.transform(4_600_000.0, 2_800_000.0)
        given = wkt("POINT (2800000 4600000)", "3035")
        moved = Shape(f"POINT ({lon!r} {lat!r})", CRS84, datatype, within=1e-9)
        kept = Shape("POINT (4600000 2800000)", EPSG + "3035", datatype)
        yield Case(name, "crs", (given,), moved if fixed else kept, "PROJ")
        empty = Shape("POINT EMPTY", CRS84, datatype)
        if name != "asGeoJSON":
            yield Case(name, "negative", (wkt("POINT EMPTY"),), empty, "nothing there")
        yield Case(name, "positive", (wkt("POINT Z (1 2 3)"),),
                   Shape("POINT Z (1 2 3)", CRS84, datatype), "height is kept")  # fmt: skip
        several = "MULTILINESTRING ((0 0, 1 1), (2 2, 3 4))"
        yield Case(name, "positive", (wkt(several),), Shape(several, CRS84, datatype), READ)
        for broken in BROKEN:
            yield Case(name, "error", (broken,), None, "no geometry")
    measured = (wkt("POINT M (1 2 7)"),)
    yield Case("asGeoJSON", "negative", measured, None, "GeoJSON has no measures")


def _cells() -> Iterator[Case]:
    cell = Shape("POINT (14.3 48.3)", CRS84, "dggsLiteral", within=0.2)
    for given in (
        wkt("POINT (14.3 48.3)"),
        gml("<gml:Point><gml:pos>14.3 48.3</gml:pos></gml:Point>"),
        literal('{"type": "Point", "coordinates": [14.3, 48.3]}', "geoJSONLiteral"),
    ):
        yield Case("asDGGS", "positive", (given, GRID), cell, "a cell of H3 around the point")
    swapped = (wkt("POINT (48.3 14.3)", "4326"), GRID)
    yield Case("asDGGS", "crs", swapped, cell, "a cell of H3 around the point")
    nothing = Shape("POINT EMPTY", CRS84, "dggsLiteral")
    yield Case("asDGGS", "negative", (wkt("POINT EMPTY"), GRID), nothing, "nothing, no cell")
    for broken in BROKEN:
        yield Case("asDGGS", "error", (broken, GRID), None, "no geometry")


def _arguments() -> Iterator[Case]:
    """Every pair of serialisations as arguments of one function."""
    inside = {
        "wktLiteral": wkt("POINT (2 3)"),
        "gmlLiteral": gml("<gml:Point><gml:pos>2 3</gml:pos></gml:Point>"),
        "geoJSONLiteral": literal('{"type":"Point","coordinates":[2,3]}', "geoJSONLiteral"),
        "kmlLiteral": literal("<Point><coordinates>2,3</coordinates></Point>", "kmlLiteral"),
    }
    for given in (*INPUTS.values(), *SWAPPED.values()):
        for point in inside.values():
            yield Case("sfContains", "positive", (given, point), True, READ)
            yield Case("sfWithin", "negative", (given, point), False, READ)
    for datatype, given in INPUTS.items():
        yield Case("envelope", "positive", (given,), Shape(SQUARE, CRS84, datatype), READ)
        yield Case("centroid", "positive", (given,), Shape("POINT (3 4)", CRS84, datatype), READ)
        yield Case("minX", "positive", (given,), 1.0, READ)
        yield Case("getSRID", "positive", (given,), CRS84, READ)
    cell = literal("<https://h3geo.org/res/5> CELLLIST ((851e18b3fffffff))", "dggsLiteral")
    yield Case("dimension", "positive", (cell,), 2, "a cell is an area")


CASES: Final = (*_written(), *_cells(), *_arguments())
