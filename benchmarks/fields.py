"""Generated crop fields: six triples each, the same for the same seed, as batches or N-Triples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapper import term_texts
from ontology import CRS84, RDF_TYPE, EntityBatch, Lane, Property, TermColumn, node_texts

TRIPLES_PER_FIELD: Final = 6
CLASSES: Final = tuple(
    f"https://w3id.org/geoloom/codes/hcat3/33{1 + k // 10:02d}{1 + k % 10:02d}0000"
    for k in range(24)
)
"""Class IRIs, the frequent ones first."""
BOUNDS: Final = (9.6, 46.5, 17.0, 48.9)
"""Where the fields lie: west, south, east, north in CRS84."""
SEED: Final = 1

_CHUNK: Final = 50_000
_METRES_PER_DEGREE: Final = 111_320.0
_DIGITS: Final = 13
"""Decimals of an ordinate."""
_POLYGON: Final = 3
"""Its type in WKB."""
_GL: Final = "https://w3id.org/geoloom/ns#"
_GEO: Final = "http://www.opengis.net/ont/geosparql#"

Batches = tuple[EntityBatch, ...]


def towns(seed: int = SEED) -> npt.NDArray[np.float64]:
    """Longitude and latitude of the towns the fields lie around, shape (200, 2)."""
    return np.random.default_rng(seed).uniform(BOUNDS[:2], BOUNDS[2:], (200, 2))


def field_batches(count: int, seed: int = SEED) -> Iterator[Batches]:
    """Make ``count`` fields, some at a time, as a mapping of two triples maps gives them.

    A field has its type, a class out of :data:`CLASSES`, a confidence (xsd:decimal, two digits),
    an area in m² (xsd:double) and a geometry node with a polygon of 6 to 11 points in CRS84,
    15 digits an ordinate.
    """
    around, rng = towns(seed), np.random.default_rng((seed, 1))
    for start in range(0, count, _CHUNK):
        yield _batches(rng, around, start, min(_CHUNK, count - start))


def write_batches(path: Path, groups: Iterable[Batches]) -> int:
    """Write batches as N-Triples, subject by subject, and return the number of triples.

    Each batch may have no null in it.
    """
    written = 0
    with path.open("wb") as out:
        for batch in (batch for group in groups for batch in group):
            out.write(_lines(batch))
            written += len(batch.subjects) * len(batch.properties)
    return written


def numbered(before: str, numbers: npt.NDArray[np.int64], after: str = "") -> pa.Array:
    """IRIs with a number of eight digits in them."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 8, "0")
    return pc.binary_join_element_wise(before, digits, after, "")


def nodes(predicate: str, texts: pa.Array) -> Property:
    """A property whose objects are IRIs."""
    return Property(predicate, TermColumn(Lane.NODE, texts))


def _batches(
    rng: np.random.Generator, around: npt.NDArray[np.float64], start: int, rows: int
) -> Batches:
    wkb, area = _polygons(rng, around, rows)
    rank = np.minimum(rng.geometric(0.15, rows) - 1, len(CLASSES) - 1)
    hundredths = pa.array([Decimal(k).scaleb(-2) for k in range(100)], pa.decimal128(38, 12))
    confidence = hundredths.take(pa.array(rng.integers(50, 100, rows)))
    numbers = np.arange(start, start + rows)
    subjects = numbered("https://example.org/fields/", numbers)
    shapes = numbered("https://example.org/fields/", numbers, "/geometry")
    fields = (
        nodes(RDF_TYPE, pa.array([f"{_GL}Observation"]).take(pa.array(np.zeros(rows, np.int8)))),
        nodes(f"{_GL}observedClass", pa.array(CLASSES).take(pa.array(rank))),
        Property(f"{_GL}confidence", TermColumn(Lane.DECIMAL, confidence)),
        Property(f"{_GEO}hasMetricArea", TermColumn(Lane.DOUBLE, pa.array(area))),
        nodes(f"{_GEO}hasGeometry", shapes),
    )
    shape = Property(f"{_GEO}asWKT", TermColumn(Lane.GEOMETRY, wkb, crs=CRS84))
    return (
        EntityBatch(subjects, fields, theme="fields"),
        EntityBatch(shapes, (shape,), theme="geometries"),
    )


def _lines(batch: EntityBatch) -> Any:
    subjects = node_texts(batch.subjects)
    lines = [
        pc.binary_join_element_wise(
            subjects, f"<{prop.predicate}>", term_texts(prop.objects), ".\n", " "
        )
        for prop in batch.properties
    ]
    return pc.binary_join_element_wise(*lines, "").buffers()[2]


def _polygons(
    rng: np.random.Generator, around: npt.NDArray[np.float64], rows: int
) -> tuple[pa.Array, npt.NDArray[np.float64]]:
    """WKB and areas (m²) of star-shaped rings of 6 to 11 points, 40 to 160 m wide."""
    centres = around[rng.integers(0, len(around), rows)] + rng.normal(0, 0.15, (rows, 2))
    centres = np.clip(centres, BOUNDS[:2], BOUNDS[2:])
    points = rng.integers(6, 12, rows)
    order = np.argsort(points, kind="stable")
    areas = np.empty(rows)
    pieces = []
    for count, own in enumerate(np.split(order, np.searchsorted(points[order], range(7, 12))), 6):
        wkb, areas[own] = _rings(rng, centres[own], count)
        pieces.append(wkb)
    return pa.concat_arrays(pieces).take(pa.array(np.argsort(order))), areas


def _rings(
    rng: np.random.Generator, centres: npt.NDArray[np.float64], points: int
) -> tuple[pa.Array, npt.NDArray[np.float64]]:
    """Rings of so many points, one around each centre."""
    rows = len(centres)
    turn = (np.arange(points) + rng.uniform(0, 0.8, (rows, points))) * (2 * np.pi / points)
    radius = rng.uniform(0.6, 1.0, (rows, points)) * rng.uniform(40, 160, (rows, 1))
    east, north = radius * np.cos(turn), radius * np.sin(turn)
    area = np.sum(east * np.roll(north, -1, 1) - north * np.roll(east, -1, 1), 1) / 2
    degrees = np.stack([east / np.cos(np.radians(centres[:, 1:])), north], -1)
    ring = np.round(centres[:, None] + degrees / _METRES_PER_DEGREE, _DIGITS)
    written = np.empty(
        rows, [("order", "u1"), ("head", "<u4", 3), ("ring", "<f8", (points + 1, 2))]
    )
    written["order"], written["head"] = 1, (_POLYGON, 1, points + 1)
    written["ring"][:, :-1], written["ring"][:, -1] = ring, ring[:, 0]
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(written.itemsize), rows, [None, pa.py_buffer(written.tobytes())]
    )
    return fixed.cast(pa.binary()), area
