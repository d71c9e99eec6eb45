"""Sentinel-2 tiles of UTM zone 33 by their rule.

A tile is a square of 109,800 m in its UTM zone. Its western and northern edges are those of
the 100 km square of MGRS it is named after, moved outward to a multiple of 60 m.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

SIDE: Final = 109_800
UTM: Final = "EPSG:32633"
_STEP: Final = 100_000
_GRAIN: Final = 60
_COLUMNS: Final = "STUVWXYZ"  # 100 km columns of zone 33 from 100 km easting on
_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"  # 100 km rows of an odd zone, from the equator on
_BAND_U_FROM: Final = 5_300_000  # rows from here on reach north of 48 degrees


@dataclass(frozen=True, slots=True)
class Tile:
    """A Sentinel-2 tile; ``xmin`` and ``ymin`` in metres of EPSG:32633."""

    name: str
    xmin: int
    ymin: int

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Western, southern, eastern and northern edge, EPSG:32633."""
        return self.xmin, self.ymin, self.xmin + SIDE, self.ymin + SIDE

    def footprint(self) -> shapely.Polygon:
        """Return the square's four corners as a polygon in longitude and latitude."""
        west, south, east, north = self.bounds
        corners = np.array([(west, south), (east, south), (east, north), (west, north)], float)
        to_lonlat = Transformer.from_crs(UTM, "OGC:CRS84", always_xy=True)
        lon, lat = to_lonlat.transform(corners[:, 0], corners[:, 1])
        return shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))


def tile_at(easting: float, northing: float) -> Tile:
    """Return the tile named after the 100 km square a place of EPSG:32633 lies in."""
    column, row = int(easting // _STEP), int(northing // _STEP)
    west = column * _STEP // _GRAIN * _GRAIN
    north = -(-(row + 1) * _STEP // _GRAIN) * _GRAIN
    band = "U" if row * _STEP >= _BAND_U_FROM else "T"
    name = f"33{band}{_COLUMNS[column - 1]}{_ROWS[row % len(_ROWS)]}"
    return Tile(name, west, north - SIDE)


def tiles_over(bounds: tuple[float, float, float, float]) -> tuple[Tile, ...]:
    """Return the tiles named after the 100 km squares that a box of EPSG:32633 touches."""
    west, south, east, north = (int(value // _STEP) for value in bounds)
    return tuple(
        tile_at(column * _STEP, row * _STEP)
        for row in range(south, north + 1)
        for column in range(west, east + 1)
    )


def containing(
    tiles: tuple[Tile, ...], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], margin: float
) -> npt.NDArray[np.int64]:
    """Index of a tile that holds each place with ``margin`` metres to spare, else -1."""
    found = np.full(len(x), -1, np.int64)
    for index, tile in enumerate(tiles):
        west, south, east, north = tile.bounds
        inside = (x >= west + margin) & (x <= east - margin)
        inside &= (y >= south + margin) & (y <= north - margin)
        found[inside & (found < 0)] = index
    return found
