"""Term ids: XXH64 with seed 42 over the canonical N-Triples text, signed.

Spark's ``xxhash64`` gives the same 64 bits, so both engines agree on every id. The
algorithm is that of the xxHash specification (github.com/Cyan4973/xxHash, doc/xxhash_spec.md,
section "XXH64 algorithm"), run over Arrow string buffers without making Python strings.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from .compiled import compiled
from .spans import spans_of
from .words import load_word

SEED: Final = 42
_FEW: Final = 64

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)


@njit(inline="always")
def _rotl(value: Any, bits: int) -> Any:  # pragma: no cover - compiled
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@njit(inline="always")
def _round(acc: Any, lane: Any) -> Any:  # pragma: no cover - compiled
    return _rotl(acc + lane * _P2, 31) * _P1


@njit(inline="always")
def _half_word(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    value = np.uint64(0)
    for k in range(4):
        value |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return value


@njit(inline="always")
def _stripes(data: Any, start: int, end: int, seed: Any) -> Any:  # pragma: no cover - compiled
    v1, v2, v3, v4 = seed + _P1 + _P2, seed + _P2, seed, seed - _P1
    at = start
    while at + 32 <= end:
        v1 = _round(v1, load_word(data, at))
        v2 = _round(v2, load_word(data, at + 8))
        v3 = _round(v3, load_word(data, at + 16))
        v4 = _round(v4, load_word(data, at + 24))
        at += 32
    acc = _rotl(v1, 1) + _rotl(v2, 7) + _rotl(v3, 12) + _rotl(v4, 18)
    for lane in (v1, v2, v3, v4):
        acc = (acc ^ _round(np.uint64(0), lane)) * _P1 + _P4
    return acc


@njit(inline="always")
def hash_span(data: Any, start: int, end: int, seed: Any) -> Any:  # pragma: no cover - compiled
    """XXH64 (uint64) of ``data[start:end]``, for other compiled kernels."""
    length = end - start
    acc = _stripes(data, start, end, seed) if length >= 32 else seed + _P5
    acc += np.uint64(length)
    at = end - length % 32
    while at + 8 <= end:
        acc = _rotl(acc ^ _round(np.uint64(0), load_word(data, at)), 27) * _P1 + _P4
        at += 8
    if at + 4 <= end:
        acc = _rotl(acc ^ (_half_word(data, at) * _P1), 23) * _P2 + _P3
        at += 4
    while at < end:
        acc = _rotl(acc ^ (np.uint64(data[at]) * _P5), 11) * _P1
        at += 1
    acc = (acc ^ (acc >> np.uint64(33))) * _P2
    acc = (acc ^ (acc >> np.uint64(29))) * _P3
    return acc ^ (acc >> np.uint64(32))


@compiled
def _hash_all(data: Any, offsets: Any, seed: Any) -> Any:  # pragma: no cover - compiled
    ids = np.empty(len(offsets) - 1, np.int64)
    for row in range(len(offsets) - 1):
        ids[row] = np.int64(hash_span(data, offsets[row], offsets[row + 1], seed))
    return ids


def hash_texts(texts: pa.Array | pa.ChunkedArray, seed: int = SEED) -> npt.NDArray[np.int64]:
    """Hash canonical N-Triples texts.

    Parameters
    ----------
    texts : pa.Array
        Strings, shape (n,); a null hashes like the empty string.
    seed : int
        Recorded in a store's manifest.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> int(hash_texts(pa.array([""]))[0]) == -7444071767201028348
    True
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if len(texts) == 0:
        return np.empty(0, np.int64)
    return np.asarray(_hash_all(*spans_of(texts), np.uint64(seed)), np.int64)


@compiled
def _hash_nodes(data: Any, offsets: Any, longest: int, seed: Any) -> Any:  # pragma: no cover
    ids = np.empty(len(offsets) - 1, np.int64)
    text = np.empty(longest + 2, np.uint8)
    text[0] = 0x3C
    for row in range(len(ids)):
        start = offsets[row]
        end = offsets[row + 1]
        if end - start >= 2 and data[start] == 0x5F and data[start + 1] == 0x3A:
            ids[row] = np.int64(hash_span(data, start, end, seed))
            continue
        length = end - start
        text[1 : length + 1] = data[start:end]
        text[length + 1] = 0x3E
        ids[row] = np.int64(hash_span(text, 0, length + 2, seed))
    return ids


def node_texts(nodes: pa.Array) -> pa.Array:
    """Canonical texts of a NODE column: ``<iri>``, or ``_:label`` as it stands."""
    brackets = pc.binary_join_element_wise("<", nodes, ">", "")
    return pc.if_else(pc.starts_with(nodes, "_:"), nodes, brackets)


def node_ids(nodes: pa.Array | pa.ChunkedArray, seed: int = SEED) -> npt.NDArray[np.int64]:
    """Ids of a NODE column (IRIs without brackets, blank nodes as ``_:label``)."""
    if isinstance(nodes, pa.ChunkedArray):
        nodes = nodes.combine_chunks()
    if len(nodes) < _FEW or nodes.null_count:
        return hash_texts(node_texts(nodes), seed)
    data, offsets = spans_of(nodes)
    longest = int(np.diff(offsets).max())
    return np.asarray(_hash_nodes(data, offsets, longest, np.uint64(seed)), np.int64)


@lru_cache(maxsize=16_384)
def term_id(text: str, seed: int = SEED) -> int:
    """Id of one canonical N-Triples text."""
    return int(hash_texts(pa.array([text]), seed)[0])
