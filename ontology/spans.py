"""The bytes of texts and of binary values, as compiled kernels want them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Spans(NamedTuple):
    """Rows of bytes: row ``k`` is ``data[offsets[k]:offsets[k + 1]]``.

    Attributes
    ----------
    data : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]


def spans_of(column: pa.Array) -> Spans:
    """Look at a column of strings or bytes without copying it; a null may have bytes, too."""
    wide = pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type)
    _, offset_buffer, buffer = column.buffers()
    ends = np.frombuffer(offset_buffer or bytes(8), np.int64 if wide else np.int32)
    offsets = ends[column.offset : column.offset + len(column) + 1].astype(np.int64, copy=False)
    return Spans(np.frombuffer(buffer or b"", np.uint8), offsets)
