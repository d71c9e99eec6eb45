"""Generated crop fields as N-Triples: five triples a field, the same bytes for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

TRIPLES_PER_FIELD: Final = 5
CLASSES: Final = tuple(
    f"https://w3id.org/geoloom/codes/hcat3/33{1 + k // 10:02d}{1 + k % 10:02d}0000"
    for k in range(24)
)
"""Class IRIs, the frequent ones first."""
BOUNDS: Final = (9.6, 46.5, 17.0, 48.9)
"""Where the fields lie: west, south, east, north in CRS84."""

_CHUNK: Final = 50_000
_METRES_PER_DEGREE: Final = 111_320.0
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_PREDICATES: Final = (
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
    "<https://w3id.org/geoloom/ns#observedClass>",
    "<https://w3id.org/geoloom/ns#confidence>",
    "<http://www.opengis.net/ont/geosparql#hasMetricArea>",
    "<http://www.opengis.net/ont/geosparql#asWKT>",
)
_TYPE: Final = "<https://w3id.org/geoloom/ns#Observation>"
_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"


def write_fields(path: Path, count: int, seed: int = 1) -> int:
    """Write ``count`` fields as N-Triples and return the number of triples.

    A field has its type, a class out of :data:`CLASSES`, a confidence (xsd:decimal, two digits),
    an area in m² (xsd:double) and a polygon of 6 to 11 points in CRS84, 15 digits an ordinate.
    About 1 KB a field.
    """
    rng = np.random.default_rng(seed)
    towns = rng.uniform(BOUNDS[:2], BOUNDS[2:], (200, 2))
    with path.open("wb") as out:
        for start in range(0, count, _CHUNK):
            out.write(_lines(rng, towns, start, min(_CHUNK, count - start)))
    return count * TRIPLES_PER_FIELD


def _lines(rng: np.random.Generator, towns: npt.NDArray[np.float64], start: int, rows: int) -> Any:
    polygons = _polygons(rng, towns, rows)
    latitude = shapely.get_y(shapely.centroid(polygons))
    area = shapely.area(polygons) * _METRES_PER_DEGREE**2 * np.cos(np.radians(latitude))
    rank = np.minimum(rng.geometric(0.15, rows) - 1, len(CLASSES) - 1)
    confidence = np.char.mod("%.2f", rng.integers(50, 100, rows) / 100)
    wkt = shapely.to_wkt(polygons, rounding_precision=13, trim=True)
    subjects = pc.binary_join_element_wise(
        "<https://example.org/fields/",
        pc.utf8_lpad(pc.cast(pa.array(np.arange(start, start + rows)), pa.string()), 8, "0"),
        ">",
        "",
    )
    objects = (
        pa.array([_TYPE]).take(pa.array(np.zeros(rows, np.int8))),
        _wrapped("<", pa.array(CLASSES).take(pa.array(rank)), ">"),
        _wrapped('"', pa.array(confidence, pa.string()), f'"^^<{_XSD}decimal>'),
        _wrapped('"', pc.cast(pa.array(area), pa.string()), f'"^^<{_XSD}double>'),
        _wrapped('"', pa.array(wkt, pa.string()), f'"^^<{_WKT}>'),
    )
    lines = [
        pc.binary_join_element_wise(subjects, predicate, texts, ".\n", " ")
        for predicate, texts in zip(_PREDICATES, objects, strict=True)
    ]
    joined = pc.binary_join_element_wise(*lines, "")
    return joined.buffers()[2]


def _wrapped(before: str, texts: pa.Array, after: str) -> pa.Array:
    return pc.binary_join_element_wise(before, texts, after, "")


def _polygons(rng: np.random.Generator, towns: npt.NDArray[np.float64], rows: int) -> Any:
    """Star-shaped rings of 6 to 11 distinct points, 40 to 160 m wide, around towns."""
    centres = towns[rng.integers(0, len(towns), rows)] + rng.normal(0, 0.15, (rows, 2))
    centres = np.clip(centres, BOUNDS[:2], BOUNDS[2:])
    points = rng.integers(6, 12, rows)
    owner = np.repeat(np.arange(rows), points)
    first = np.repeat(np.cumsum(points) - points, points)
    turn = (np.arange(len(owner)) - first + rng.uniform(0, 0.8, len(owner))) / points[owner]
    radius = rng.uniform(0.6, 1.0, len(owner)) * rng.uniform(40, 160, rows)[owner]
    north = radius * np.sin(2 * np.pi * turn) / _METRES_PER_DEGREE
    east = radius * np.cos(2 * np.pi * turn) / _METRES_PER_DEGREE
    east /= np.cos(np.radians(centres[owner, 1]))
    ring = centres[owner] + np.column_stack([east, north])
    return shapely.polygons(shapely.linearrings(ring, indices=owner))
