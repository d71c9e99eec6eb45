"""Verification: one DE-9IM matrix a pair, on prepared geometries.

The side with more vertices times candidates is prepared; a pair whose target is prepared is
related the other way round and its matrix transposed. Pairs come cut at source boundaries, so
a prepared geometry has one owner (GEOS is not safe otherwise, libgeos#825).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from .candidates import Pairs, Rows
from .layer import Geometries, Layer
from .relations import Matrices, encode, transpose

_WORTH_PREPARING: Final = 256  # vertices times candidates
_KEEP_PREPARED: Final = 10_000  # vertices; a bigger target stays prepared between chunks


@dataclass(frozen=True, slots=True)
class FailedPair:
    """A pair GEOS could not decide, with its reason; it is in no link."""

    source: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """Pairs with their matrices.

    Attributes
    ----------
    source, target : ndarray of int64, shape (n,)
        Rows of the two layers.
    matrices : ndarray of uint8, shape (n, 9)
    failed : tuple of FailedPair
        Pairs left out of the arrays.
    """

    source: Rows
    target: Rows
    matrices: Matrices
    failed: tuple[FailedPair, ...] = ()


def verify(source: Layer, target: Layer, pairs: Pairs) -> Verified:
    """Relate every pair once.

    Parameters
    ----------
    source, target : Layer
        In one CRS.
    pairs : (ndarray, ndarray)
        Source and target rows.
    """
    left, right = pairs
    cost_left, cost_right = _cost(source, left), _cost(target, right)
    flipped = cost_right > cost_left
    ours, theirs = source.geometries[left], target.geometries[right]
    first, second = np.where(flipped, theirs, ours), np.where(flipped, ours, theirs)
    worth = np.maximum(cost_left, cost_right) >= _WORTH_PREPARING
    shapely.prepare(first[worth])
    matrices, failures = _relate(first, second)
    _release(source, left, 0)
    _release(target, right, _KEEP_PREPARED)
    matrices[flipped] = transpose(matrices[flipped])
    if not failures:
        return Verified(left, right, matrices)
    decided = np.ones(len(left), bool)
    decided[list(failures)] = False
    failed = tuple(
        FailedPair(source.ids[int(left[row])].as_py(), target.ids[int(right[row])].as_py(), why)
        for row, why in failures.items()
    )
    return Verified(left[decided], right[decided], matrices[decided], failed)


def _cost(layer: Layer, rows: Rows) -> npt.NDArray[np.int64]:
    candidates = np.bincount(rows, minlength=1)
    cost: npt.NDArray[np.int64] = layer.vertices[rows] * candidates[rows]
    return cost


def _release(layer: Layer, rows: Rows, spare: int) -> None:
    used = np.unique(rows)
    if spare:
        used = used[layer.vertices[used] <= spare]
    shapely.destroy_prepared(layer.geometries[used])


def _relate(first: Geometries, second: Geometries) -> tuple[Matrices, dict[int, str]]:
    """Matrices, and the reason of each pair GEOS raised an error for."""
    try:
        return encode(shapely.relate(first, second)), {}
    except shapely.errors.GEOSException as error:
        if len(first) == 1:
            return encode(["FFFFFFFFF"]), {0: str(error).strip()}
    half = len(first) // 2
    low, low_failures = _relate(first[:half], second[:half])
    high, high_failures = _relate(first[half:], second[half:])
    moved: dict[int, Any] = {row + half: why for row, why in high_failures.items()}
    return np.concatenate([low, high]), low_failures | moved
