"""The GeoSPARQL functions: one table of names, and those refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ontology import PREFIXES

from ...values import Value
from . import constructions as make
from . import measures, relations

GEOF: Final = PREFIXES["geof"]
Lowered = tuple[Callable[..., Value], int, int]

_ONE: Final[dict[str, Callable[[Value], Value]]] = {
    "envelope": make.made_by("ST_Envelope"),
    "convexHull": make.made_by("ST_ConvexHull"),
    "centroid": make.made_by("ST_Centroid"),
    "boundary": make.made_by("ST_Boundary"),
    "isEmpty": make.tested_by("ST_IsEmpty"),
    "isSimple": make.tested_by("ST_IsSimple"),
    "is3D": make.tested_by("ST_HasZ"),
    "isMeasured": make.tested_by("ST_HasM"),
    "dimension": make.counted_by("ST_Dimension"),
    "numGeometries": make.counted_by("ST_NumGeometries"),
    "coordinateDimension": make.coordinate_dimension,
    "spatialDimension": make.spatial_dimension,
    "geometryType": make.geometry_type,
    "getSRID": make.srid,
    "asWKT": make.as_wkt,
    "asGeoJSON": make.as_geojson,
    "metricArea": measures.metric_area,
    "metricLength": measures.metric_length,
    "metricPerimeter": measures.metric_perimeter,
    **{name: make.measured_by(f"ST_{name[3]}M{name[1:3]}") for name in (
        "minX", "minY", "minZ", "maxX", "maxY", "maxZ"
    )},
}  # fmt: skip

_TWO: Final[dict[str, Callable[[Value, Value], Value]]] = {
    **{name: relations.direct(function) for name, function in relations.DIRECT.items()},
    **{name: relations.patterned(pattern) for name, pattern in relations.PATTERNS.items()},
    "intersection": make.overlaid_by("ST_Intersection"),
    "union": make.overlaid_by("ST_Union"),
    "difference": make.overlaid_by("ST_Difference"),
    "symDifference": make.overlaid_by("ST_SymDifference"),
    "metricDistance": measures.metric_distance,
    "metricBuffer": measures.metric_buffer,
    "area": measures.area,
    "length": measures.length,
    "perimeter": measures.perimeter,
    "transform": make.transform,
}

_THREE: Final[dict[str, Callable[[Value, Value, Value], Value]]] = {
    "distance": measures.distance,
    "buffer": measures.buffer,
    "relate": relations.relate,
}

GEO_FUNCTIONS: Final[dict[str, Lowered]] = {
    GEOF + name: (function, count, count)
    for count, table in ((1, _ONE), (2, _TWO), (3, _THREE))
    for name, function in table.items()
}
"""Function IRI: how it is lowered, least and most arguments."""

_NO_WRITER: Final = "there is no writer for this serialisation"
_NO_AGGREGATE: Final = "spatial aggregates are not there yet"
_NOT_IN_DUCKDB: Final = "DuckDB's spatial extension has no such function"

GEO_REFUSED: Final[dict[str, str]] = {
    **{GEOF + name: _NO_WRITER for name in ("asGML", "asKML", "asDGGS")},
    **{GEOF + name: _NOT_IN_DUCKDB for name in ("boundingCircle", "geometryN", "concaveHull")},
    **{
        GEOF + name: _NO_AGGREGATE
        for name in (
            "aggBoundingBox", "aggBoundingCircle", "aggCentroid", "aggConcaveHull",
            "aggConvexHull", "aggUnion",
        )
    },
}  # fmt: skip
"""Function IRI: why it is refused."""
