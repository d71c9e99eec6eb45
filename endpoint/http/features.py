"""SPARQL solutions as a GeoJSON FeatureCollection in CRS84 (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import shapely

from endpoint.geojson import crs84_geometries
from ontology import WKT_LITERAL

_BATCH = 1000


def feature_collection(results: dict[str, Any]) -> Iterator[bytes]:
    """Write solutions piecewise; a cut text does not parse.

    One feature for each geometry of each row: its other values are properties, and
    ``geoloom:column`` names the variable. A row without a geometry is a feature without one; so
    is one whose WKT cannot be read or has no place in CRS84.

    Parameters
    ----------
    results : dict
        SPARQL 1.1 Query Results JSON.
    """
    yield b'{"type":"FeatureCollection","features":['
    rows = results["results"]["bindings"]
    first = True
    for start in range(0, len(rows), _BATCH):
        for piece in _features(rows[start : start + _BATCH]):
            yield (b"" if first else b",\n") + piece
            first = False
    yield b"]}"


def _features(rows: list[dict[str, Any]]) -> Iterator[bytes]:
    entries = [(row, name) for row in rows for name in _geometry_names(row)]
    texts = [row[name]["value"] if name else None for row, name in entries]
    shapes = shapely.to_geojson(crs84_geometries(texts, bad="none"))
    for (row, name), shape in zip(entries, shapes, strict=True):
        properties = {key: term["value"] for key, term in row.items() if not _is_geometry(term)}
        if name:
            properties["geoloom:column"] = name
        written = json.dumps(properties, ensure_ascii=False)
        yield (f'{{"type":"Feature","geometry":{shape or "null"},"properties":{written}}}').encode()


def _geometry_names(row: dict[str, Any]) -> list[str | None]:
    return [name for name, term in row.items() if _is_geometry(term)] or [None]


def _is_geometry(term: dict[str, str]) -> bool:
    return term.get("datatype") == WKT_LITERAL
