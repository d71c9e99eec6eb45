"""The requirements of GeoSPARQL 1.1 (OGC 22-047r1) and how far each is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["implemented", "partial", "missing"]


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements of one conformance class that are met alike."""

    path: str
    names: tuple[str, ...]
    state: State = "implemented"
    remark: str = ""


REQUIREMENTS: Final = (
    Group(
        "/req/core/",
        (
            "sparql-protocol",
            "spatial-object-class",
            "feature-class",
            "spatial-object-collection-class",
            "feature-collection-class",
            "spatial-object-properties",
            "feature-properties",
        ),
        remark="stored and asked as RDF; SPARQL Protocol by `geoloom serve`; `test_properties.py`",
    ),
    Group(
        "/req/topology-vocab-extension/",
        ("sf-spatial-relations", "eh-spatial-relations", "rcc8-spatial-relations"),
        remark="asserted or computed, `--topology`",
    ),
    Group(
        "/req/geometry-extension/",
        (
            "geometry-class",
            "geometry-collection-class",
            "feature-properties",
            "geometry-properties",
        ),
        remark="asserted or computed, `--properties`",
    ),
    Group(
        "/req/geometry-extension/",
        (
            "wkt-literal",
            "wkt-literal-default-srs",
            "wkt-axis-order",
            "wkt-literal-empty",
            "geometry-as-wkt-literal",
            "asWKT-function",
        ),
        remark="parsed at load, in lanes of their CRS",
    ),
    Group(
        "/req/geometry-extension/",
        (
            "gml-literal",
            "gml-literal-empty",
            "gml-profile",
            "geometry-as-gml-literal",
            "asGML-function",
        ),
        remark="GML 2, 3.1 and 3.2, in any of GML's namespaces; a document type is refused",
    ),
    Group(
        "/req/geometry-extension/",
        (
            "geojson-literal",
            "geojson-literal-srs",
            "geojson-literal-empty",
            "geometry-as-geojson-literal",
            "asGeoJSON-function",
            "kml-literal",
            "kml-literal-srs",
            "kml-literal-empty",
            "geometry-as-kml-literal",
            "asKML-function",
        ),
        remark="always CRS84; what is in another CRS is carried there",
    ),
    Group(
        "/req/geometry-extension-dggs/",
        (
            "dggs-literal",
            "dggs-literal-empty",
            "geometry-as-dggs-literal",
            "asDGGS-function",
            "query-functions",
            "query-functions-non-sf",
            "sa-functions",
            "srid-function",
        ),
        state="partial",
        remark="cells of H3, as the areas they cover; no other grid",
    ),
    Group(
        "/req/geometry-extension/",
        ("query-functions", "query-functions-non-sf", "srid-function", "sa-functions"),
        remark="`test_functions.py`: every function in four kinds of cases",
    ),
    Group(
        "/req/geometry-topology-extension/",
        (
            "relate-query-function",
            "sf-query-functions",
            "eh-query-functions",
            "rcc8-query-functions",
        ),
        remark="exact DE-9IM, through the index; RCC8 of areas only",
    ),
    Group(
        "/req/rdfs-entailment-extension/",
        ("bgp-rdfs-ent", "wkt-geometry-types", "gml-geometry-types"),
        remark="`--classes`, with the schema in the data",
    ),
    Group(
        "/req/query-rewrite-extension/",
        ("sf-query-rewrite", "eh-query-rewrite", "rcc8-query-rewrite"),
        remark="features and geometries, `--topology both`",
    ),
)
