"""Zones of a class raster: connected pixels of one class, found tile by tile without seams.

In memory are a tile, one row of the raster and the outlines of zones still growing, which are kept
as the vertices their polygons will have. The result does not depend on the tiles: a zone's number
is the index of its first pixel in reading order. Areas are in square metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import UnsupportedError

from .front import Front
from .kernel import (
    gather,
    join_corners,
    join_seams,
    label_runs,
    labels_of_edges,
    roots,
    settle,
)
from .rings import cut, link, polygons
from .walk import outlines

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_RELEASE: Final = 1 << 19
"""New vertices and zones after which complete zones are given out; more if more stay open."""
_PIECE_VERTICES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Tile:
    """A window of the raster.

    Attributes
    ----------
    row, column : int
        Of its first pixel. Tiles come in rows of equal height, from left to right.
    values : ndarray of int32 or int64, shape (rows, columns)
        Classes; the least value of the type is no class.
    areas : ndarray of float64, shape (rows, 1) or (rows, columns)
        Of the pixels, m².
    layers : ndarray of float64, shape (layers, rows, columns)
        What statistics are made of; NaN is unknown.
    """

    row: int
    column: int
    values: Any
    areas: Floats
    layers: Floats


@dataclass(frozen=True, slots=True)
class Zones:
    """Complete zones, ordered by number.

    Attributes
    ----------
    number : ndarray of int64, shape (n,)
        Row * raster width + column of the first pixel in reading order.
    value, pixels : ndarray of int64, shape (n,)
    area : ndarray of float64, shape (n,)
        Square metres.
    mean, lowest, highest : ndarray of float64, shape (layers, n)
        Of each layer; NaN where nothing is known.
    geometry : pa.Array of binary
        WKB in the raster's CRS: polygons, or multipolygons of parts that touch at corners; outer
        rings counterclockwise.
    """

    number: Ints
    value: Ints
    pixels: Ints
    area: Floats
    mean: Floats
    lowest: Floats
    highest: Floats
    geometry: pa.Array

    def __len__(self) -> int:
        return len(self.number)


class ZoneFinder:
    """Feed tiles row by row, take the zones that are complete.

    Parameters
    ----------
    width : int
        Of the raster, in pixels.
    transform : tuple of six floats
        Affine coefficients a, b, c, d, e, f: x = a * column + b * row + c, y likewise.
    layers : int
        How many layers every tile has.
    diagonal : bool
        Whether pixels that touch at a corner are connected (8-connectedness).
    minimum_pixels : int
        Smaller zones are dropped and counted in ``dropped`` and ``dropped_pixels``.
    """

    def __init__(
        self,
        width: int,
        transform: tuple[float, ...],
        *,
        layers: int = 0,
        diagonal: bool = False,
        minimum_pixels: int = 1,
    ) -> None:
        self._width = width
        self._transform = tuple(float(number) for number in transform)
        self._layers = layers
        self._diagonal = diagonal
        self._minimum = minimum_pixels
        self._front: Front | None = None
        self._row = 0
        self._part = np.empty(0, np.int64)  # union-find of pixels that share an edge
        self._zone = self._part  # the same, or of those that share a corner too
        self._stats = _empty_stats(0, layers)
        self._arcs = [np.empty((0, 6), np.int64)]
        self._turns = [np.empty(0, np.int64)]
        self._fresh = 0
        self.dropped = 0
        self.dropped_pixels = 0

    def feed(self, tile: Tile) -> Iterator[Zones]:
        """Take the next tile; give what is complete, in pieces, once it is enough."""
        if self._front is None:
            self._front = Front.before(self._width, tile.values)
        if tile.column == 0:
            self._front.start(len(tile.values))
        self._take(tile, self._front)
        self._row = tile.row + len(tile.values)
        if self._fresh > max(_RELEASE, len(self._turns[0])):
            yield from self._release(self._front)

    def finish(self) -> Iterator[Zones]:
        """Give the zones that reach the last row."""
        if self._front is not None:
            nothing = np.full((1, self._width), self._front.none, self._front.values.dtype)
            layers = np.empty((self._layers, 1, self._width))
            self._front.start(1)
            self._take(Tile(self._row, 0, nothing, np.ones((1, 1)), layers), self._front)
            self._front.start(1)
            yield from self._release(self._front)

    def _take(self, tile: Tile, front: Front) -> None:
        width = tile.values.shape[1]
        end = tile.column + width
        framed = front.frame(tile.values, tile.column)
        starts, zones, rows, count = label_runs(framed, width, front.none)
        base = self._more(count)
        place = (tile.row * self._width + tile.column, self._width, width, base)
        gather(framed, starts, zones, rows, place, tile.areas, tile.layers, self._stats)
        above, left = front.labels[tile.column : end], front.left_labels
        join_seams(framed, above, left, starts, zones, rows, self._part, base)
        if self._diagonal:
            join_seams(framed, above, left, starts, zones, rows, self._zone, base)
            corners = front.corners(end)
            join_corners(framed, above, left, starts, zones, rows, self._zone, base, corners)
        origin = (tile.row, tile.column, self._width + 1)
        arcs, turns = outlines(framed, above, left, starts, zones, rows, base, origin, front.none)
        self._arcs.append(arcs)
        self._turns.append(turns)
        self._fresh += len(turns) + len(arcs) + count
        front.move(tile.values, tile.column, *labels_of_edges(zones, starts, rows, width, base))

    def _more(self, count: int) -> int:
        """Make room for more labels; return the first."""
        base = len(self._part)
        fresh = np.arange(base, base + count)
        self._part = np.concatenate([self._part, fresh])
        self._zone = np.concatenate([self._zone, fresh]) if self._diagonal else self._part
        self._stats = tuple(
            np.concatenate(pair, axis=-1)
            for pair in zip(self._stats, _empty_stats(count, self._layers), strict=True)
        )
        return base

    def _release(self, front: Front) -> Iterator[Zones]:
        """Give complete zones and number anew what stays."""
        zone_of = settle(self._zone, self._stats)
        part_of = roots(self._part) if self._diagonal else zone_of
        arcs, turns = np.concatenate(self._arcs), np.concatenate(self._turns)
        arcs[:, 0] = part_of[arcs[:, 0]]
        still_open = np.zeros(len(zone_of), bool)
        still_open[zone_of[front.open_labels()]] = True
        done = self._large_enough((zone_of == np.arange(len(zone_of))) & ~still_open)
        done = done[np.argsort(self._stats[2][done])]
        columns = self._columns(done)
        rank = np.full(len(zone_of), -1)
        rank[done] = np.arange(len(done))
        outlines_ = _Outlines.of(rank[zone_of], arcs, turns, self._width + 1)
        number = self._keep(still_open[zone_of], part_of, zone_of)
        waiting = number[arcs[:, 0]] >= 0
        self._turns = [turns[np.repeat(waiting, arcs[:, 5])]]
        self._arcs = [arcs[waiting]]
        self._arcs[0][:, 0] = number[self._arcs[0][:, 0]]
        self._fresh = 0
        front.renumber(number[part_of])
        for start, end in outlines_.pieces(len(done)):
            geometry = outlines_.wkb(start, end, self._transform)
            own: list[Any] = [column[..., start:end] for column in columns] + [geometry]
            yield Zones(*own)

    def _large_enough(self, done: npt.NDArray[np.bool_]) -> Ints:
        """Labels of those zones that are not dropped; the others are counted."""
        pixels = self._stats[1]
        small = done & (pixels < self._minimum)
        self.dropped += int(small.sum())
        self.dropped_pixels += int(pixels[small].sum())
        return np.flatnonzero(done & ~small)

    def _columns(self, done: Ints) -> tuple[Any, ...]:
        value, pixels, first, area, totals, known, lowest, highest = (
            column[..., done] for column in self._stats
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = totals / known
        lowest, highest = (np.where(known > 0, one, np.nan) for one in (lowest, highest))
        return first, value, pixels, area, mean, lowest, highest

    def _keep(self, waiting: npt.NDArray[np.bool_], part_of: Ints, zone_of: Ints) -> Ints:
        """Forget the labels of complete zones; return the new numbers of the others' parts."""
        kept = waiting & (part_of == np.arange(len(part_of)))
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        self._stats = tuple(column[..., kept] for column in self._stats)
        self._part = np.arange(int(kept.sum()))
        self._zone = number[zone_of[kept]] if self._diagonal else self._part
        return number


@dataclass(frozen=True, slots=True)
class _Outlines:
    """Simple rings, sorted by part, the outer one of a part first.

    Attributes
    ----------
    part, begins, sizes : ndarray of int64
        Of each ring, the latter two in ``vertices``.
    vertices : ndarray of int64
        Row * across + column.
    zone : ndarray of int64
        Of each part, ascending.
    """

    part: Ints
    begins: Ints
    sizes: Ints
    vertices: Ints
    zone: Ints
    across: int

    @classmethod
    def of(cls, rank: Ints, arcs: Ints, turns: Ints, across: int) -> _Outlines:
        """Outlines of all parts whose label has a rank among the zones."""
        offsets = np.cumsum(arcs[:, 5]) - arcs[:, 5]
        mine = rank[arcs[:, 0]] >= 0
        arcs, offsets = arcs[mine], offsets[mine]
        order = np.lexsort((arcs[:, 1], arcs[:, 0], rank[arcs[:, 0]]))
        arcs = arcs[order]
        first = np.ones(len(arcs), bool)
        first[1:] = arcs[1:, 0] != arcs[:-1, 0]
        zone = rank[arcs[first, 0]]
        arcs[:, 0] = np.cumsum(first) - 1
        part, area, ends, vertices = cut(*link(arcs, offsets[order], turns), across)
        sizes = np.diff(ends, prepend=0)
        order = np.lexsort((-area, part))
        begins = (ends - sizes)[order]
        return cls(part[order], begins, sizes[order], vertices, zone, across)

    def pieces(self, count: int) -> list[tuple[int, int]]:
        """Ranges of zones with not too many vertices together."""
        if count == 0:
            return []
        weight = np.bincount(self.zone[self.part], weights=self.sizes, minlength=count)
        piece = np.cumsum(weight) // _PIECE_VERTICES
        edges = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), count]
        return list(pairwise(edges))

    def wkb(self, start: int, end: int, grid: tuple[float, ...]) -> pa.Array:
        """Geometries of the zones from ``start`` to ``end``."""
        first, last = np.searchsorted(self.zone, (start, end))
        a, b = np.searchsorted(self.part, (first, last))
        offsets, data = polygons(
            self.part[a:b] - first,
            self.begins[a:b],
            self.sizes[a:b],
            self.vertices,
            self.zone[first:last] - start,
            end - start,
            self.across,
            grid,
        )
        if offsets[-1] > np.iinfo(np.int32).max:
            raise UnsupportedError(
                "A zone has more vertices than a geometry can hold",
                where=f"zone {start} of {len(np.unique(self.zone))} complete ones",
                why=f"its outlines take {offsets[-1]:,} bytes",
                remedy="cut zones at a grid (gl:cut 4096), or merge small ones into their "
                'neighbours (gl:smallZones "merge")',
            )
        buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.binary(), end - start, buffers)


def _empty_stats(count: int, layers: int) -> tuple[Any, ...]:
    """Value, pixels, first pixel, area; sum, number, least, greatest by layer."""
    return (
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.full(count, np.iinfo(np.int64).max),
        np.zeros(count),
        np.zeros((layers, count)),
        np.zeros((layers, count), np.int64),
        np.full((layers, count), np.inf),
        np.full((layers, count), -np.inf),
    )
