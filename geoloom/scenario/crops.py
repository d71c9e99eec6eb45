"""The crops of the scenario: mix, what they are called on the ground, how maps confuse them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ontology import code_list, crosswalk


@dataclass(frozen=True, slots=True)
class Crop:
    """A crop: HCAT 3 code, LUCAS LC1 code of a sample in it, share of fields, kind, colour."""

    hcat: str
    lc1: str
    weight: float
    kind: str
    color: str

    @property
    def name(self) -> str:
        """Label in HCAT 3."""
        return code_list("hcat3").label(self.hcat)


CROPS: Final = (
    Crop("3302000000", "E20", 14.0, "grass", "b7d77a"),
    Crop("3301090100", "B55", 10.0, "grass", "d3e8a0"),
    Crop("3301090303", "B51", 5.0, "grass", "8fbf5a"),
    Crop("3301090301", "B52", 3.0, "grass", "6fa83f"),
    Crop("3301010600", "B16", 8.0, "row", "ffd300"),
    Crop("3301090400", "B16", 4.0, "row", "e0a800"),
    Crop("3301010101", "B11", 10.0, "cereal", "a57000"),
    Crop("3301010102", "B11", 2.0, "cereal", "c99a3a"),
    Crop("3301010401", "B13", 9.0, "cereal", "d8b56b"),
    Crop("3301010402", "B13", 5.0, "cereal", "e2c98f"),
    Crop("3301010301", "B14", 3.0, "cereal", "ad8a5c"),
    Crop("3301010801", "B18", 5.0, "cereal", "8f6f3c"),
    Crop("3301010502", "B15", 3.0, "cereal", "cdb98a"),
    Crop("3301011001", "B11", 2.0, "cereal", "b38b4d"),
    Crop("3301160000", "B33", 6.0, "row", "267000"),
    Crop("3301030000", "B21", 3.0, "row", "702600"),
    Crop("3301060401", "B32", 3.5, "row", "f2e75c"),
    Crop("3301140400", "B43", 2.5, "row", "ff6f00"),
    Crop("3301290700", "B22", 2.0, "row", "a800e0"),
    Crop("3301060500", "B31", 1.5, "row", "ffe9a8"),
    Crop("3301020600", "B41", 1.0, "row", "54ff00"),
)
"""Crops of an Austrian-like mix, rounded by eye from 6,644 AT INVEKOS sample points 2017-2019
(openEOPlatform/openeo-classification; AMA, CC BY 4.0). No statistics."""

NO_CROP_LC1: Final = ("A11", "A21", "D20", "F40", "G11", "H11")
"""LC1 codes that correspond to no crop of HCAT 3."""

_WITHIN_KIND: Final = 5.0  # a map takes a crop for one of its own kind this much more often


def shares() -> npt.NDArray[np.float64]:
    """Share of fields of each crop, shape (crops,), sums to 1."""
    weights = np.array([crop.weight for crop in CROPS])
    return np.asarray(weights / weights.sum(), np.float64)


def confusion(rate: float) -> npt.NDArray[np.float64]:
    """Probability that a map takes crop i for crop j, shape (crops, crops); rows sum to 1."""
    kinds = np.array([crop.kind for crop in CROPS])
    odds = shares()[None, :] * np.where(kinds[:, None] == kinds[None, :], _WITHIN_KIND, 1.0)
    np.fill_diagonal(odds, 0.0)
    matrix = rate * odds / odds.sum(axis=1, keepdims=True)
    np.fill_diagonal(matrix, 1.0 - rate)
    return np.asarray(matrix, np.float64)


def compatible() -> npt.NDArray[np.bool_]:
    """Whether a sample of crop i's LC1 code agrees with a map that says crop j."""
    walk = crosswalk("lucas2018-lc1", "hcat3")
    rows = [[crop.hcat in walk.compatible(sample.lc1) for crop in CROPS] for sample in CROPS]
    return np.array(rows, np.bool_)


def is_cereal() -> npt.NDArray[np.bool_]:
    """Which crops lie below HCAT 3 "cereal", grain maize among them."""
    cereals = set(code_list("hcat3").subtree("3301010000"))
    return np.array([crop.hcat in cereals for crop in CROPS], np.bool_)
