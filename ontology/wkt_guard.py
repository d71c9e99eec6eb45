"""What is refused before GEOS sees a WKT text: depth, size, curves, numbers that are none.

GEOS crashes on some ten thousand nested collections (geos#1487), so depth is counted first.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import GeometryError

MAX_DEPTH: Final = 128
MAX_BYTES: Final = 64 * 1024 * 1024

_CURVES: Final = (
    r"(?i)circularstring|compoundcurve|curvepolygon|multicurve|multisurface"
    r"|polyhedralsurface|\btin\b|triangle"
)
_NOT_NUMBERS: Final = r"(?i)\bnan\b|[-+\s(,]inf(inity)?\b|0x"

_REASONS: Final = (
    (_CURVES, "curves and surfaces other than polygons are not supported"),
    (_NOT_NUMBERS, "a coordinate is not a finite decimal number"),
)


def refusals(texts: pa.Array) -> list[tuple[npt.NDArray[np.int64], str]]:
    """Rows that must not reach GEOS, with the reason; a row is named once.

    Parameters
    ----------
    texts : pa.Array of string, shape (n,)
        WKT without CRS prefix; nulls are never refused.
    """
    found: list[tuple[npt.NDArray[np.int64], str]] = []
    open_rows = np.ones(len(texts), bool)
    for mask, reason in _checks(texts):
        rows = np.flatnonzero(mask & open_rows)
        if len(rows):
            open_rows[rows] = False
            found.append((rows, reason))
    return found


def _checks(texts: pa.Array) -> list[tuple[npt.NDArray[np.bool_], str]]:
    checks = [
        (_mask(pc.greater(pc.binary_length(texts), MAX_BYTES)), f"it is over {MAX_BYTES} bytes"),
        (_too_deep(texts), f"collections are nested over {MAX_DEPTH} deep"),
    ]
    checks += [(_mask(pc.match_substring_regex(texts, form)), why) for form, why in _REASONS]
    return checks


def _mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), bool)


def _too_deep(texts: pa.Array) -> npt.NDArray[np.bool_]:
    words = pc.count_substring(texts, "collection", ignore_case=True)
    deep = _mask(pc.greater(words, MAX_DEPTH))
    for row in np.flatnonzero(deep):
        deep[row] = _depth(texts[int(row)].as_py()) > MAX_DEPTH
    return deep


def _depth(text: str) -> int:
    data = np.frombuffer(text.encode(), np.uint8)
    steps = (data == ord("(")).astype(np.int64) - (data == ord(")"))
    return int(np.cumsum(steps).max(initial=0))


def guard_wkt(text: str) -> None:
    """Refuse one WKT text that GEOS should not see.

    Raises
    ------
    GeometryError
        The text is too long, nested too deep, a curve, or has a NaN or infinite number.
    """
    for _, reason in refusals(pa.array([text], pa.string())):
        raise GeometryError(
            "This geometry is refused", where=repr(text[:80]), why=reason, remedy=REMEDY
        )


REMEDY: Final = "write it as WKT of OGC Simple Features with finite numbers, split if it is huge"
