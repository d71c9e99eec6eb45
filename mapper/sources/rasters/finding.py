"""From windows of classes to zones: what zone and change sources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from rasterio import Affine
from rasterio.windows import Window

from ontology import MappingError

from ...zones.finder import Tile, ZoneFinder, Zones
from .areas import PixelAreas, is_torn
from .classes import Floats
from .grid import Raster
from .options import Options

Read = Callable[[Window], tuple[Any, Floats]]


def check_options(options: Options) -> None:
    """Raise MappingError for options of zones that are none."""
    if options.whole("connectedness", 4) not in (4, 8):
        raise MappingError("gl:connectedness is 4 or 8", where=options.where)
    options.choice("area", "geodesic", "planar")
    options.choice("smallZones", "drop", "merge")
    options.whole("minimumPixels", 1, least=1)
    options.whole("cut", 0, least=0)


def pixel_areas(options: Options, raster: Raster, crs: str) -> PixelAreas:
    """Areas of a raster's pixels as the mapping wants them."""
    planar = options.choice("area", "geodesic", "planar") == "planar"
    return PixelAreas(raster.shape, tuple(raster.transform)[:6], crs, planar=planar)


class Finding:
    """One pass over a raster.

    Parameters
    ----------
    options : Options
    raster : Raster
    crs : str
        IRI.
    layers : int
        How many layers are read beside the classes.
    """

    def __init__(self, options: Options, raster: Raster, crs: str, layers: int) -> None:
        self._options = options
        self._raster = raster
        self._crs = crs
        self._layers = layers
        self._areas = pixel_areas(options, raster, crs)
        self._least = options.whole("minimumPixels", 1)
        self._diagonal = options.whole("connectedness", 4) == 8
        self._dropped = self._dropped_pixels = 0

    def zones(self, band: int, read: Read) -> Iterator[Zones]:
        """Zones as they are complete, of windows that fit the blocks of a band."""
        cut = self._options.whole("cut", 0, least=0)
        for square in self._raster.squares(cut):
            finder = self._finder(square)
            for window in self._raster.windows(band, square):
                row, column = window.row_off, window.col_off
                areas = self._areas.of(row, column, window.height, window.width)
                values, layers = read(window)
                place = row - square.row_off, column - square.col_off
                for zones in finder.feed(Tile(*place, values, areas, layers)):
                    yield self._placed(zones, square)
            for zones in finder.finish():
                yield self._placed(zones, square)
            self._dropped += finder.dropped
            self._dropped_pixels += finder.dropped_pixels

    def remarks(self) -> Iterator[str]:
        """What was left out, and whether polygons are torn."""
        if self._options.text("targetCRS") != "source" and is_torn(
            self._raster.shape, tuple(self._raster.transform)[:6], self._crs
        ):
            yield (
                f"{self._options.where}: the raster holds a pole or crosses the antimeridian; "
                "zones there are torn in longitude and latitude, so keep its projection: "
                'gl:targetCRS "source"'
            )
        if self._dropped:
            yield (
                f"{self._options.where}: {self._dropped} zones under gl:minimumPixels with "
                f"{self._dropped_pixels} pixels left out"
            )

    def _finder(self, square: Window) -> ZoneFinder:
        transform = self._raster.transform
        if square.row_off or square.col_off:
            transform = transform @ Affine.translation(square.col_off, square.row_off)
        return ZoneFinder(
            square.width,
            tuple(transform)[:6],
            layers=self._layers,
            diagonal=self._diagonal,
            minimum_pixels=self._least,
        )

    def _placed(self, zones: Zones, square: Window) -> Zones:
        """Zones with numbers of the whole raster."""
        row, column = np.divmod(zones.number, square.width)
        across = self._raster.shape[1]
        return replace(zones, number=(row + square.row_off) * across + column + square.col_off)
