"""What a geometry is like: values that can be read off its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.geosparql.case import CRS84, EPSG, Case, Shape, wkt

READ: Final = "read off the text"
SF: Final = "http://www.opengis.net/ont/sf#"

VALUES: Final[dict[str, dict[str, object]]] = {
    "POINT (1 2)": {
        "dimension": 0, "coordinateDimension": 2, "spatialDimension": 2, "isEmpty": False,
        "isSimple": True, "is3D": False, "isMeasured": False, "geometryType": SF + "Point",
        "numGeometries": 1, "minX": 1.0, "maxX": 1.0, "minY": 2.0, "maxY": 2.0,
        "minZ": None, "maxZ": None, "getSRID": CRS84,
    },
    "POINT Z (1 2 3)": {
        "coordinateDimension": 3, "spatialDimension": 3, "is3D": True, "isMeasured": False,
        "minZ": 3.0, "maxZ": 3.0,
    },
    "POINT M (1 2 7)": {
        "coordinateDimension": 3, "spatialDimension": 2, "is3D": False, "isMeasured": True,
        "minX": 1.0, "minZ": None,
    },
    "POINT ZM (1 2 3 7)": {
        "coordinateDimension": 4, "spatialDimension": 3, "is3D": True, "isMeasured": True,
        "maxZ": 3.0,
    },
    "LINESTRING (0 0, 2 2, 2 0, 0 2)": {
        "dimension": 1, "isSimple": False, "geometryType": SF + "LineString", "numGeometries": 1,
        "minX": 0.0, "maxX": 2.0,
    },
    "LINESTRING Z (0 0 -5, 1 1 9)": {"minZ": -5.0, "maxZ": 9.0},
    "POLYGON ((0 0, 4 0, 4 3, 0 0))": {
        "dimension": 2, "isEmpty": False, "isSimple": True, "geometryType": SF + "Polygon",
        "maxX": 4.0, "maxY": 3.0,
    },
    "POLYGON EMPTY": {
        "dimension": 2, "isEmpty": True, "geometryType": SF + "Polygon", "minX": None,
        "maxX": None, "minY": None, "maxY": None, "getSRID": CRS84,
    },
    "MULTIPOINT ((1 1), (2 2), (3 3))": {
        "dimension": 0, "numGeometries": 3, "geometryType": SF + "MultiPoint", "isSimple": True,
    },
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))": {
        "numGeometries": 2, "geometryType": SF + "MultiPolygon", "maxY": 6.0,
    },
    "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 9 9))": {
        "dimension": 1, "numGeometries": 2, "geometryType": SF + "GeometryCollection",
        "maxX": 9.0,
    },
}  # fmt: skip
NEGATIVE: Final = {"isEmpty", "isSimple", "is3D", "isMeasured"}


def _values() -> Iterator[Case]:
    for text, found in VALUES.items():
        for name, expected in found.items():
            negative = expected is None or expected is False
            kind = "negative" if negative else "positive"
            yield Case(name, kind, (wkt(text),), expected, READ)  # type: ignore[arg-type]
    for name, other in (
        ("dimension", "LINESTRING EMPTY"), ("coordinateDimension", "POINT (0 0)"),
        ("spatialDimension", "POINT M (0 0 1)"), ("numGeometries", "POINT (0 0)"),
    ):  # fmt: skip
        values = {"dimension": 1, "coordinateDimension": 2, "spatialDimension": 2}
        yield Case(name, "negative", (wkt(other),), values.get(name, 1), READ)
    yield Case("geometryType", "negative", (wkt("LINESTRING (0 0, 1 1)"),), SF + "LineString", READ)


def _crs() -> Iterator[Case]:
    swapped, projected = wkt("POINT Z (48 14 7)", "4326"), wkt("POINT (2800000 4600000)", "3035")
    xy = "minX is easting or longitude whatever the axis order"
    for name, value in (
        ("minX", 14.0), ("maxX", 14.0), ("minY", 48.0), ("maxY", 48.0), ("minZ", 7.0),
        ("maxZ", 7.0), ("dimension", 0), ("coordinateDimension", 3), ("spatialDimension", 3),
        ("isEmpty", False), ("isSimple", True), ("is3D", True), ("isMeasured", False),
        ("geometryType", SF + "Point"), ("numGeometries", 1), ("getSRID", EPSG + "4326"),
    ):  # fmt: skip
        yield Case(name, "crs", (swapped,), value, xy)
    for name, value in (("minX", 4_600_000.0), ("maxY", 2_800_000.0), ("getSRID", EPSG + "3035")):
        yield Case(name, "crs", (projected,), value, xy)
    other = wkt("POINT (1 2)", "25833")
    yield Case("getSRID", "negative", (other,), EPSG + "25833", READ)


def _nth() -> Iterator[Case]:
    several = "MULTIPOINT ((1 1), (2 2), (3 3))"
    for index, point in enumerate(("POINT (1 1)", "POINT (2 2)", "POINT (3 3)"), 1):
        shape = Shape(point)
        yield Case("geometryN", "positive", (wkt(several), str(index)), shape, "first is 1")
    yield Case("geometryN", "positive", (wkt("POINT (1 2)"), "1"), Shape("POINT (1 2)"), READ)
    yield Case("geometryN", "negative", (wkt(several), "4"), None, "there is no fourth")
    yield Case("geometryN", "negative", (wkt(several), "0"), None, "there is none before the first")
    moved = Shape("POINT (2 1)", EPSG + "4326")
    args = (wkt("MULTIPOINT ((1 2), (5 6))", "4326"), "1")
    yield Case("geometryN", "crs", args, moved, READ)
    yield Case("geometryN", "error", (wkt("MULTIPOINT ("), "1"), None, "no geometry")
    yield Case("geometryN", "error", (wkt(several), '"a"'), None, "no number")


def _errors() -> Iterator[Case]:
    names = {name for found in VALUES.values() for name in found}
    for name in sorted(names):
        for broken in (wkt("POINT (1)"), wkt("POINT (1 NaN)"), '"POINT (1 2)"', "<http://x/a>"):
            yield Case(name, "error", (broken,), None, "no geometry")


CASES: Final = (*_values(), *_crs(), *_nth(), *_errors())
