"""Where things go: blocks of 2 km around LUCAS grid points, cells that hold one field each."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from ontology import UsageError

from .tiles import UTM

LAEA: Final = "EPSG:3035"
BLOCK: Final = 2_000  # metres between LUCAS grid points
_CENTRE: Final = (412_000.0, 5_335_000.0)  # EPSG:32633: Upper Austria, where two tiles overlap
_FIELDS_A_SAMPLE: Final = 20
_SMALLEST, _USUAL_LARGEST = 6, 64  # blocks along a side
_FULL: Final = 0.9  # of the cells at most, before cells get smaller or the area larger
_MOST_FIELDS: Final = 10_000_000


class Place(IntEnum):
    """How a sample lies to the field of its cell."""

    FAR = 0  # the cell has no field
    INSIDE = 1
    NEAR = 2  # 2 to 8 m outside the edge
    BEYOND = 3  # 12 m and more outside the edge
    NO_CROSSWALK = 4  # inside, but the sample's class is no crop


_PORTIONS: Final = {
    Place.INSIDE: 0.52, Place.NEAR: 0.14, Place.BEYOND: 0.10, Place.NO_CROSSWALK: 0.10
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """The plan of an area of ``side`` x ``side`` blocks.

    Attributes
    ----------
    west, south : int
        The LUCAS point of the first block, metres of EPSG:3035, even kilometres.
    side : int
        Blocks along a side.
    cell : int
        Side of a field's cell, metres; the LUCAS point is the centre of its block's first cell.
    places : ndarray of int8, shape (side * side,)
        A :class:`Place` for the sample of each block.
    others : ndarray of int64, shape (side * side,)
        Fields of each block beside that of the sample.
    """

    west: int
    south: int
    side: int
    cell: int
    places: npt.NDArray[np.int8]
    others: npt.NDArray[np.int64]

    @property
    def blocks(self) -> int:
        """Number of blocks, and of samples."""
        return self.side * self.side

    @property
    def cells_a_side(self) -> int:
        """Cells along a block's side."""
        return BLOCK // self.cell

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The whole area, EPSG:3035."""
        west, south = self.west - self.cell / 2, self.south - self.cell / 2
        return west, south, west + self.side * BLOCK, south + self.side * BLOCK

    def points(
        self, blocks: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """LUCAS points of blocks, EPSG:3035."""
        return self.west + blocks % self.side * BLOCK, self.south + blocks // self.side * BLOCK


def random(seed: int, part: str, number: int = 0) -> np.random.Generator:
    """Return the generator of random numbers of one part of the scenario."""
    return np.random.default_rng([seed, zlib.crc32(part.encode()), number])


def make_layout(fields: int, seed: int) -> Layout:
    """Choose size, cells and the places of samples for a number of fields.

    Raises
    ------
    UsageError
        If the number is below 1, or so large that the area would leave UTM zone 33.
    """
    if not 1 <= fields <= _MOST_FIELDS:
        raise UsageError(
            f"Cannot make a scenario of {fields} fields",
            remedy=f"ask for 1 to {_MOST_FIELDS:,} fields",
        )
    side, cell = _size(fields)
    blocks = side * side
    rng = random(seed, "layout")
    places = _places(blocks, fields, rng)
    rest = fields - int((places != Place.FAR).sum())
    others = np.full(blocks, rest // blocks, np.int64)
    others[rng.permutation(blocks)[: rest % blocks]] += 1
    x, y = Transformer.from_crs(UTM, LAEA, always_xy=True).transform(*_CENTRE)
    west, south = (round(v / BLOCK - side / 2) * BLOCK for v in (x, y))
    return Layout(west, south, side, cell, places, others)


def _size(fields: int) -> tuple[int, int]:
    side = math.ceil(math.sqrt(fields / _FIELDS_A_SAMPLE))
    side = min(max(side, _SMALLEST), _USUAL_LARGEST)
    cell = 250
    if fields > _FULL * (side * BLOCK // cell) ** 2:
        cell = 125
    if fields > _FULL * (side * BLOCK // cell) ** 2:
        side = math.ceil(math.sqrt(fields / _FULL) * cell / BLOCK)
    return side, cell


def _places(blocks: int, fields: int, rng: np.random.Generator) -> npt.NDArray[np.int8]:
    wanted = [np.full(int(part * blocks), place, np.int8) for place, part in _PORTIONS.items()]
    chosen = rng.permutation(np.concatenate(wanted))[:fields]
    places = np.full(blocks, Place.FAR, np.int8)
    places[rng.permutation(blocks)[: len(chosen)]] = chosen
    return places
