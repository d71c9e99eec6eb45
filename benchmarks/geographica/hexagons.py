"""The synthetic world of Geographica: two lattices of hexagons and points, and what meets what.

Hexagons stand on a point; their corners are integers of the lattice times one constant an axis, so
that neighbours share corners to the last bit. What meets what is computed from the centres alone:
two hexagons of the same orientation meet if the centre of one lies in the other grown by it. A
pair too close to call is an error, not a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

WIDTH: Final = 90.0
"""Extent of the world from west to east; its height is about 77.95."""

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_CORNERS: Final = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1), (0, 2)])
_CLEAR: Final = 1e-9
"""Least distance from touching, in degrees, at which a pair can be called."""


@dataclass(frozen=True, slots=True)
class Hexagons:
    """``count`` times ``count`` hexagons, row by row from the south-west.

    Attributes
    ----------
    count : int
        Hexagons an axis.
    east : float
        How far the lattice is moved, in degrees.
    """

    count: int
    east: float = 0.0

    @property
    def apothem(self) -> float:
        """Half the distance of two opposite sides."""
        return WIDTH / (2 * self.count + 1)

    @property
    def side(self) -> float:
        """Length of a side."""
        return 2 * self.apothem / np.sqrt(3)

    def __len__(self) -> int:
        """Number of hexagons."""
        return self.count**2

    def centres(self) -> Numbers:
        """Longitude and latitude of the centres."""
        return self._placed(self._middles())

    def rings(self) -> Numbers:
        """Corners, the first one again at the end: shape (hexagons, 7, 2)."""
        return self._placed(self._middles()[:, None] + _CORNERS)

    def neighbours(self, chosen: Mask, other: Mask) -> int:
        """Pairs of a hexagon of each choice that share a side."""
        pairs = 0
        for row, shift in ((0, (-1, 1)), (1, (0, 1)), (-1, (0, 1))):
            for step in shift:
                pairs += int(np.sum(chosen & self._beside(other, row, step)))
        return pairs

    def near(self, points: Numbers) -> tuple[Indices, Indices]:
        """Pairs of a point and a hexagon: all whose centre is less than about two sides away."""
        row = np.floor((points[:, 1] / (self.side / 2) - 2) / 3).astype(np.int64)
        pairs = []
        for up in (-1, 0, 1, 2):
            at = row + up
            column = np.floor(((points[:, 0] - self.east) / self.apothem - 1 - at % 2) / 2).astype(
                np.int64
            )
            for right in (-1, 0, 1, 2):
                x = column + right
                inside = (at >= 0) & (at < self.count) & (x >= 0) & (x < self.count)
                pairs.append((np.flatnonzero(inside), (at * self.count + x)[inside]))
        first, second = zip(*pairs, strict=True)
        return np.concatenate(first), np.concatenate(second)

    def _middles(self) -> Indices:
        row, column = np.divmod(np.arange(len(self)), self.count)
        return np.stack([2 * column + 1 + row % 2, 3 * row + 2], 1)

    def _placed(self, lattice: Indices) -> Numbers:
        """Degrees of points of the lattice."""
        return lattice * np.array([self.apothem, self.side / 2]) + np.array([self.east, 0.0])

    def _beside(self, chosen: Mask, row: int, step: int) -> Mask:
        """Whether the neighbour in a direction is chosen."""
        own, column = np.divmod(np.arange(len(self)), self.count)
        x = column + (step if row == 0 else step - 1 + own % 2)
        y = own + row
        there = (x >= 0) & (x < self.count) & (y >= 0) & (y < self.count)
        found = np.zeros(len(self), bool)
        found[there] = chosen[(y * self.count + x)[there]]
        return found


def reaches(offset: Numbers, apothem: float) -> Mask:
    """Whether points lie in a hexagon around the origin.

    Raises
    ------
    ValueError
        If one lies on its border.
    """
    across = np.abs(offset) @ np.array([0.5, np.sqrt(0.75)])
    return _clear(apothem - np.maximum(np.abs(offset[..., 0]), across))


def meets_window(hexagons: Hexagons, width: float, height: float) -> Mask:
    """Whether each hexagon meets the rectangle from the origin to a corner.

    The directions that can separate them are the axes and the normals of the hexagon's sides.
    """
    x, y = hexagons.centres().T
    normal = np.array([0.5, np.sqrt(0.75)])
    gaps = [
        x - hexagons.apothem - width,
        y - hexagons.side - height,
        np.stack([x - width, y - height], 1) @ normal - hexagons.apothem,
    ]
    return _clear(-np.max(gaps, 0))


def _clear(inside: Numbers) -> Mask:
    """Whether distances are positive."""
    if np.any(np.abs(inside) < _CLEAR):
        raise ValueError("two shapes of the generated world all but touch: choose another size")
    return inside > 0
