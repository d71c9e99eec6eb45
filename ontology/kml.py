"""KML geometries (OGC KML 2.2; GeoSPARQL 1.1, section 8.5.4), always in CRS84."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import shapely

from .coordinates import Coordinates, Geometries
from .readings import Reading, Unreadable
from .shapes import Shape, shapes
from .wkb_builder import Built, Kind, line, narrowed, point, polygon
from .wkt_guard import MAX_DEPTH
from .xml_texts import parse_xml, split_tag, text_in, tuples

KML_NAMESPACES: Final = (
    "",
    "http://www.opengis.net/kml/2.2",
    "http://earth.google.com/kml/2.0",
    "http://earth.google.com/kml/2.1",
    "http://earth.google.com/kml/2.2",
)
_ABOUT: Final = frozenset(("altitudeMode", "extrude", "tessellate"))
_SUPPORTED: Final = "Point, LineString, LinearRing, Polygon and MultiGeometry are"


def read_kml(texts: list[str | None]) -> Reading:
    """Read KML geometries; a MultiGeometry of one simple type is a multi-geometry of it."""
    blobs = np.full(len(texts), None, object)
    reasons: dict[int, str] = {}
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            blobs[row] = _geometry(parse_xml(text), 0).wkb
        except Unreadable as error:
            reasons[row] = str(error)
    return Reading(np.asarray(shapely.from_wkb(blobs), object), None, reasons)


def _geometry(element: Any, depth: int) -> Built:
    name = _kml_name(element)
    if depth > MAX_DEPTH:
        raise Unreadable(f"collections are nested over {MAX_DEPTH} deep")
    if name == "MultiGeometry":
        return narrowed([_geometry(child, depth + 1) for _, child in _parts(element)])
    build = _GEOMETRIES.get(name)
    if build is None:
        raise Unreadable(f"{name} is not supported: {_SUPPORTED}")
    return build(element)


def _kml_name(element: Any) -> str:
    namespace, name = split_tag(element)
    if namespace not in KML_NAMESPACES:
        raise Unreadable(f"{name} is in no namespace of KML: {namespace}")
    return name


def _parts(element: Any) -> Iterator[tuple[str, Any]]:
    for text in (element.text, *(child.tail for child in element)):
        if (text or "").strip():
            raise Unreadable(f"text stands in {split_tag(element)[1]}, where elements belong")
    for child in element:
        if split_tag(child)[1] in _ABOUT:
            continue
        yield _kml_name(child), child


def _rows(element: Any) -> Coordinates:
    parts = list(_parts(element))
    if not parts:
        return np.empty((0, 2))
    if len(parts) > 1 or parts[0][0] != "coordinates":
        raise Unreadable(f"{split_tag(element)[1]} must hold coordinates once and nothing else")
    return tuples(text_in(parts[0][1]))


def _ring_line(element: Any) -> Built:
    rows = _rows(element)
    polygon([rows])
    return line(rows)


def _polygon(element: Any) -> Built:
    outer: list[Coordinates] = []
    inner: list[Coordinates] = []
    for name, side in _parts(element):
        if name not in ("outerBoundaryIs", "innerBoundaryIs"):
            raise Unreadable(f"{name} is not expected in a Polygon")
        for kind, ring in _parts(side):
            if kind != "LinearRing":
                raise Unreadable(f"{kind} is not expected in {name}")
            (outer if name == "outerBoundaryIs" else inner).append(_rows(ring))
    if len(outer) > 1 or (inner and not outer):
        raise Unreadable("a polygon must have one outer ring")
    return polygon([*outer, *inner] or [np.empty((0, 2))])


_GEOMETRIES: Final[dict[str, Callable[[Any], Built]]] = {
    "Point": lambda element: point(_rows(element)),
    "LineString": lambda element: line(_rows(element)),
    "LinearRing": _ring_line,
    "Polygon": _polygon,
}


def write_kml(geometries: Geometries) -> list[str | None]:
    """Write geometries in CRS84 as KML; None for None and for measured ones."""
    return [None if shape is None else _written(shape, _XMLNS) for shape in shapes(geometries)]


_XMLNS: Final = f' xmlns="{KML_NAMESPACES[1]}"'


def _written(shape: Shape, attributes: str = "") -> str:
    if shape.kind is Kind.POINT:
        return _element("Point", attributes, "".join(map(_coordinates, shape.runs)))
    if shape.kind is Kind.LINE:
        return _element("LineString", attributes, "".join(map(_coordinates, shape.runs)))
    if shape.kind is Kind.POLYGON:
        sides = ("outerBoundaryIs", *("innerBoundaryIs" for _ in shape.runs[1:]))
        rings = (
            f"<{side}><LinearRing>{_coordinates(run)}</LinearRing></{side}>"
            for side, run in zip(sides, shape.runs, strict=False)
        )
        return _element("Polygon", attributes, "".join(rings))
    return _element("MultiGeometry", attributes, "".join(map(_written, shape.members)))


def _element(name: str, attributes: str, inner: str) -> str:
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _coordinates(run: str) -> str:
    rows = run.replace(", ", "\n").replace(" ", ",").replace("\n", " ")
    return f"<coordinates>{rows}</coordinates>"
