"""From spans of a block to Arrow strings."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import compiled

Ints = npt.NDArray[np.int32]

_NO_ESCAPES: Final = np.zeros(0, np.int32)


def _meanings() -> npt.NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    table[list(b"tbnrf\"'\\")] = list(b"\t\b\n\r\f\"'\\")
    return table


_MEANINGS: Final = _meanings()
"""What the character behind a backslash stands for (RDF 1.1 N-Triples, ECHAR)."""


@compiled
def _copy(
    data: Any, starts: Any, ends: Any, escapes: Any, offsets: Any, out: Any
) -> Any:  # pragma: no cover - compiled
    to = 0
    for row in range(len(starts)):
        offsets[row] = to
        at = starts[row]
        end = ends[row]
        if len(escapes) == 0 or escapes[row] == 0:
            for k in range(end - at):  # a slice would compile numba's formatting of its error
                out[to + k] = data[at + k]
            to += end - at
            continue
        while at < end:
            byte = data[at]
            if byte == 0x5C:
                at += 1
                byte = _MEANINGS[data[at]]
            out[to] = byte
            at += 1
            to += 1
    offsets[len(starts)] = to
    return to


def gather(
    data: npt.NDArray[np.uint8], starts: Ints, ends: Ints, escapes: Ints = _NO_ESCAPES
) -> pa.Array:
    """Copy spans of a block into an array of strings.

    Parameters
    ----------
    data : ndarray of uint8
        Valid UTF-8 within the spans.
    starts, ends : ndarray, shape (n,)
    escapes : ndarray, shape (n,), optional
        Not 0 where backslash escapes of one letter are to be read.
    """
    out = np.empty(int((ends - starts).sum(dtype=np.int64)), np.uint8)
    offsets = np.empty(len(starts) + 1, np.int32)
    whole = (np.ascontiguousarray(some) for some in (starts, ends, escapes))
    size = _copy(data, *whole, offsets, out)
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(out[:size]))
