"""The same pair of geometries written otherwise: what must not change any relation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import shapely

from ontology import format_geometries
from tests.geosparql.case import CRS84, EPSG, GEO
from tests.geosparql.shapes import Geometry, Random

Literals = tuple[str, str]
"""Text and name of the datatype in the GeoSPARQL namespace."""
Pair = tuple[Geometry, Geometry]

SHIFTS: Final = ((64.0, 32.0), (-32.0, -64.0), (0.5, 0.25), (128.0, 0.0))
"""Powers of two, with which small whole numbers stay exact."""


def plain(shape: Geometry) -> Literals:
    """WKT in CRS84."""
    return shapely.to_wkt(shape, rounding_precision=-1), "wktLiteral"


def _moved(shape: Geometry, x: float, y: float) -> Geometry:
    return shapely.transform(shape, lambda rows: rows + (x, y))  # noqa: RUF005


def _swapped(shape: Geometry, code: str = "4326") -> Literals:
    turned = shapely.transform(shape, lambda rows: rows[:, ::-1])
    text = shapely.to_wkt(turned, rounding_precision=-1)
    return f"<{EPSG}{code}> {text}", "wktLiteral"


def _projected(shape: Geometry) -> Literals:
    """The same grid in metres of EPSG:3035: another plane, so the same relations."""
    return _swapped(_moved(shape, 2.0**22, 2.0**21), "3035")


def _ring(ring: np.ndarray) -> np.ndarray:
    """Another beginning, the other way round."""
    turned = ring[:-1][::-1]
    turned = np.roll(turned, 1, axis=0)
    return np.concatenate([turned, turned[:1]])


def reversed_(shape: Geometry) -> Geometry:
    """Rings and lines the other way round, members in the other order."""
    match shape.geom_type:
        case "Polygon":
            holes = [_ring(np.asarray(hole.coords)) for hole in shape.interiors]
            return shapely.Polygon(_ring(np.asarray(shape.exterior.coords)), holes[::-1])
        case "MultiPolygon" | "MultiLineString" | "MultiPoint":
            return type(shape)([reversed_(part) for part in reversed(shape.geoms)])
        case _:
            return shapely.reverse(shape)


def _halved(points: np.ndarray) -> np.ndarray:
    middle = (points[:-1] + points[1:]) / 2
    woven = np.empty((2 * len(points) - 1, 2))
    woven[::2], woven[1::2] = points, middle
    return woven


def thickened(shape: Geometry) -> Geometry:
    """A vertex more in the middle of every edge; halves of even numbers are exact."""
    match shape.geom_type:
        case "LineString":
            return shapely.LineString(_halved(np.asarray(shape.coords)))
        case "Polygon":
            holes = [_halved(np.asarray(hole.coords)) for hole in shape.interiors]
            return shapely.Polygon(_halved(np.asarray(shape.exterior.coords)), holes)
        case "MultiPolygon" | "MultiLineString":
            return type(shape)([thickened(part) for part in shape.geoms])
        case _:
            return shape


def _written(datatype: str) -> Callable[[Geometry], Literals]:
    def written(shape: Geometry) -> Literals:
        wkb = pa.array([shapely.to_wkb(shape, flavor="iso")], pa.binary())
        return format_geometries(wkb, CRS84, GEO + datatype)[0].as_py(), datatype

    return written


def _geojson(shape: Geometry) -> Literals:
    return shapely.to_geojson(shape), "geoJSONLiteral"


def variants(pair: Pair, random: Random) -> dict[str, tuple[Literals, Literals]]:
    """A pair in every form, the plain one first."""
    one, two = pair
    x, y = SHIFTS[int(random.integers(len(SHIFTS)))]
    shifted = (_moved(one, x, y), _moved(two, x, y))
    gml, kml = _written("gmlLiteral"), _written("kmlLiteral")
    return {
        "plain": (plain(one), plain(two)),
        "shifted": (plain(shifted[0]), plain(shifted[1])),
        "axes swapped": (_swapped(one), _swapped(two)),
        "axes of one swapped": (plain(one), _swapped(two)),
        "metres": (_projected(one), _projected(two)),
        "reversed": (plain(reversed_(one)), plain(two)),
        "other reversed": (plain(one), plain(reversed_(two))),
        "collinear points": (plain(thickened(one)), plain(two)),
        "other's collinear points": (plain(one), plain(thickened(two))),
        "GML": (gml(one), gml(two)),
        "GeoJSON": (_geojson(one), _geojson(two)),
        "KML and WKT": (kml(one), plain(two)),
        "GeoJSON and GML": (_geojson(one), gml(two)),
    }


def split(shape: Geometry) -> tuple[Geometry, Geometry] | None:
    """Two parts whose union it is, cut where that is exact; None where there is no such cut.

    Lines that run over themselves have other ends once they are united.
    """
    match shape.geom_type:
        case "MultiPoint" | "MultiLineString" | "MultiPolygon" if shape.is_simple:
            first, *rest = shape.geoms
            return first, type(shape)(rest)
        case "LineString" if len(shape.coords) > 2 and shape.is_simple:
            return shapely.LineString(shape.coords[:2]), shapely.LineString(shape.coords[1:])
        case "Polygon" if _rectilinear(shape):
            west, south, east, north = shape.bounds
            middle = west + (east - west) / 2
            left, right = (
                shapely.box(west, south, middle, north),
                shapely.box(middle, south, east, north),
            )
            return shape.intersection(left), shape.intersection(right)
        case _:
            return None


def _rectilinear(shape: Geometry) -> bool:
    rings = [shape.exterior, *shape.interiors]
    steps = np.concatenate([np.diff(np.asarray(ring.coords), axis=0) for ring in rings])
    return bool((steps == 0).any(axis=1).all())
