"""Geometries that stand as GML elements in an XML file."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from ontology import CRSError

from .documents import GeometryText

_NAMESPACE: Final = re.compile(r"\{https?://www\.opengis\.net/gml(?:/3\.[23](?:\.\d)?)?\}(\w+)")
_GEOMETRIES: Final = frozenset(
    {
        "Point",
        "LineString",
        "LinearRing",
        "Curve",
        "CompositeCurve",
        "Polygon",
        "Surface",
        "Envelope",
        "Box",
        "MultiPoint",
        "MultiLineString",
        "MultiCurve",
        "MultiPolygon",
        "MultiSurface",
        "CompositeSurface",
        "MultiGeometry",
    }
)


def gml_of(element: Any, crs: str | None, where: str) -> GeometryText | None:
    """GML of an element that is a geometry, or a property that holds one; None for others.

    Parameters
    ----------
    element : lxml element
    crs : str, optional
        CRS the mapping declares, in place of what the element says.
    where : str
        The file.

    Raises
    ------
    CRSError
        Neither the element nor the mapping says the CRS.
    """
    if not _is_geometry(element):
        if len(element) != 1 or not _is_geometry(element[0]):
            return None
        element = element[0]
    named = [part for part in element.iter() if part.get("srsName") is not None]
    if crs is None and not named:
        inherited = [parent.get("srsName") for parent in element.iterancestors()]
        crs = next((name for name in inherited if name is not None), None)
        if crs is None:
            raise CRSError(
                "A GML geometry does not say its coordinate reference system",
                where=f"{where}, line {element.sourceline}",
                why="coordinates without one could mean any place",
                remedy='declare it in the mapping: gl:crs "EPSG:3035" on the logical source',
            )
    if crs is not None:
        element = deepcopy(element)
        for part in element.iter():
            part.attrib.pop("srsName", None)
        element.set("srsName", crs)
    return GeometryText(etree.tostring(element, encoding="unicode", with_tail=False))


def _is_geometry(element: Any) -> bool:
    found = _NAMESPACE.fullmatch(element.tag)
    return found is not None and found[1] in _GEOMETRIES
