"""Sentinel-2 products of one season: ids, footprints, clouds, and class shares."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import shapely
from pyproj import Transformer

from .crops import CROPS, is_cereal, shares
from .layout import LAEA, Layout, random
from .tiles import UTM, Tile, tile_at, tiles_over

_START: Final = datetime(2018, 4, 2, 10, 0, 31, tzinfo=UTC)
_PASSES: Final = 37  # every five days until the end of September
_ALWAYS: Final = ((350e3, 5350e3), (450e3, 5350e3), (550e3, 5350e3), (450e3, 5250e3))
CLEAR_PERCENT: Final = 40.0  # fields are seen in products with fewer clouds than this
COVER_THRESHOLD: Final = 0.30
_MARGIN: Final = 0.01
_REACH: Final = 1_000.0  # metres beyond the area; a place may lie in the neighbour's overlap only


@dataclass(frozen=True, slots=True)
class Products:
    """All products; arrays have one entry a product.

    Attributes
    ----------
    tiles : tuple of Tile
    tile : ndarray of int64
        Index into ``tiles``.
    image_id : ndarray of str
    acquired : ndarray of datetime64[s]
        UTC.
    cloud : ndarray of float64
        Percent.
    footprint : ndarray of shapely polygons, longitude and latitude
    shares : ndarray of float64, shape (products, crops)
        Part of the footprint, four digits.
    """

    tiles: tuple[Tile, ...]
    tile: npt.NDArray[np.int64]
    image_id: npt.NDArray[np.str_]
    acquired: npt.NDArray[np.datetime64]
    cloud: npt.NDArray[np.float64]
    footprint: npt.NDArray[Any]
    shares: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.image_id)

    def between(self, start: str, end: str) -> npt.NDArray[np.bool_]:
        """Which were acquired from ``start`` to before ``end`` (ISO times, UTC)."""
        first, last = (np.datetime64(text.rstrip("Z"), "s") for text in (start, end))
        return np.asarray((self.acquired >= first) & (self.acquired < last), np.bool_)


def make_products(layout: Layout, seed: int) -> Products:
    """Products of every tile the area touches, and of some it does not."""
    tiles = _tiles(layout)
    tile = np.repeat(np.arange(len(tiles)), _PASSES)
    number = np.tile(np.arange(_PASSES), len(tiles))
    acquired = np.datetime64(_START.replace(tzinfo=None), "s") + number * np.timedelta64(5, "D")
    ids = [_image_id(tiles[t].name, int(n)) for t, n in zip(tile, number, strict=True)]
    rng = random(seed, "products")
    cloud = _clouds(len(tiles), rng).ravel()
    footprints = np.array([t.footprint() for t in tiles], object)
    part = _shares(len(tiles), cloud, rng)
    return Products(tiles, tile, np.array(ids), acquired, cloud, footprints[tile], part)


def _tiles(layout: Layout) -> tuple[Tile, ...]:
    to_utm = Transformer.from_crs(LAEA, UTM, always_xy=True)
    west, south, east, north = to_utm.transform_bounds(*layout.bounds, densify_pts=21)
    touched = tiles_over((west - _REACH, south - _REACH, east + _REACH, north + _REACH))
    extra = (tile_at(x, y) for x, y in _ALWAYS)
    return tuple(sorted({*touched, *extra}, key=lambda tile: tile.name))


def _image_id(tile: str, number: int) -> str:
    stamp = f"{_START + timedelta(days=5 * number):%Y%m%dT%H%M%S}"
    return f"S2{'AB'[number % 2]}_MSIL2A_{stamp}_N9999_R122_T{tile}_{stamp}"


def _clouds(tiles: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Percent, shape (tiles, passes): clear, hazy and dull days in every month."""
    level = np.empty((tiles, _PASSES))
    for first in range(0, _PASSES, 6):
        size = min(6, _PASSES - first)
        order = np.argsort(rng.random((tiles, size)), axis=1)
        level[:, first : first + size] = (order + rng.random((tiles, size))) / size
    return np.asarray(np.round(100 * level**2.2, 1), np.float64)


def _shares(
    tiles: int, cloud: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """What of a footprint is seen as each crop: farmed part x mix x what clouds leave."""
    mix = shares()[None, :] * (0.8 + 0.4 * rng.random((tiles, len(CROPS))))
    mix /= mix.sum(axis=1, keepdims=True)
    farmed = 0.78 + 0.15 * rng.random((tiles, 1))
    part = np.repeat(mix * farmed, _PASSES, axis=0) * (1 - cloud[:, None] / 100)
    part = np.round(part, 4)
    while (close := _near_threshold(part)).any():
        part[close] = np.round(part[close] * 0.96, 4)
    return np.asarray(part, np.float64)


def _near_threshold(part: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    cereals = part[:, is_cereal()].sum(axis=1)
    return np.asarray(np.abs(cereals - COVER_THRESHOLD) < _MARGIN, np.bool_)


def write_products(products: Products, directory: Path) -> None:
    """Write ``products.csv``, ``products.geojson`` and ``cover_shares.csv``."""
    rows = _rows(products)
    wkt = shapely.to_wkt(products.footprint, rounding_precision=7)
    table = pa.table({**rows, "wkt": pa.array(wkt, pa.string())})
    pacsv.write_csv(table, directory / "products.csv")
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(geometry)}
        for properties, geometry in zip(
            pa.table(rows).to_pylist(), shapely.to_geojson(products.footprint), strict=True
        )
    ]
    collection = {"type": "FeatureCollection", "synthetic": True, "features": features}
    (directory / "products.geojson").write_text(json.dumps(collection), encoding="utf-8")
    _write_shares(products, directory / "cover_shares.csv")


def _rows(products: Products) -> dict[str, pa.Array]:
    times = np.char.add(np.datetime_as_string(products.acquired), "Z")
    names = np.array([tile.name for tile in products.tiles])
    platforms = ["Sentinel-" + image[1:3] for image in products.image_id.tolist()]
    return {
        "image_id": pa.array(products.image_id.tolist()),
        "tile": pa.array(names[products.tile].tolist()),
        "platform": pa.array(platforms),
        "acquired": pa.array(times.tolist()),
        "cloud_cover": pa.array(products.cloud),
    }


def _write_shares(products: Products, path: Path) -> None:
    product, crop = np.nonzero(products.shares > 0)
    codes = np.array([c.hcat for c in CROPS])
    table = pa.table(
        {
            "image_id": pa.array(products.image_id[product].tolist()),
            "hcat3_code": pa.array(codes[crop].tolist()),
            "share": pa.array(products.shares[product, crop]),
        }
    )
    pacsv.write_csv(table, path)
