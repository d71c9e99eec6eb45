"""Writing GML of the Simple Features profile, in the element names of GML 3."""

from __future__ import annotations

from typing import Final

from .coordinates import Geometries
from .gml_reader import GML_NAMESPACE
from .shapes import Shape, shapes
from .wkb_builder import Kind

_MULTI: Final = {
    Kind.MULTIPOINT: ("MultiPoint", "pointMember"),
    Kind.MULTILINE: ("MultiCurve", "curveMember"),
    Kind.MULTIPOLYGON: ("MultiSurface", "surfaceMember"),
    Kind.COLLECTION: ("MultiGeometry", "geometryMember"),
}


def write_gml(geometries: Geometries, crs: str, namespace: str = GML_NAMESPACE) -> list[str | None]:
    """Write geometries as GML; None for None and for measured ones, which GML cannot hold.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        In the axis order of the CRS.
    crs : str
        CRS IRI, written as ``srsName``.
    namespace : str
        What the prefix ``gml`` stands for.
    """
    head = f' xmlns:gml="{namespace}" srsName="{crs}"'
    return [
        None if shape is None else _written(shape, head + ' srsDimension="3"' * shape.has_z)
        for shape in shapes(geometries)
    ]


def _written(shape: Shape, attributes: str = "") -> str:
    if shape.kind is Kind.POINT:
        inner = "".join(f"<gml:pos>{run}</gml:pos>" for run in shape.runs)
        return _element("Point", attributes, inner)
    if shape.kind is Kind.LINE:
        return _element("LineString", attributes, "".join(map(_list, shape.runs)))
    if shape.kind is Kind.POLYGON:
        sides = ("exterior", *("interior" for _ in shape.runs[1:]))
        rings = (
            f"<gml:{side}><gml:LinearRing>{_list(run)}</gml:LinearRing></gml:{side}>"
            for side, run in zip(sides, shape.runs, strict=False)
        )
        return _element("Polygon", attributes, "".join(rings))
    name, member = _MULTI[shape.kind]
    parts = (f"<gml:{member}>{_written(part)}</gml:{member}>" for part in shape.members)
    return _element(name, attributes, "".join(parts))


def _element(name: str, attributes: str, inner: str) -> str:
    if not inner:
        return f"<gml:{name}{attributes}/>"
    return f"<gml:{name}{attributes}>{inner}</gml:{name}>"


def _list(run: str) -> str:
    return f"<gml:posList>{run.replace(',', '')}</gml:posList>"
