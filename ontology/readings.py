"""What readers of geometry texts share: their result, and what no geometry may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from .coordinates import Geometries
from .wkt_guard import MAX_BYTES

RING_POINTS: Final = 4
BEYOND: Final = "a coordinate is beyond what a 64-bit number holds"
MIXED: Final = "some of its coordinates have two numbers and others three"
SHORT_RING: Final = f"a ring has fewer than {RING_POINTS} points"


class Unreadable(ValueError):
    """A text cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A column of texts, read.

    Attributes
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        Easting or longitude first; None where the text is null or cannot be read.
    crs : list of str, optional
        CRS IRI of each row; None where all are in CRS84.
    reasons : dict
        By row, why a text cannot be read.
    """

    geometries: Geometries
    crs: list[str | None] | None
    reasons: dict[int, str]


Reader: TypeAlias = Callable[[list[str | None]], Reading]


def texts_of(texts: pa.Array) -> tuple[list[str | None], dict[int, str]]:
    """Texts that a reader may see, and by row why it may not see the others."""
    reasons = dict.fromkeys(_rows(pc.greater(pc.binary_length(texts), MAX_BYTES)), _TOO_LONG)
    blobs = texts.cast(pa.large_binary() if texts.type == pa.large_string() else pa.binary())
    reasons |= dict.fromkeys(_rows(pc.match_substring(blobs, b"\0")), "it has a zero byte")
    try:
        found: list[str | None] = texts.to_pylist()
    except UnicodeDecodeError:
        found = [_decoded(row, blob, reasons) for row, blob in enumerate(blobs.to_pylist())]
    for row in reasons:
        found[row] = None
    return found, reasons


_TOO_LONG: Final = f"it is over {MAX_BYTES} bytes"


def _rows(mask: pa.Array) -> list[int]:
    rows: list[int] = np.flatnonzero(np.asarray(pc.fill_null(mask, False))).tolist()
    return rows


def _decoded(row: int, blob: bytes | None, reasons: dict[int, str]) -> str | None:
    try:
        return None if blob is None else blob.decode()
    except UnicodeDecodeError as error:
        reasons[row] = f"it is not UTF-8: byte {error.start} cannot be read"
        return None


def refuse_impossible(
    geometries: Geometries, reasons: dict[int, str], *, mixed: bool = False
) -> None:
    """Take away geometries whose coordinates or rings cannot be, and say why.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        Changed in place.
    reasons : dict
        By row, why a text cannot be read; taken further.
    mixed : bool
        Whether to look for positions of two and of three numbers in one geometry.
    """
    for rows, reason in _impossible(geometries, mixed):
        for row in rows.tolist():
            reasons.setdefault(row, reason)
            geometries[row] = None


def _impossible(geometries: Geometries, mixed: bool) -> list[tuple[npt.NDArray[np.int64], str]]:
    high, measured = shapely.has_z(geometries), shapely.has_m(geometries)
    rows, owner = shapely.get_coordinates(
        geometries, include_z=high.any(), include_m=measured.any(), return_index=True
    )
    found = [(np.unique(owner[np.isinf(rows).any(axis=1)]), BEYOND)]
    if mixed and high.any():
        without = np.isnan(rows[:, 2]) & high[owner]
        found.append((np.unique(owner[without]), MIXED))
    return [*found, (_short_rings(geometries), SHORT_RING)]


def _short_rings(geometries: Geometries) -> npt.NDArray[np.int64]:
    parts, owner = geometries, np.arange(len(geometries))
    while (shapely.get_type_id(parts) >= 4).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    rings, polygon = shapely.get_rings(parts, return_index=True)
    alone = np.flatnonzero(shapely.get_type_id(parts) == shapely.GeometryType.LINEARRING)
    rings, polygon = np.append(rings, parts[alone]), np.append(polygon, alone)
    count = shapely.get_num_coordinates(rings)
    short: Any = (count > 0) & (count < RING_POINTS)
    return np.unique(owner[polygon[short]])
