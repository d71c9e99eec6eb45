"""Geometries that stand as GML elements in an XML file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from ontology import (
    GML_LITERAL,
    WKT_LITERAL,
    CRSError,
    format_wkt,
    parse_geometries,
)

from ..cells import Cells
from .values import flat

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


class Gml(str):
    """GML text of one geometry, to be told from other texts."""

    __slots__ = ()


def gml_of(element: Any, crs: str | None, where: str) -> Gml | None:
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
    return Gml(etree.tostring(element, encoding="unicode", with_tail=False))


def _is_geometry(element: Any) -> bool:
    found = _NAMESPACE.fullmatch(element.tag)
    return found is not None and found[1] in _GEOMETRIES


def geometry_cells(lists: Sequence[Sequence[str]]) -> tuple[Cells, dict[int, str]]:
    """Geometries of a column, and why rows have none that can be read.

    With one CRS they are WKB; WKT with their CRS otherwise.
    """
    values, rows = flat(lists)
    owner = np.arange(len(lists)) if rows is None else rows
    reasons = {
        int(owner[k]): f"{value!r:.60} stands where other rows have a geometry"
        for k, value in enumerate(values)
        if value is not None and not isinstance(value, Gml)
    }
    texts = pa.array([v if isinstance(v, Gml) else None for v in values], pa.string())
    parsed = parse_geometries(texts, GML_LITERAL)
    reasons |= {int(owner[p.row]): f"a GML geometry: {p.reason}" for p in parsed.problems}
    names = pc.unique(parsed.crs).drop_null().to_pylist()
    if len(names) <= 1:
        return Cells(parsed.wkb, rows, names[0] if names else None), reasons
    return Cells(_wkt(parsed.wkb, parsed.crs, names), rows, kinds=_kinds(parsed.wkb)), reasons


def _wkt(wkb: pa.Array, crs: pa.Array, names: list[str]) -> pa.Array:
    plain = crs.dictionary_decode()
    none = pa.scalar(None, pa.binary())
    texts = [format_wkt(pc.if_else(pc.equal(plain, name), wkb, none), name) for name in names]
    return pc.coalesce(*texts)


def _kinds(wkb: pa.Array) -> pa.Array:
    return pc.if_else(wkb.is_valid(), WKT_LITERAL, pa.scalar(None, pa.string()))
