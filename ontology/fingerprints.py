"""Fingerprints of rows: 64 bits a seed over any Arrow columns, the same on every machine.

Texts and bytes are hashed with XXH64 (see :mod:`.identity`), values of fixed width by the
finaliser of SplitMix64 over their bits. Names of types are part of a fingerprint, nulls are
values of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .identity import hash_texts

Prints = npt.NDArray[np.uint64]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_M1: Final = np.uint64(0xBF58476D1CE4E5B9)
_M2: Final = np.uint64(0x94D049BB133111EB)
_NULL: Final = np.uint64(0xD6E8FEB86659FD93)
_TEXTS: Final = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)


def fingerprints(columns: Iterable[pa.Array], count: int, seed: int) -> Prints:
    """Fingerprint rows.

    Parameters
    ----------
    columns : iterable of pa.Array
        Each of ``count`` values; their order matters.
    count : int
        Rows.
    seed : int
        Another one gives another, independent fingerprint.

    Returns
    -------
    ndarray of uint64, shape (count,)

    Examples
    --------
    >>> rows = fingerprints([pa.array([1, 1, None]), pa.array(["a", "b", "a"])], 3, 7)
    >>> len(set(rows.tolist()))
    3
    """
    found = np.full(count, np.uint64(seed), np.uint64)
    for column in columns:
        found = mixed(found * _STEP + column_prints(column, seed))
    return found


def mixed(values: Prints) -> Prints:
    """Spread every bit over all 64 (finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        values = values + _STEP
        values = (values ^ (values >> np.uint64(30))) * _M1
        values = (values ^ (values >> np.uint64(27))) * _M2
    return values ^ (values >> np.uint64(31))


def text_print(text: str, seed: int) -> int:
    """Fingerprint of one text, good as a seed."""
    return int(hash_texts(pa.array([text], pa.string()), seed)[0]) & 0xFFFF_FFFF_FFFF_FFFF


def column_prints(column: pa.Array, seed: int) -> Prints:
    """Fingerprint each value of a column."""
    kind = column.type
    salt = np.uint64(text_print(str(kind), seed))
    if pa.types.is_null(kind):
        return np.full(len(column), salt ^ _NULL, np.uint64)
    if _is_text(kind):
        found = _texts(column, seed) ^ salt
    elif pa.types.is_nested(kind) or isinstance(column, pa.ExtensionArray):
        found = _texts(pa.array([repr(v) for v in column.to_pylist()], pa.string()), seed) ^ salt
    else:
        found = mixed(_bits(column) ^ salt)
    if column.null_count:
        found = np.where(np.asarray(column.is_null()), salt ^ _NULL, found)
    return found


def _is_text(kind: pa.DataType) -> bool:
    return any(test(kind) for test in _TEXTS)


def _texts(column: pa.Array, seed: int) -> Prints:
    large = pc.cast(pc.cast(column, pa.binary()), pa.large_binary())
    texts = pa.Array.from_buffers(pa.large_string(), len(large), large.buffers(), -1, large.offset)
    return hash_texts(texts, seed).view(np.uint64)


def _bits(column: pa.Array) -> Prints:
    """Values of fixed width as 64 bits; wider ones are folded."""
    width = column.type.bit_width
    if width == 1:
        return np.asarray(column.fill_null(False)).astype(np.uint64)
    size = width // 8
    data = np.frombuffer(column.buffers()[1] or b"", np.uint8)
    data = data[column.offset * size : (column.offset + len(column)) * size]
    rows = data.reshape(len(column), size)
    found = np.zeros(len(column), np.uint64)
    for start in range(0, size, 8):
        word = np.zeros((len(column), 8), np.uint8)
        piece = rows[:, start : start + 8]
        word[:, : piece.shape[1]] = piece
        found = mixed(found) + word.view(np.uint64)[:, 0] if start else word.view(np.uint64)[:, 0]
    return found
