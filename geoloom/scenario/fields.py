"""Crop fields: irregular polygons, one a cell, with true class, mapped class and confidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from .crops import confusion, shares
from .layout import BLOCK, Layout, Place, random

_BLOCKS_A_CHUNK: Final = 256
_GAP: Final = 4.0  # metres kept free along each side of a cell
_OUTLINE: Final = np.array(
    [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)], np.float64
)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FieldChunk:
    """Fields of some blocks; all arrays have one entry a field.

    Attributes
    ----------
    number : ndarray of int64
        Running number from 1.
    block : ndarray of int64
    sampled : ndarray of bool
        Whether it is the field of its block's sample.
    geometry : ndarray of shapely polygons, EPSG:3035
    centre : ndarray of float64, shape (n, 2)
        Centre of the cell, EPSG:3035.
    true, mapped : ndarray of int64
        Index into ``CROPS``: what grows there, and what the map says.
    confidence : ndarray of float64
        0 to 1, three digits.
    """

    number: Integers
    block: Integers
    sampled: npt.NDArray[np.bool_]
    geometry: npt.NDArray[Any]
    centre: Floats
    true: Integers
    mapped: Integers
    confidence: Floats

    def __len__(self) -> int:
        return len(self.number)


def field_chunks(layout: Layout, seed: int, error_rate: float) -> Iterator[FieldChunk]:
    """All fields of a layout, in chunks of constant size, so that memory stays flat."""
    first = 1
    for number, start in enumerate(range(0, layout.blocks, _BLOCKS_A_CHUNK)):
        blocks = np.arange(start, min(start + _BLOCKS_A_CHUNK, layout.blocks))
        rng = random(seed, "fields", number)
        chunk = _chunk(layout, blocks, first, rng, error_rate)
        first += len(chunk)
        yield chunk


def _chunk(
    layout: Layout, blocks: Integers, first: int, rng: np.random.Generator, error_rate: float
) -> FieldChunk:
    block, cell = _cells(layout, blocks, rng)
    sampled = cell == 0
    x, y = layout.points(block)
    across = layout.cells_a_side
    centre = np.column_stack([x + cell % across * layout.cell, y + cell // across * layout.cell])
    places = np.where(sampled, layout.places[block], -1)
    outline = _outlines(places, layout.cell, rng) + centre[:, None, :]
    true, mapped, confidence = _classes(len(block), rng, error_rate)
    return FieldChunk(
        np.arange(first, first + len(block)),
        block,
        sampled,
        shapely.polygons(np.round(outline, 2)),
        centre.astype(np.float64),
        true,
        mapped,
        confidence,
    )


def _cells(layout: Layout, blocks: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Block and cell of each field; cell 0 is the sample's."""
    free = layout.cells_a_side**2 - 1
    order = rng.random((len(blocks), free)) + _clumps(layout, blocks)[:, 1:]
    rank = np.argsort(np.argsort(order, axis=1), axis=1)
    taken = np.empty((len(blocks), free + 1), np.bool_)
    taken[:, 0] = layout.places[blocks] != Place.FAR
    taken[:, 1:] = rank < layout.others[blocks][:, None]
    row, cell = np.nonzero(taken)
    return blocks[row], cell.astype(np.int64)


def _clumps(layout: Layout, blocks: Integers) -> Floats:
    """Smooth waves over the cells of blocks: where they are low, fields stand together."""
    across = layout.cells_a_side
    x, y = layout.points(blocks)
    cell = np.arange(across * across)
    east = x[:, None] + cell % across * layout.cell
    north = y[:, None] + cell // across * layout.cell
    waves = np.sin(east / 260 + north / 900) + np.sin(north / 310 - east / 700)
    return np.asarray(0.5 * waves, np.float64)


def _outlines(places: Integers, cell: int, rng: np.random.Generator) -> Floats:
    """Corners relative to the cell's centre, shape (n, 8, 2), within the cell less the gap."""
    count, half = len(places), cell / 2 - _GAP
    around = np.isin(places, (Place.INSIDE, Place.NO_CROSSWALK))
    low = np.where(around[:, None], 0.7, 0.4)
    scale = low + rng.random((count, 2)) * (1 - low)
    pull = 0.8 + rng.random((count, 8, 1)) * 0.2
    shift = (rng.random((count, 2)) * 2 - 1) * (1 - scale) * half
    shift[around] = 0.0
    outline: Floats = _OUTLINE[None] * pull * scale[:, None, :] * half + shift[:, None, :]
    beside = np.isin(places, (Place.NEAR, Place.BEYOND))
    if beside.any():
        outline[beside] = _beside(places[beside], half, pull[beside], rng)
    return outline


def _beside(places: Integers, half: float, pull: Floats, rng: np.random.Generator) -> Floats:
    """Fields whose one straight edge passes the cell's centre at a chosen distance."""
    count = len(places)
    near = 2.0 + rng.random(count) * 6.0
    beyond = 12.0 + rng.random(count) * (min(40.0, half / 2) - 12.0)
    distance = np.where(places == Place.NEAR, near, beyond)[:, None]
    right = half * pull[:, :, 0]
    x = np.where(_OUTLINE[:, 0] > 0, right, (distance + half) / 2)
    x = np.where(_OUTLINE[:, 0] < 0, distance, x)
    y = _OUTLINE[:, 1] * half * np.where(_OUTLINE[:, 0] < 0, 0.9, pull[:, :, 0])
    turn = rng.integers(0, 4, count) * (np.pi / 2)
    cos, sin = np.round(np.cos(turn))[:, None], np.round(np.sin(turn))[:, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=2)


def _classes(
    count: int, rng: np.random.Generator, error_rate: float
) -> tuple[Integers, Integers, Floats]:
    borders = np.cumsum(shares())[:-1]
    true = np.searchsorted(borders, rng.random(count), "right").astype(np.int64)
    steps = np.cumsum(confusion(error_rate), axis=1)[:, :-1]
    mapped = (rng.random(count)[:, None] >= steps[true]).sum(axis=1)
    sure, unsure = rng.beta(9, 2, count), rng.beta(5, 3, count)
    confidence = np.asarray(np.where(true == mapped, sure, unsure), np.float64)
    return true, mapped, np.round(confidence, 3)


def in_window(layout: Layout, chunk: FieldChunk, blocks: int) -> npt.NDArray[np.bool_]:
    """Which fields lie in the first ``blocks`` x ``blocks`` blocks, south-west."""
    return np.asarray(
        (chunk.block % layout.side < blocks) & (chunk.block // layout.side < blocks), np.bool_
    )


def window_bounds(layout: Layout, blocks: int) -> tuple[float, float, float, float]:
    """Bounds of that window, EPSG:3035."""
    west, south, _, _ = layout.bounds
    return west, south, west + blocks * BLOCK, south + blocks * BLOCK
