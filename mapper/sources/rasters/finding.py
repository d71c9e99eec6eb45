"""From windows of classes to zones: what zone and change sources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rasterio.windows import Window

from ontology import MappingError

from ...zones import Tile, ZoneFinder, Zones
from .areas import PixelAreas
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


def pixel_areas(options: Options, raster: Raster, crs: str) -> PixelAreas:
    """Areas of a raster's pixels as the mapping wants them."""
    planar = options.choice("area", "geodesic", "planar") == "planar"
    return PixelAreas(raster.shape, tuple(raster.transform)[:6], crs, planar=planar)


class Finding:
    """One pass over a raster.

    Attributes
    ----------
    finder : ZoneFinder
    """

    def __init__(self, options: Options, raster: Raster, crs: str, layers: int) -> None:
        self._options = options
        self._areas = pixel_areas(options, raster, crs)
        self.finder = ZoneFinder(
            raster.shape[1],
            tuple(raster.transform)[:6],
            layers=layers,
            diagonal=options.whole("connectedness", 4) == 8,
            minimum_pixels=options.whole("minimumPixels", 1),
        )

    def zones(self, windows: Iterable[Window], read: Read) -> Iterator[Zones]:
        """Zones as they are complete."""
        for window in windows:
            row, column = window.row_off, window.col_off
            areas = self._areas.of(row, column, window.height, window.width)
            values, layers = read(window)
            yield from self.finder.feed(Tile(row, column, values, areas, layers))
        yield from self.finder.finish()

    def remarks(self) -> Iterator[str]:
        """What was left out."""
        if self.finder.dropped:
            yield (
                f"{self._options.where}: {self.finder.dropped} zones under gl:minimumPixels with "
                f"{self.finder.dropped_pixels} pixels left out"
            )
