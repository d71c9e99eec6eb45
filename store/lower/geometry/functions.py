"""The GeoSPARQL functions by name, in the spellings of the standard and of the OGC register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ontology import PREFIXES

from ...values import Value
from . import constructions as make
from . import measures, relations, serialised
from .strdf import STRDF_FUNCTIONS

GEOF: Final = PREFIXES["geof"]
_Relation = Callable[[Value, Value], Value]
Lowered = tuple[Callable[..., Value], int, int]


def _family(name: str, relation: _Relation) -> _Relation:
    return relations.of_areas(relation) if name.startswith("rcc8") else relation


_ONE: Final[dict[str, Callable[[Value], Value]]] = {
    "envelope": make.envelope,
    "convexHull": make.made_by("ST_ConvexHull"),
    "centroid": make.centroid,
    "boundary": make.made_by("ST_Boundary"),
    "boundingCircle": make.bounding_circle,
    "isEmpty": make.tested_by("ST_IsEmpty"),
    "isSimple": make.tested_by("ST_IsSimple"),
    "is3D": make.tested_by("ST_HasZ"),
    "isMeasured": make.tested_by("ST_HasM"),
    "dimension": make.dimension,
    "numGeometries": make.counted_by("ST_NumGeometries"),
    "coordinateDimension": make.coordinate_dimension,
    "spatialDimension": make.spatial_dimension,
    "geometryType": make.geometry_type,
    "getSRID": make.srid,
    "asWKT": serialised.as_wkt,
    "asGeoJSON": serialised.as_geojson,
    "asKML": serialised.as_kml,
    "metricArea": measures.metric_area,
    "metricLength": measures.metric_length,
    "metricPerimeter": measures.metric_perimeter,
    **{name: make.measured_by(f"ST_{name[3].upper()}M{name[1:3]}") for name in (
        "minX", "minY", "minZ", "maxX", "maxY", "maxZ",
        "minx", "miny", "minz", "maxx", "maxy", "maxz",
    )},
}  # fmt: skip

_TWO: Final[dict[str, Callable[[Value, Value], Value]]] = {
    **{name: _family(name, relations.direct(of)) for name, of in relations.DIRECT.items()},
    **{name: _family(name, relations.patterned(name)) for name in relations.PATTERNS},
    "intersection": make.overlaid_by("ST_Intersection"),
    "union": make.overlaid_by("ST_Union"),
    "difference": make.overlaid_by("ST_Difference"),
    "symDifference": make.overlaid_by("ST_SymDifference"),
    "metricDistance": measures.metric_distance,
    "metricBuffer": measures.metric_buffer,
    "geometryN": make.geometry_n,
    "area": measures.area,
    "length": measures.length,
    "perimeter": measures.perimeter,
    "transform": serialised.transform,
}

_THREE: Final[dict[str, Callable[[Value, Value, Value], Value]]] = {
    "distance": measures.distance,
    "buffer": measures.buffer,
    "relate": relations.relate,
}

_UP_TO_TWO: Final[dict[str, Callable[..., Value]]] = {
    "concaveHull": make.concave_hull,
    "asGML": serialised.as_gml,
    "asDGGS": serialised.as_dggs,
}

GEO_FUNCTIONS: Final[dict[str, Lowered]] = {
    **{
        GEOF + name: (function, count, count)
        for count, table in ((1, _ONE), (2, _TWO), (3, _THREE))
        for name, function in table.items()
    },
    **{GEOF + name: (function, 1, 2) for name, function in _UP_TO_TWO.items()},
    **STRDF_FUNCTIONS,
}
"""Function IRI: how it is lowered, least and most arguments."""

_DRAFT: Final = "a name of drafts of GeoSPARQL; write "

GEO_REFUSED: Final[dict[str, str]] = {
    GEOF + "union2": _DRAFT + "`geof:aggUnion`",
    GEOF + "concatLines": _DRAFT + "`geof:aggConcatLines`",
    GEOF + "asSVG": "of a draft of GeoSPARQL 1.2; write `geof:asGeoJSON` and draw that",
}
"""Function IRI: why it is refused."""
