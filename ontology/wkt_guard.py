"""What is refused before GEOS sees a WKT text or WKB: depth, size, curves, numbers that are none.

GEOS crashes on some ten thousand nested collections (geos#1487), and DuckDB 1.5's reader of WKB
ends the process at 31 with the parts of the innermost, so depth is counted first.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import GeometryError

MAX_DEPTH: Final = 28
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


def too_deep_wkb(wkb: pa.Array) -> npt.NDArray[np.bool_]:
    """Rows of a WKB column whose collections are nested over :data:`MAX_DEPTH` deep."""
    deep = np.zeros(len(wkb), bool)
    heads = pc.binary_slice(wkb, 0, 5)
    collections = np.flatnonzero(_mask(pc.is_in(heads, pa.array(_COLLECTION_HEADERS))))
    some = wkb.take(pa.array(collections))
    headers = np.zeros(len(some), np.int64)
    for header in _COLLECTION_HEADERS if len(some) else ():
        headers += pc.count_substring(some, header).to_numpy(zero_copy_only=False)
    for row in collections[headers > MAX_DEPTH]:
        deep[row] = _wkb_depth(wkb[int(row)].as_py()) > MAX_DEPTH
    return deep


def _headers() -> tuple[bytes, ...]:
    iso = (7, 1007, 2007, 3007)
    extended = tuple(7 | flags << 28 for flags in range(1, 16))
    codes = iso + extended
    little = (b"\x01" + struct.pack("<I", code) for code in codes)
    big = (b"\x00" + struct.pack(">I", code) for code in codes)
    return (*little, *big)


_COLLECTION_HEADERS: Final = _headers()


def _wkb_depth(data: bytes) -> int:
    """Walk the structure without recursion; stop where it is too deep or breaks off."""
    at, deepest, open_counts = 0, 0, [1]
    try:
        while open_counts and deepest <= MAX_DEPTH:
            if open_counts[-1] == 0:
                open_counts.pop()
                continue
            open_counts[-1] -= 1
            at, members = _wkb_step(data, at)
            if members:
                open_counts.append(members)
                deepest = max(deepest, len(open_counts) - 1)
    except struct.error:
        pass  # cut short: GEOS says so
    return deepest


def _wkb_step(data: bytes, at: int) -> tuple[int, int]:
    """Read one header at an offset: where the next one is, and how many members follow."""
    order = "<" if data[at : at + 1] == b"\x01" else ">"
    (code,) = struct.unpack_from(order + "I", data, at + 1)
    kind, iso = (code & 0x0FFFFFFF) % 1000, (code & 0x0FFFFFFF) // 1000
    z, m = bool(code & 0x80000000) or iso in (1, 3), bool(code & 0x40000000) or iso in (2, 3)
    width = 8 * (2 + z + m)
    at += 9 if code & 0x20000000 else 5
    if kind == 1:
        return at + width, 0
    (count,) = struct.unpack_from(order + "I", data, at)
    at += 4
    if kind == 2:
        return at + count * width, 0
    if kind == 3:
        for _ in range(count):
            (points,) = struct.unpack_from(order + "I", data, at)
            at += 4 + points * width
        return at, 0
    return at, count


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
