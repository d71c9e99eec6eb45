"""Percent-encoding over Arrow string buffers (RML-Core, "IRI-safe version of a string")."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import compiled

_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ALPHANUMERIC: Final = _UNRESERVED[:-4]
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_IRI_FORBIDDEN: Final = (
    r'[\x00-\x20\x7f-\x{9f}<>"{}|^`\\]|%(?:$|[^0-9A-Fa-f]|[0-9A-Fa-f](?:$|[^0-9A-Fa-f]))'
)


def _table(safe: bytes, above_ascii: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    table = np.zeros(256, np.bool_)
    table[list(safe)] = True
    table[128:] = above_ascii
    return table


_IRI_SAFE: Final = _table(_UNRESERVED, above_ascii=True)
_URI_SAFE: Final = _table(_UNRESERVED, above_ascii=False)
_LABEL_SAFE: Final = _table(_ALPHANUMERIC, above_ascii=False)


@compiled
def _encode(data: Any, offsets: Any, safe: Any, digits: Any, mark: int) -> Any:  # pragma: no cover
    count = len(offsets) - 1
    ends = np.zeros(count + 1, np.int64)
    size = 0
    for row in range(count):
        for k in range(offsets[row], offsets[row + 1]):
            size += 1 if safe[data[k]] else 3
        ends[row + 1] = size
    out = np.empty(size, np.uint8)
    n = 0
    for k in range(offsets[0], offsets[count]):
        byte = data[k]
        if safe[byte]:
            out[n] = byte
            n += 1
        else:
            out[n], out[n + 1], out[n + 2] = mark, digits[byte >> 4], digits[byte & 15]
            n += 3
    return ends, out


def _run(texts: pa.Array, safe: Any, mark: str = "%") -> pa.Array:
    if len(texts) == 0:
        return texts
    large = pc.fill_null(pc.cast(texts, pa.large_string()), "")
    _, offset_buffer, data_buffer = large.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64)[large.offset : large.offset + len(large) + 1]
    data = np.frombuffer(data_buffer or b"", np.uint8)
    ends, out = _encode(data, offsets, safe, _HEX, ord(mark))
    encoded = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(out))
    result = pc.cast(encoded, pa.string())
    return pc.if_else(pc.is_valid(texts), result, pa.scalar(None, pa.string()))


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


def forbidden_in_iri(iris: pa.Array) -> pa.Array:
    """Whether each text holds a character no IRI may hold."""
    return pc.match_substring_regex(iris, _IRI_FORBIDDEN)
