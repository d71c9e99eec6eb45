"""The terms of GeoSPARQL 1.1 that inference knows (OGC 22-047r1, sections 6 to 8)."""

from __future__ import annotations

from typing import Final

from ontology import GEO, PREFIXES

_RELATIONS: Final = (
    "sfEquals sfDisjoint sfIntersects sfTouches sfCrosses sfWithin sfContains sfOverlaps"
    " ehEquals ehDisjoint ehMeet ehOverlap ehCovers ehCoveredBy ehInside ehContains"
    " rcc8eq rcc8dc rcc8ec rcc8po rcc8tppi rcc8tpp rcc8ntpp rcc8ntppi"
)

RELATIONS: Final = {GEO + name: PREFIXES["geof"] + name for name in _RELATIONS.split()}
"""Topological properties and the functions that decide them (requirements 4-6, 17-19)."""

HAS_SERIALIZATION: Final = GEO + "hasSerialization"
SERIALIZATIONS: Final = (
    *(GEO + name for name in ("asWKT", "asGML", "asGeoJSON", "asKML", "asDGGS")),
    HAS_SERIALIZATION,
)
"""Properties from a geometry to a literal of it; the preferred ones first."""

HAS_GEOMETRY: Final = GEO + "hasGeometry"
DEFAULT_GEOMETRY: Final = (GEO + "hasDefaultGeometry", GEO + "defaultGeometry", HAS_GEOMETRY)
"""Properties from a feature to the geometry that stands for it; a feature's first one counts."""

SUB_PROPERTY: Final = PREFIXES["rdfs"] + "subPropertyOf"
