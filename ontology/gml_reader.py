"""GML geometries of the Simple Features profile (GML 2, 3.1, 3.2; GeoSPARQL 1.1, section 8.5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from .coordinates import Coordinates
from .crs import crs_from, crs_iri, northing_first
from .errors import CRSError
from .namespaces import CRS84
from .readings import Reading, Unreadable
from .wkb_builder import Built, Kind, gathered, line, multi, point, polygon
from .wkt_guard import MAX_DEPTH
from .xml_texts import numbers, parse_xml, positions, split_tag, text_in, tuples

GML_NAMESPACE: Final = "http://www.opengis.net/ont/gml"
"""The namespace in the examples of GeoSPARQL; those of GML itself are read as well."""

_NAMESPACE: Final = re.compile(r"https?://www\.opengis\.net/(?:ont/gml|gml(?:/3\.[23](?:\.\d)?)?)")
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_ABOUT: Final = frozenset(
    ("boundedBy", "description", "descriptionReference", "identifier", "metaDataProperty", "name")
)
_FLAT: Final = 2
_WITH_Z: Final = 3


class _Frame(NamedTuple):
    """What an element takes over from those around it."""

    swap: bool
    dimension: int | None
    of_crs: int
    depth: int = 0


def read_gml(texts: list[str | None]) -> Reading:
    """Read GML geometries; one without ``srsName`` is in CRS84."""
    blobs = np.full(len(texts), None, object)
    names: list[str | None] = [None] * len(texts)
    reasons: dict[int, str] = {}
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            blobs[row], names[row] = _read(text)
        except (Unreadable, CRSError) as error:
            reasons[row] = str(error)
    return Reading(np.asarray(shapely.from_wkb(blobs), object), names, reasons)


def _read(text: str) -> tuple[bytes, str]:
    root = parse_xml(text)
    crs, swap, dimension = _crs_of(root)
    return _geometry(root, _Frame(swap, None, dimension)).wkb, crs


def _crs_of(root: Any) -> tuple[str, bool, int]:
    """CRS IRI, whether northing or latitude comes first, and how many axes it has."""
    names = {element.get("srsName") for element in root.iter()} - {None}
    if not names:
        return CRS84, False, _FLAT
    iris = {crs_iri(name) for name in names}
    if len(iris) > 1:
        raise Unreadable("its parts are in more than one CRS: " + ", ".join(sorted(iris)))
    name = names.pop()
    axes = len(crs_from(name).axis_info)
    return iris.pop(), northing_first(name), max(axes, _FLAT)


def _geometry(element: Any, frame: _Frame) -> Built:
    name = _gml_name(element)
    build = _GEOMETRIES.get(name)
    if build is None:
        raise Unreadable(f"{name} is not supported: {_SUPPORTED}")
    if frame.depth > MAX_DEPTH:
        raise Unreadable(f"collections are nested over {MAX_DEPTH} deep")
    return build(element, _within(element, frame)._replace(depth=frame.depth + 1))


def _gml_name(element: Any) -> str:
    namespace, name = split_tag(element)
    if not _is_gml(namespace):
        raise Unreadable(f"{name} is in no namespace of GML, but in {namespace!r}")
    return name


@lru_cache
def _is_gml(namespace: str) -> bool:
    return _NAMESPACE.fullmatch(namespace) is not None


def _within(element: Any, frame: _Frame) -> _Frame:
    named = element.get("srsDimension") or element.get("dimension")
    if named is None:
        return frame
    if named.strip() not in ("2", "3"):
        raise Unreadable(f"srsDimension is {named!r}, not 2 or 3")
    return frame._replace(dimension=int(named))


def _parts(element: Any) -> Iterator[tuple[str, Any]]:
    """Name and element of each child that says something about the place."""
    if (element.text or "").strip():
        raise Unreadable(f"text stands in {split_tag(element)[1]}, where elements belong")
    if element.get(_HREF) is not None:
        raise Unreadable("a part refers elsewhere by xlink:href")
    for child in element:
        if (child.tail or "").strip():
            raise Unreadable(f"text stands in {split_tag(element)[1]}, where elements belong")
        name = _gml_name(child)
        if name not in _ABOUT:
            yield name, child


def _only(element: Any, *wanted: str) -> tuple[str, Any]:
    parts = list(_parts(element))
    if len(parts) != 1 or parts[0][0] not in wanted:
        raise Unreadable(f"{split_tag(element)[1]} must hold one of {', '.join(wanted)}")
    return parts[0]


def _rows(element: Any, frame: _Frame) -> Coordinates:
    """Positions of an element, easting or longitude first."""
    found = [rows for name, child in _parts(element) if len(rows := _positions(name, child, frame))]
    if not found:
        return np.empty((0, frame.dimension or _FLAT))
    if len({rows.shape[1] for rows in found}) > 1:
        raise Unreadable("its positions differ in how many numbers they have")
    rows = np.vstack(found)
    return np.column_stack([rows[:, 1], rows[:, 0], rows[:, 2:]]) if frame.swap else rows


def _positions(name: str, element: Any, frame: _Frame) -> Coordinates:
    """Positions in one child, in the order of the CRS."""
    frame = _within(element, frame)
    if name in ("pos", "lowerCorner", "upperCorner"):
        flat = numbers(text_in(element))
        if len(flat) not in {frame.dimension} if frame.dimension else len(flat) not in (2, 3):
            raise Unreadable(f"a position has {len(flat)} numbers")
        return flat.reshape(1, -1)
    if name == "posList":
        return positions(text_in(element), frame.dimension or frame.of_crs)
    if name == "coordinates":
        signs = {key: element.get(key) for key in ("decimal", "cs", "ts")}
        given = {key: sign for key, sign in signs.items() if sign is not None}
        return tuples(text_in(element), **given)
    if name == "coord":
        return _coord(element)
    if name in ("pointProperty", "pointRep"):
        _, child = _only(element, "Point")
        return _rows(child, _within(child, frame)._replace(swap=False))
    raise Unreadable(f"{name} is not supported as a position")


def _coord(element: Any) -> Coordinates:
    axes = [(name, numbers(text_in(child))) for name, child in _parts(element)]
    if tuple(name for name, _ in axes) not in (("X", "Y"), ("X", "Y", "Z")):
        raise Unreadable("a coord must have X and Y, and may have Z")
    if any(len(number) != 1 for _, number in axes):
        raise Unreadable("an axis of a coord must have one number")
    return np.array([[number[0] for _, number in axes]])


def _point(element: Any, frame: _Frame) -> Built:
    return point(_rows(element, frame))


def _line(element: Any, frame: _Frame) -> Built:
    return line(_rows(element, frame))


def _ring_line(element: Any, frame: _Frame) -> Built:
    rows = _rows(element, frame)
    polygon([rows])
    return line(rows)


def _curve(element: Any, frame: _Frame) -> Built:
    return line(_curve_rows(element, frame))


def _curve_rows(element: Any, frame: _Frame) -> Coordinates:
    """Positions of a LineString, a Curve of straight segments, or a chain of them."""
    name = _gml_name(element)
    frame = _within(element, frame)
    if name in ("LineString", "LinearRing", "LineStringSegment"):
        if element.get("interpolation", "linear") != "linear":
            raise Unreadable("only linear interpolation is supported")
        return _rows(element, frame)
    if name not in ("Curve", "CompositeCurve", "Ring"):
        raise Unreadable(f"{name} is not supported: {_SUPPORTED}")
    chain = [
        _curve_rows(child, frame)
        for part, holder in _parts(element)
        if _expected(part, ("segments", "curveMember"))
        for _, child in _parts(holder)
    ]
    return _joined(chain, frame)


def _expected(name: str, wanted: tuple[str, ...]) -> bool:
    if name not in wanted:
        raise Unreadable(f"{name} is not expected, only {', '.join(wanted)}")
    return True


def _joined(chain: list[Coordinates], frame: _Frame) -> Coordinates:
    chain = [rows for rows in chain if len(rows)]
    if not chain:
        return np.empty((0, frame.dimension or _FLAT))
    if len({rows.shape[1] for rows in chain}) > 1:
        raise Unreadable("its segments differ in dimension")
    for one, following in pairwise(chain):
        if (one[-1] != following[0]).any():
            raise Unreadable("a segment of a curve does not begin where the last one ends")
    return np.vstack([chain[0], *(rows[1:] for rows in chain[1:])])


def _polygon(element: Any, frame: _Frame) -> Built:
    outer: list[Coordinates] = []
    inner: list[Coordinates] = []
    for name, child in _parts(element):
        _expected(name, ("exterior", "outerBoundaryIs", "interior", "innerBoundaryIs"))
        _, ring = _only(child, "LinearRing", "Ring")
        side = outer if name in ("exterior", "outerBoundaryIs") else inner
        side.append(_curve_rows(ring, frame))
    if len(outer) > 1 or (inner and not outer):
        raise Unreadable("a polygon must have one outer ring")
    return polygon([*outer, *inner] or [np.empty((0, frame.dimension or _FLAT))])


def _surface(element: Any, frame: _Frame) -> Built:
    patches = [
        _polygon(patch, _within(patch, frame))
        for name, holder in _parts(element)
        if _expected(name, ("patches", "polygonPatches"))
        for kind, patch in _parts(holder)
        if _expected(kind, ("PolygonPatch", "Rectangle", "Triangle"))
    ]
    if len(patches) == 1:
        return patches[0]
    if not patches:
        return polygon([np.empty((0, frame.dimension or _FLAT))])
    return gathered(Kind.MULTIPOLYGON, patches)


def _envelope(element: Any, frame: _Frame) -> Built:
    rows = _rows(element, frame)
    if not len(rows):
        return polygon([rows])
    if rows.shape != (2, _FLAT):
        raise Unreadable("an envelope must have two corners of two numbers")
    (west, south), (east, north) = rows.tolist()
    if west > east or south > north:
        raise Unreadable("the lower corner of an envelope is beyond the upper one")
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return polygon([np.array(ring)])


def _members(element: Any, frame: _Frame, wanted: tuple[str, ...]) -> list[Built]:
    found: list[Built] = []
    for name, holder in _parts(element):
        _expected(name, wanted)
        children = [_geometry(child, _within(holder, frame)) for _, child in _parts(holder)]
        if not name.endswith("s") and len(children) != 1:
            raise Unreadable(f"a {name} must hold one geometry")
        found += children
    return found


def _multi(kind: Kind, *wanted: str) -> Callable[[Any, _Frame], Built]:
    return lambda element, frame: multi(kind, _members(element, frame, wanted))


def _collection(element: Any, frame: _Frame) -> Built:
    members = _members(element, frame, ("geometryMember", "geometryMembers"))
    return gathered(Kind.COLLECTION, members)


_GEOMETRIES: Final[dict[str, Callable[[Any, _Frame], Built]]] = {
    "Point": _point,
    "LineString": _line,
    "LinearRing": _ring_line,
    "Curve": _curve,
    "CompositeCurve": _curve,
    "Polygon": _polygon,
    "Surface": _surface,
    "Envelope": _envelope,
    "Box": _envelope,
    "MultiPoint": _multi(Kind.POINT, "pointMember", "pointMembers"),
    "MultiLineString": _multi(Kind.LINE, "lineStringMember"),
    "MultiCurve": _multi(Kind.LINE, "curveMember", "curveMembers"),
    "MultiPolygon": _multi(Kind.POLYGON, "polygonMember"),
    "MultiSurface": _multi(Kind.POLYGON, "surfaceMember", "surfaceMembers"),
    "CompositeSurface": _multi(Kind.POLYGON, "surfaceMember"),
    "MultiGeometry": _collection,
}
_SUPPORTED: Final = "only straight lines and flat polygons of Simple Features are"
