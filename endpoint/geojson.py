"""WKT literals of any CRS as CRS84 GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from ontology import CRS84, GeometryError, parse_wkt, transform

if TYPE_CHECKING:
    from collections.abc import Sequence

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A GeoJSON geometry in CRS84 and its box (west, south, east, north)."""

    geometry: dict[str, Any]
    box: Box


def crs84_geometries(texts: Sequence[str | None]) -> Any:
    """Parse WKT literals and bring them to CRS84, longitude first.

    Parameters
    ----------
    texts : sequence of str or None, length n

    Returns
    -------
    ndarray of shapely geometries, shape (n,); None where the text is None.

    Raises
    ------
    GeometryError
        A literal cannot be read.
    """
    parsed = parse_wkt(pa.array(texts, pa.string()))
    for problem in parsed.problems:
        raise GeometryError(
            "A geometry of the answer cannot be read",
            where=problem.text_excerpt,
            why=problem.reason,
        )
    geometries = np.asarray(
        shapely.from_wkb(parsed.wkb.to_numpy(zero_copy_only=False)), dtype=np.object_
    )
    names = np.array(parsed.crs.to_pylist(), dtype=np.object_)
    for crs in {name for name in names if name not in (None, CRS84)}:
        rows = names == crs
        geometries[rows] = transform(geometries[rows], crs, CRS84)
    return geometries


def to_crs84(texts: Sequence[str]) -> list[Shape]:
    """GeoJSON geometries of WKT literals, in CRS84."""
    geometries = crs84_geometries(texts)
    return [
        Shape(json.loads(text), (box[0], box[1], box[2], box[3]))
        for text, box in zip(
            shapely.to_geojson(geometries), shapely.bounds(geometries).tolist(), strict=True
        )
    ]
