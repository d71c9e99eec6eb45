"""Classes and properties of GeoSPARQL 1.1, Simple Features and GML 3.2, and what lies below what.

Facts of the vocabularies http://www.opengis.net/ont/geosparql (version 1.1, OGC 22-047r1),
http://www.opengis.net/ont/sf (OGC 06-103r4, figure 1) and http://www.opengis.net/ont/gml (the
elements of GML 3.2.1, OGC 07-036, and their substitution groups).
"""

from __future__ import annotations

from typing import Final

from ontology import PREFIXES

_CLASSES: Final = """
geo:SpatialObject           geo:Feature geo:Geometry
geo:SpatialObjectCollection geo:FeatureCollection geo:GeometryCollection
geo:Geometry                sf:Geometry gml:AbstractGeometry
sf:Geometry                 sf:Point sf:Curve sf:Surface sf:GeometryCollection
sf:Curve                    sf:LineString
sf:LineString               sf:Line sf:LinearRing
sf:Surface                  sf:Polygon sf:PolyhedralSurface
sf:Polygon                  sf:Triangle sf:Envelope
sf:PolyhedralSurface        sf:TIN
sf:GeometryCollection       sf:MultiPoint sf:MultiCurve sf:MultiSurface
sf:MultiCurve               sf:MultiLineString
sf:MultiSurface             sf:MultiPolygon
gml:AbstractGeometry        gml:AbstractGeometricPrimitive gml:MultiGeometry gml:GeometricComplex
gml:AbstractGeometricPrimitive gml:Point gml:Curve gml:Surface gml:Solid
gml:Curve                   gml:LineString gml:OrientableCurve gml:CompositeCurve gml:Ring
gml:LineString              gml:LinearRing
gml:Surface                 gml:Polygon gml:PolyhedralSurface gml:OrientableSurface gml:Shell
gml:Surface                 gml:CompositeSurface gml:TriangulatedSurface
gml:Polygon                 gml:Triangle gml:Rectangle
gml:TriangulatedSurface     gml:Tin
gml:Solid                   gml:CompositeSolid
gml:MultiGeometry           gml:MultiPoint gml:MultiCurve gml:MultiSurface gml:MultiSolid
gml:GeometricComplex        gml:CompositeCurve gml:CompositeSurface gml:CompositeSolid
"""

_PROPERTIES: Final = """
geo:hasGeometry        geo:hasDefaultGeometry geo:defaultGeometry geo:hasBoundingBox geo:hasCentroid
geo:hasDefaultGeometry geo:defaultGeometry
geo:defaultGeometry    geo:hasDefaultGeometry
geo:hasSerialization   geo:asWKT geo:asGML geo:asGeoJSON geo:asKML geo:asDGGS
geo:hasSize            geo:hasLength geo:hasPerimeterLength geo:hasArea geo:hasVolume
geo:hasMetricSize      geo:hasMetricLength geo:hasMetricPerimeterLength
geo:hasMetricSize      geo:hasMetricArea geo:hasMetricVolume
"""

_DOMAINS: Final = """
geo:Feature       geo:hasGeometry
geo:Geometry      geo:hasSerialization geo:dimension geo:coordinateDimension geo:spatialDimension
geo:Geometry      geo:isEmpty geo:isSimple geo:hasSpatialResolution geo:hasSpatialAccuracy
geo:Geometry      geo:hasMetricSpatialResolution geo:hasMetricSpatialAccuracy
geo:SpatialObject geo:hasSize geo:hasMetricSize
"""

_RANGES: Final = """
geo:Geometry      geo:hasGeometry
"""


def _pairs(table: str) -> tuple[tuple[str, str], ...]:
    """(lower, higher) of a table that has the higher term first."""
    lines = [[_iri(name) for name in line.split()] for line in table.strip().splitlines()]
    return tuple((low, high) for high, *lower in lines for low in lower)


def _iri(name: str) -> str:
    prefix, _, local = name.partition(":")
    return _SPACES[prefix] + local


_SPACES: Final = {
    "geo": PREFIXES["geo"],
    "sf": "http://www.opengis.net/ont/sf#",
    "gml": "http://www.opengis.net/ont/gml#",
}

SUB_CLASSES: Final = _pairs(_CLASSES)
SUB_PROPERTIES: Final = _pairs(_PROPERTIES)
DOMAINS: Final = _pairs(_DOMAINS)
"""(property, class of its subjects)."""
RANGES: Final = _pairs(_RANGES)
"""(property, class of its objects)."""
