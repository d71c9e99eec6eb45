"""Percent-encoding over Arrow string buffers (RML-Core, "IRI-safe version of a string")."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from ontology import compiled, spans_of

_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ALPHANUMERIC: Final = _UNRESERVED[:-4]
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)


def _table(safe: bytes, above_ascii: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    table = np.zeros(256, np.bool_)
    table[list(safe)] = True
    table[128:] = above_ascii
    return table


_IRI_SAFE: Final = _table(_UNRESERVED, above_ascii=True)
_URI_SAFE: Final = _table(_UNRESERVED, above_ascii=False)
_LABEL_SAFE: Final = _table(_ALPHANUMERIC, above_ascii=False)
_HEXADECIMAL: Final = _table(b"0123456789ABCDEFabcdef", above_ascii=False)
_IN_IRI: Final = _table(bytes({*range(0x21, 0x7F)} - {*b'<>"{}|^`\\%'}), above_ascii=True)
_IN_IRI[[0xC2, *range(0xEE, 0x100)]] = False
"""Bytes that an IRI may hold wherever they stand, whatever follows."""
SAFE_BYTES: Final = np.stack([_IRI_SAFE, _URI_SAFE, _LABEL_SAFE])
"""Bytes that stay as they are in ``rml:IRI``, in ``rml:URI`` and in labels of blank nodes."""


@njit
def in_no_iri(
    first: int, second: int, third: int, fourth: int
) -> Any:  # pragma: no cover - compiled
    """Whether a character beyond ASCII, by its UTF-8 bytes, is no ``ucschar`` of RFC 3987.

    Those are controls, private use, noncharacters, and U+FFF0 to U+FFFF.
    """
    if first == 0xC2:
        return second < 0xA0
    if first < 0xEE:
        return False
    code = (second & 0x3F) << 6 | third & 0x3F
    if first < 0xF0:
        in_use = 0x900 <= code < 0xDD0 or 0xDF0 <= code < 0xFF0
        return first == 0xEE or not in_use
    code = (first & 7) << 18 | code << 6 | fourth & 0x3F
    return code & 0xFFFE == 0xFFFE or 0xE0000 <= code < 0xE1000 or code >= 0xF0000


@njit
def _is_odd(data: Any, k: int) -> Any:  # pragma: no cover - compiled
    """Whether the character that begins here is one that no IRI holds."""
    first, last = data[k], len(data) - 1
    if first != 0xC2 and first < 0xEE:
        return False
    return in_no_iri(
        int(first),
        int(data[min(k + 1, last)]),
        int(data[min(k + 2, last)]),
        int(data[min(k + 3, last)]),
    )


@njit
def _length(first: int) -> Any:  # pragma: no cover - compiled
    """Bytes of the character whose first byte this is."""
    return 2 if first < 0xE0 else 3 if first < 0xF0 else 4


@compiled
def _ends(data: Any, offsets: Any, safe: Any) -> Any:  # pragma: no cover - compiled
    """Where each text ends once it is encoded."""
    ends = np.zeros(len(offsets), np.int32)
    size, behind = 0, 0
    for row in range(len(offsets) - 1):
        for k in range(offsets[row], offsets[row + 1]):
            if safe[data[k]] and k >= behind and _is_odd(data, k):
                behind = k + _length(data[k])
            size += 1 if safe[data[k]] and k >= behind else 3
        ends[row + 1] = size
    return ends


@compiled
def _encode(
    data: Any, offsets: Any, safe: Any, digits: Any, mark: int, out: Any
) -> Any:  # pragma: no cover - compiled
    n, behind = 0, 0
    for k in range(offsets[0], offsets[-1]):
        byte = data[k]
        if safe[byte] and k >= behind and _is_odd(data, k):
            behind = k + _length(byte)
        if safe[byte] and k >= behind:
            out[n] = byte
            n += 1
        else:
            out[n], out[n + 1], out[n + 2] = mark, digits[byte >> 4], digits[byte & 15]
            n += 3


def _run(texts: pa.Array, safe: Any, mark: str = "%") -> pa.Array:
    if len(texts) == 0:
        return texts
    data, offsets = spans_of(texts)
    ends = _ends(data, offsets, safe)
    if ends[-1] == offsets[-1] - offsets[0]:
        return texts
    out = np.empty(ends[-1], np.uint8)
    _encode(data, offsets, safe, _HEX, ord(mark), out)
    valid = texts.is_valid().buffers()[1] if texts.null_count else None
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(out)]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def iri_safe(texts: pa.Array) -> pa.Array:
    """Percent-encode everything but unreserved characters; letters of any script stay.

    Examples
    --------
    >>> iri_safe(pa.array(["Zoë / 1"])).to_pylist()
    ['Zoë%20%2F%201']
    """
    return _run(texts, _IRI_SAFE)


def uri_safe(texts: pa.Array) -> pa.Array:
    """Percent-encode everything but unreserved ASCII."""
    return _run(texts, _URI_SAFE)


def blank_label(texts: pa.Array) -> pa.Array:
    """Turn any text into letters, digits and ``_``; different texts stay different."""
    return _run(texts, _LABEL_SAFE, "_")


@compiled
def _forbidden(data: Any, offsets: Any, safe: Any, hexadecimal: Any) -> Any:  # pragma: no cover
    found = np.zeros(len(offsets) - 1, np.bool_)
    for row in range(len(found)):
        end = offsets[row + 1]
        for k in range(offsets[row], end):
            byte = data[k]
            if safe[byte]:
                continue
            if byte == 0x25:
                bad = k + 2 >= end or not (hexadecimal[data[k + 1]] and hexadecimal[data[k + 2]])
            else:
                bad = byte < 0x80 or _is_odd(data, k)
            if bad:
                found[row] = True
                break
    return found


def forbidden_in_iri(iris: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each text holds a character no IRI may hold; false for nulls."""
    found: npt.NDArray[np.bool_] = _forbidden(*spans_of(iris), _IN_IRI, _HEXADECIMAL)
    if iris.null_count:
        found &= np.asarray(iris.is_valid())
    return found
