"""Zones of a class raster: connected pixels of one class, found strip by strip without seams.

Only a strip of pixels and the outlines of zones still growing are in memory. The result does
not depend on the strips: a zone's number is the index of its first pixel in reading order.
Areas are in square metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from .zonekernel import edges_of_strip, gather, label_strip, rings_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Zones:
    """Finished zones, ordered by number.

    Attributes
    ----------
    number : ndarray of int64, shape (n,)
        Row * raster width + column of the first pixel in reading order.
    value, pixels : ndarray of int64, shape (n,)
    area : ndarray of float64, shape (n,)
        Square metres.
    mean_confidence, min_confidence : ndarray of float64, shape (n,)
        NaN without confidence.
    geometry : ndarray of shapely Polygons or MultiPolygons, shape (n,)
        In the raster's CRS; outer rings counterclockwise.
    """

    number: Ints
    value: Ints
    pixels: Ints
    area: Floats
    mean_confidence: Floats
    min_confidence: Floats
    geometry: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.number)


class ZoneFinder:
    """Feed strips from the top, take the zones that are complete.

    Parameters
    ----------
    width : int
        Of the raster, in pixels.
    transform : tuple of six floats
        Affine coefficients a, b, c, d, e, f: x = a * column + b * row + c, y likewise.
    diagonal : bool
        Whether pixels that touch at a corner are connected (8-connectedness).
    minimum_pixels : int
        Smaller zones are dropped and counted in ``dropped`` and ``dropped_pixels``.
    """

    def __init__(
        self,
        width: int,
        transform: tuple[float, float, float, float, float, float],
        *,
        diagonal: bool = False,
        minimum_pixels: int = 1,
    ) -> None:
        self._width = width
        self._transform = transform
        self._diagonal = diagonal
        self._minimum = minimum_pixels
        self._row = 0
        self._above = np.zeros(width, np.int64)
        self._above_labels = np.full(width, -1, np.int64)
        self._stats = _empty_stats(0)
        self._edges: tuple[Any, ...] = (np.empty(0, np.int64),) * 2 + (np.empty(0, np.int8),)
        self.dropped = 0
        self.dropped_pixels = 0

    def feed(
        self,
        values: Ints,
        valid: npt.NDArray[np.bool_],
        cell_areas: Floats,
        confidence: Floats | None = None,
    ) -> Zones:
        """Take the next strip and return the zones it completes.

        Parameters
        ----------
        values : ndarray of int64, shape (rows, width)
        valid : ndarray of bool, shape (rows, width)
            False for nodata, which belongs to no zone.
        cell_areas : ndarray, shape (rows,)
            Area of a pixel of each row, m².
        confidence : ndarray, shape (rows, width), optional
            NaN is unknown.
        """
        carried = len(self._stats[0])
        labels, final, count = label_strip(
            values, valid, self._above, self._above_labels, carried, self._diagonal
        )
        self._carry(final[:carried], count)
        weights = np.empty((0, 0)) if confidence is None else confidence
        first = self._row * self._width
        gather(labels, values, weights, cell_areas, first, self._stats)
        found = edges_of_strip(labels, self._above_labels, self._row)
        self._edges = tuple(np.concatenate(pair) for pair in zip(self._edges, found, strict=True))
        self._row += len(values)
        self._above, self._above_labels = values[-1].copy(), labels[-1].copy()
        return self._release(count)

    def finish(self) -> Zones:
        """Return the zones that reach the last row."""
        nothing = np.full((1, self._width), -1, np.int64)
        closing = edges_of_strip(nothing, self._above_labels, self._row)
        self._edges = tuple(np.concatenate(pair) for pair in zip(self._edges, closing, strict=True))
        self._above_labels[:] = -1
        return self._release(len(self._stats[0]))

    def _carry(self, final: Ints, count: int) -> None:
        """Renumber what the strip above left open; zones that have met are added up."""
        old, self._stats = self._stats, _empty_stats(count)
        value, pixels, first, area, total, known, lowest = self._stats
        value[final] = old[0]
        for target, addend in ((pixels, old[1]), (area, old[3]), (total, old[4]), (known, old[5])):
            np.add.at(target, final, addend)
        np.minimum.at(first, final, old[2])
        np.minimum.at(lowest, final, old[6])
        zone, vertex, direction = self._edges
        self._edges = (final[zone], vertex, direction)
        seen = self._above_labels >= 0
        self._above_labels[seen] = final[self._above_labels[seen]]

    def _release(self, count: int) -> Zones:
        still_open = np.zeros(count, bool)
        still_open[self._above_labels[self._above_labels >= 0]] = True
        big = self._stats[1] >= self._minimum
        done = ~still_open & big
        self.dropped += int((~still_open & ~big).sum())
        self.dropped_pixels += int(self._stats[1][~still_open & ~big].sum())
        zone, vertex, direction = self._edges
        chosen = done[zone]
        result = self._zones(done, (zone[chosen], vertex[chosen], direction[chosen]))
        waiting = still_open[zone]
        number = np.cumsum(still_open) - 1
        self._edges = (number[zone[waiting]], vertex[waiting], direction[waiting])
        self._stats = tuple(column[still_open] for column in self._stats)
        seen = self._above_labels >= 0
        self._above_labels[seen] = number[self._above_labels[seen]]
        return result

    def _zones(self, done: npt.NDArray[np.bool_], edges: tuple[Any, Any, Any]) -> Zones:
        value, pixels, first, area, total, known, lowest = (c[done] for c in self._stats)
        zone, vertex, direction = edges
        zone = (np.cumsum(done) - 1)[zone]
        order = np.lexsort((vertex, zone))
        rings = rings_of(zone[order], vertex[order], direction[order], self._width + 1)
        geometry = self._polygons(len(value), *rings)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / known
        sort = np.argsort(first)
        lowest = np.where(known > 0, lowest, np.nan)
        columns: tuple[Any, ...] = (first, value, pixels, area, mean, lowest, geometry)
        return Zones(*(column[sort] for column in columns))

    def _polygons(
        self, count: int, zone: Ints, area: Ints, ends: Ints, vertices: Ints
    ) -> npt.NDArray[np.object_]:
        if count == 0:
            return np.empty(0, np.object_)
        a, b, c, d, e, f = self._transform
        row, column = np.divmod(vertices, self._width + 1)
        points = np.column_stack([a * column + b * row + c, d * column + e * row + f])
        owner = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
        rings = shapely.linearrings(points, indices=owner)
        order = np.lexsort((-area, zone))  # a zone's largest ring is an outer one
        polygons = shapely.polygons(rings[order], indices=zone[order])
        outers = np.bincount(zone[area > 0], minlength=count)
        for several in np.flatnonzero(outers > 1):
            parts = shapely.multilinestrings(rings[zone == several])
            polygons[several] = shapely.build_area(parts)
        return np.asarray(shapely.orient_polygons(polygons), np.object_)


def _empty_stats(count: int) -> tuple[Any, ...]:
    return (
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.full(count, np.iinfo(np.int64).max),
        np.zeros(count),
        np.zeros(count),
        np.zeros(count, np.int64),
        np.full(count, np.inf),
    )
