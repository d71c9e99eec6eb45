"""GeoJSON geometry objects (RFC 7946; GeoSPARQL 1.1, section 8.5.3), always in CRS84."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import shapely

from .coordinates import Geometries
from .readings import Reading
from .shapes import Shape, shapes
from .wkb_builder import Kind
from .wkt_guard import MAX_DEPTH

_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACES: Final = MAX_DEPTH + 1  # the innermost object is no collection
_ODD: Final = re.compile(r'\\|"Feature|"crs"|[^\x00-\x7f]')
_CRS84_NAMES: Final = frozenset(
    {"urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
)
_TYPES: Final = (
    "Point, LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon, GeometryCollection"
)


def read_geojson(texts: list[str | None]) -> Reading:
    """Read GeoJSON geometry objects, a column at a time."""
    values = np.array(texts, dtype=np.object_)
    reasons: dict[int, str] = {}
    for row, text in enumerate(texts):
        if text is not None and (reason := _refusal(text)):
            reasons[row] = reason
            values[row] = None
    with np.errstate(over="ignore"):
        geometries = np.asarray(shapely.from_geojson(values, on_invalid="ignore"), np.object_)
    there = np.array([value is not None for value in values], bool)
    for row in np.flatnonzero(there & shapely.is_missing(geometries)).tolist():
        reasons[row] = _why_unreadable(values[row])
    return Reading(geometries, None, reasons)


def _refusal(text: str) -> str:
    """Why GEOS must not see a text; empty if it may."""
    if text.count("{") > _BRACES and _too_deep(text):
        return f"collections are nested over {MAX_DEPTH} deep"
    return _refused_members(text) if _ODD.search(text) else ""


def _too_deep(text: str) -> bool:
    data = np.frombuffer(_STRINGS.sub("", text).encode(), np.uint8)
    braces = data[(data == ord("{")) | (data == ord("}"))]
    steps = np.where(braces == ord("{"), 1, -1)
    return bool(np.cumsum(steps).max(initial=0) > _BRACES)


def _refused_members(text: str) -> str:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"it is no JSON: {error}"
    if not isinstance(found, dict):
        return "it is no JSON object"
    if found.get("type") in ("Feature", "FeatureCollection"):
        return f"a {found['type']} is no geometry; its geometry object alone is: one of {_TYPES}"
    if found.get("crs") is not None and _crs_name(found["crs"]) not in _CRS84_NAMES:
        return "GeoJSON is in CRS84 always; a member crs can say nothing else"
    return ""


def _crs_name(crs: Any) -> Any:
    """Name in a ``crs`` member of the GeoJSON of 2008."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _why_unreadable(text: str) -> str:
    try:
        shapely.from_geojson(text)
    except (shapely.errors.GEOSException, ValueError) as error:
        return str(error).strip()
    return "it is no GeoJSON"


def write_geojson(geometries: Geometries) -> list[str | None]:
    """Write geometries in CRS84; None for None and where GeoJSON cannot hold one.

    It has no M, and no empty member of a multi-geometry.
    """
    return [
        None if shape is None or _has_empty_member(shape) else _written(shape)
        for shape in shapes(geometries)
    ]


def _has_empty_member(shape: Shape) -> bool:
    if shape.kind is Kind.COLLECTION:
        return any(map(_has_empty_member, shape.members))
    return not all(member.runs for member in shape.members)


def _written(shape: Shape) -> str:
    if shape.kind is Kind.COLLECTION:
        members = ",".join(map(_written, shape.members))
        return f'{{"type":"GeometryCollection","geometries":[{members}]}}'
    return f'{{"type":"{_NAMES[shape.kind]}","coordinates":{_coordinates(shape)}}}'


def _coordinates(shape: Shape) -> str:
    if shape.members:
        return "[" + ",".join(map(_coordinates, shape.members)) + "]"
    if not shape.runs:
        return "[]"
    if shape.kind is Kind.POINT:
        return _list(shape.runs[0])
    if shape.kind is Kind.LINE:
        return f"[{_list(shape.runs[0])}]"
    return "[" + ",".join(f"[{_list(run)}]" for run in shape.runs) + "]"


def _list(run: str) -> str:
    rows = run.replace(", ", "\n").replace(" ", ",").replace("\n", "],[")
    return f"[{rows}]"


_NAMES: Final = {
    Kind.POINT: "Point",
    Kind.LINE: "LineString",
    Kind.POLYGON: "Polygon",
    Kind.MULTIPOINT: "MultiPoint",
    Kind.MULTILINE: "MultiLineString",
    Kind.MULTIPOLYGON: "MultiPolygon",
}
