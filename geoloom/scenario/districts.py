"""Named synthetic districts that tile the area."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from .layout import LAEA, Layout, random

_NAMES: Final = ("Weberau", "Haspelberg", "Schussbach", "Spindelfeld", "Kettenried", "Garnstein")
_COLUMNS: Final = 3
_ROWS: Final = 2
_STEPS: Final = 24  # pieces of each border, so that it is the same line in either CRS


@dataclass(frozen=True, slots=True)
class District:
    """A district; ``geometry`` in longitude and latitude, ``planar`` in EPSG:3035."""

    name: str
    code: str
    geometry: shapely.Polygon
    planar: shapely.Polygon


def make_districts(layout: Layout, seed: int) -> tuple[District, ...]:
    """Six districts whose inner borders are crooked; neighbours share their border exactly."""
    corners = _corners(layout, random(seed, "districts"))
    to_lonlat = Transformer.from_crs(LAEA, "OGC:CRS84", always_xy=True)
    districts = []
    for number, name in enumerate(_NAMES):
        row, column = divmod(number, _COLUMNS)
        around = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
        ring = _ring(np.array([corners[at] for at in around]))
        lon, lat = to_lonlat.transform(ring[:, 0], ring[:, 1])
        geometry = shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))
        districts.append(District(name, f"SYN-{number + 1:02d}", geometry, shapely.Polygon(ring)))
    return tuple(districts)


def _corners(layout: Layout, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    west, south, east, north = layout.bounds
    x, y = np.linspace(west, east, _COLUMNS + 1), np.linspace(south, north, _ROWS + 1)
    corners = np.stack(np.meshgrid(x, y), axis=2)
    reach = 0.15 * min(x[1] - x[0], y[1] - y[0])
    corners[1:-1, :, 1] += (rng.random((_ROWS - 1, _COLUMNS + 1)) * 2 - 1) * reach
    corners[:, 1:-1, 0] += (rng.random((_ROWS + 1, _COLUMNS - 1)) * 2 - 1) * reach
    return corners


def _ring(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    pieces = np.arange(_STEPS)[:, None] / _STEPS
    sides = [
        start * (1 - pieces) + end * pieces
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return np.round(np.concatenate(sides), 2)


def write_districts(districts: tuple[District, ...], path: Path) -> None:
    """Write ``districts.geojson`` (longitude, latitude)."""
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"name": d.name, "code": d.code, "level": 2},
            "geometry": json.loads(shapely.to_geojson(d.geometry)),
        }
        for d in districts
    ]
    collection = {"type": "FeatureCollection", "synthetic": True, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
