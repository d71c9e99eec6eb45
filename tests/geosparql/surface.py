"""Every name of GeoSPARQL 1.0 and 1.1 (OGC 11-052r4, 22-047r1): what has to have cases."""

from __future__ import annotations

from typing import Final

RELATIONS: Final = [
    "sfEquals",
    "sfDisjoint",
    "sfIntersects",
    "sfTouches",
    "sfCrosses",
    "sfWithin",
    "sfContains",
    "sfOverlaps",
    "ehEquals",
    "ehDisjoint",
    "ehMeet",
    "ehOverlap",
    "ehCovers",
    "ehCoveredBy",
    "ehInside",
    "ehContains",
    "rcc8eq",
    "rcc8dc",
    "rcc8ec",
    "rcc8po",
    "rcc8tppi",
    "rcc8tpp",
    "rcc8ntpp",
    "rcc8ntppi",
]

FUNCTIONS: Final = (
    *RELATIONS,
    *[
        "relate",
        "distance",
        "buffer",
        "convexHull",
        "intersection",
        "union",
        "difference",
        "symDifference",
        "envelope",
        "boundary",
        "getSRID",
        "metricDistance",
        "area",
        "metricArea",
        "length",
        "metricLength",
        "perimeter",
        "metricPerimeter",
        "metricBuffer",
        "boundingCircle",
        "centroid",
        "concaveHull",
        "transform",
        "dimension",
        "coordinateDimension",
        "spatialDimension",
        "isEmpty",
        "isSimple",
        "is3D",
        "isMeasured",
        "geometryType",
        "numGeometries",
        "geometryN",
        "minX",
        "minY",
        "minZ",
        "maxX",
        "maxY",
        "maxZ",
        "asWKT",
        "asGML",
        "asGeoJSON",
        "asKML",
        "asDGGS",
    ],
)

AGGREGATES: Final = [
    "aggBoundingBox",
    "aggBoundingCircle",
    "aggCentroid",
    "aggConcaveHull",
    "aggConvexHull",
    "aggUnion",
]

COMPUTED_PROPERTIES: Final = [
    "dimension",
    "coordinateDimension",
    "spatialDimension",
    "isEmpty",
    "isSimple",
    "hasSerialization",
    "asWKT",
    "asGML",
    "asGeoJSON",
    "asKML",
    "hasMetricArea",
    "hasMetricLength",
    "hasMetricPerimeterLength",
]
"""What a geometry that does not have them asserted gets computed."""

ASSERTED_PROPERTIES: Final = [
    "hasGeometry",
    "hasDefaultGeometry",
    "defaultGeometry",
    "hasBoundingBox",
    "hasCentroid",
    "hasSize",
    "hasLength",
    "hasPerimeterLength",
    "hasArea",
    "hasVolume",
    "hasMetricSize",
    "hasMetricVolume",
    "hasSpatialResolution",
    "hasSpatialAccuracy",
    "hasMetricSpatialResolution",
    "hasMetricSpatialAccuracy",
    "asDGGS",
]
"""What data says; inference knows how these hang together."""

PROPERTIES: Final = (*COMPUTED_PROPERTIES, *ASSERTED_PROPERTIES, *RELATIONS)

CLASSES: Final = [
    "SpatialObject",
    "Feature",
    "Geometry",
    "SpatialObjectCollection",
    "FeatureCollection",
    "GeometryCollection",
]

KINDS: Final = ("positive", "negative", "crs", "error")
"""What every name has at least one case of."""
