"""Filtering: which pairs have boxes that meet. Two ways behind one interface.

``GridFilter`` is the equigrid of GIA.nt (Papadakis et al. 2021): tiles as wide and high as the
mean box of the source, and a pair is kept only in its reference tile, so it appears once.
``TreeFilter`` asks an STR tree. Both give exactly the pairs whose closed boxes meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt
import shapely

Boxes = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Pairs = tuple[Rows, Rows]

FilterName = Literal["tree", "grid"]

_GIANT: Final = 256  # tiles; a bigger box is left to a tree
_FINEST: Final = 2.0**28  # tiles a side at most


class CandidateFilter(Protocol):
    """Finds the targets whose boxes meet those of some sources."""

    def candidates(self, rows: Rows) -> Pairs:
        """Return pairs (source row, target row), each once, sorted by source then target."""


class TreeFilter:
    """An STR tree over the boxes of the target."""

    def __init__(self, source: Boxes, target: Boxes) -> None:
        self._source = source
        self._tree = shapely.STRtree(_diagonals(target))

    def candidates(self, rows: Rows) -> Pairs:
        """See :class:`CandidateFilter`."""
        found, targets = self._tree.query(_diagonals(self._source[rows]))
        return _sorted(rows[found], targets)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Square-cornered tiles; ``spans`` gives the first and last tile of boxes."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def over(cls, source: Boxes, target: Boxes) -> _Grid:
        low = np.minimum(source[:, :2].min(axis=0), target[:, :2].min(axis=0))
        high = np.maximum(source[:, 2:].max(axis=0), target[:, 2:].max(axis=0))
        extent = high - low
        mean = (source[:, 2:] - source[:, :2]).mean(axis=0)
        # Points have no width: as many tiles as there are sources.
        mean = np.where(mean > 0, mean, extent / max(1.0, len(source) ** 0.5))
        sides = np.maximum(mean, extent / _FINEST)
        width, height = np.where(sides > 0, sides, 1.0).tolist()
        return cls(float(low[0]), float(low[1]), width, height)

    def spans(self, boxes: Boxes) -> Rows:
        shifted = boxes - [self.x, self.y, self.x, self.y]
        sides = [self.width, self.height, self.width, self.height]
        return np.floor(shifted / sides).astype(np.int64)


class GridFilter:
    """An equigrid with a reference tile for each pair; giants are left to a tree."""

    def __init__(self, source: Boxes, target: Boxes) -> None:
        grid = _Grid.over(source, target)
        self._source, self._target = source, target
        self._spans_s, self._spans_t = grid.spans(source), grid.spans(target)
        self._giant_s = np.asarray(_tiles(self._spans_s) > _GIANT)
        giant_t: npt.NDArray[np.bool_] = np.asarray(_tiles(self._spans_t) > _GIANT)
        self._rows_of_giants = np.flatnonzero(giant_t)
        self._column = int(max(self._spans_s[:, 3].max(), self._spans_t[:, 3].max())) + 1
        keys, tiled = self._expand(self._spans_t, np.flatnonzero(~giant_t))
        order = np.argsort(keys, kind="stable")
        self._keys, self._tiled = keys[order], tiled[order]

    def candidates(self, rows: Rows) -> Pairs:
        """See :class:`CandidateFilter`."""
        giant = self._giant_s[rows]
        found = [self._on_tiles(rows[~giant])]
        if giant.any():
            found.append(self._by_tree(rows[giant], np.arange(len(self._target))))
        if len(self._rows_of_giants):
            found.append(self._by_tree(rows[~giant], self._rows_of_giants))
        return _sorted(*(np.concatenate(side) for side in zip(*found, strict=True)))

    def _by_tree(self, rows: Rows, targets: Rows) -> Pairs:
        sources, found = TreeFilter(self._source, self._target[targets]).candidates(rows)
        return sources, targets[found]

    def _on_tiles(self, rows: Rows) -> Pairs:
        keys, owner = self._expand(self._spans_s, rows)
        first = np.searchsorted(self._keys, keys, "left")
        count = np.searchsorted(self._keys, keys, "right") - first
        at = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        source, target = np.repeat(owner, count), self._tiled[at]
        x = np.maximum(self._spans_s[source, 0], self._spans_t[target, 0])
        y = np.maximum(self._spans_s[source, 1], self._spans_t[target, 1])
        keep = x * self._column + y == np.repeat(keys, count)
        source, target = source[keep], target[keep]
        meet = _meet(self._source[source], self._target[target])
        return source[meet], target[meet]

    def _expand(self, spans: Rows, rows: Rows) -> Pairs:
        """Key and row of every tile under the boxes of some rows."""
        low, high = spans[rows, :2], spans[rows, 2:]
        tall = high[:, 1] - low[:, 1] + 1
        count = (high[:, 0] - low[:, 0] + 1) * tall
        number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        across, up = np.divmod(number, np.repeat(tall, count))
        x, y = np.repeat(low[:, 0], count) + across, np.repeat(low[:, 1], count) + up
        return x * self._column + y, np.repeat(rows, count)


FILTERS: Final[dict[FilterName, type[TreeFilter] | type[GridFilter]]] = {
    "tree": TreeFilter,
    "grid": GridFilter,
}


def _diagonals(boxes: Boxes) -> npt.NDArray[np.object_]:
    """Geometries with these boxes that cost the least to make."""
    return np.asarray(shapely.linestrings(boxes.reshape(-1, 2, 2)), object)


def _tiles(spans: Rows) -> npt.NDArray[np.float64]:
    sides = (spans[:, 2:] - spans[:, :2] + 1).astype(np.float64)
    product: npt.NDArray[np.float64] = sides.prod(axis=1)
    return product


def _meet(one: Boxes, other: Boxes) -> npt.NDArray[np.bool_]:
    apart = (one[:, :2] > other[:, 2:]) | (other[:, :2] > one[:, 2:])
    return np.asarray(~apart.any(axis=1), np.bool_)


def _sorted(source: Rows, target: Rows) -> Pairs:
    order = np.lexsort((target, source))
    return source[order], target[order]
