"""The pixels of a raster that tiles still to come can touch, with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Front:
    """The row above and the column on the left of the next tile.

    Attributes
    ----------
    none : int
        Value of pixels without class; label -1.
    values, labels : ndarray, shape (raster width,)
        Last row of the tiles above.
    left, left_labels : ndarray, shape (tile height,)
        Last column of the tile on the left.
    corner : list of int
        Value and label of the pixel above the first of the left column.
    """

    none: int
    values: Any
    labels: Ints
    left: Any
    left_labels: Ints
    corner: list[int]

    @classmethod
    def before(cls, width: int, like: Any) -> Self:
        """The front before the first tile of a raster."""
        none = int(np.iinfo(like.dtype).min)
        labels = np.full(width, -1, np.int64)
        values = np.full(width, none, like.dtype)
        return cls(none, values, labels, values[:0], labels[:0], [none, -1])

    def start(self, height: int) -> None:
        """Go to the beginning of a row of tiles."""
        self.left = np.full(height, self.none, self.values.dtype)
        self.left_labels = np.full(height, -1, np.int64)
        self.corner = [self.none, -1]

    def frame(self, values: Any, column: int) -> Any:
        """Values of a tile with the pixels above and on the left.

        After the last column of the raster a column of nothing follows.
        """
        height, width = values.shape
        last = column + width == len(self.values)
        framed = np.full((height + 1, width + 1 + last), self.none, values.dtype)
        framed[1:, 1 : width + 1] = values
        framed[0, 1 : width + 1] = self.values[column : column + width]
        framed[1:, 0] = self.left
        framed[0, 0] = self.corner[0]
        return framed

    def corners(self, end: int) -> tuple[int, int, int]:
        """Labels of the pixels above left and right of a tile, and the value of the latter."""
        if end == len(self.labels):
            return self.corner[1], -1, self.none
        return self.corner[1], int(self.labels[end]), int(self.values[end])

    def move(self, values: Any, column: int, bottom: Ints, right: Ints) -> None:
        """Go behind a tile with these labels in its last row and column."""
        end = column + values.shape[1]
        self.corner = [int(self.values[end - 1]), int(self.labels[end - 1])]
        self.values[column:end] = values[-1]
        self.labels[column:end] = bottom
        self.left = values[:, -1].copy()
        self.left_labels = right

    def open_labels(self) -> Ints:
        """Labels that can still grow."""
        labels = np.concatenate([self.labels, self.left_labels, np.array(self.corner[1:])])
        return labels[labels >= 0]

    def renumber(self, number: Ints) -> None:
        """Follow a new numbering."""
        for labels in (self.labels, self.left_labels):
            seen = labels >= 0
            labels[seen] = number[labels[seen]]
        if self.corner[1] >= 0:
            self.corner[1] = int(number[self.corner[1]])
