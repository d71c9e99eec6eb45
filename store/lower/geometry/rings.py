"""Where the rings of an overlay begin, so that texts of the same answer are more often the same.

The shells of a union, intersection or difference run clockwise and their holes the other way, and
each ring begins where it comes onto the boundary of the first argument: at a vertex that is none
of the first argument's, followed by one that is, the earliest in the first argument's own order.
GEOS from 3.9 on begins anywhere; the answers of the GeoSPARQL compliance benchmark, compared as
text, begin by this rule. A ring without such a vertex keeps its beginning. Coordinates are never
changed.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numba import njit

from ontology import compiled

_POINT: Final = 1
_LINE: Final = 2
_POLYGON: Final = 3
_MULTIPOLYGON: Final = 6
_HEADER: Final = 5
_ABSENT: Final = np.iinfo(np.int64).max


def begun(made: pa.Array | pa.ChunkedArray, first: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Overlay results as WKB in little endian, their rings begun by the rule above."""
    result, model = _plain(made), _plain(first)
    ends, data = _buffers(result)
    written = data.copy()
    _begin_all(written, ends, *reversed(_buffers(model)))
    buffers = [result.buffers()[0], pa.py_buffer(ends), pa.py_buffer(written)]
    return pa.Array.from_buffers(pa.binary(), len(result), buffers, result.null_count)


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One binary array that begins at its buffers' beginning."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    whole = whole.cast(pa.binary())
    return whole if whole.offset == 0 else pa.concat_arrays([whole])


def _buffers(column: pa.Array) -> tuple[Any, Any]:
    _, ends, data = column.buffers()
    size = 0 if data is None else data.size
    offsets = np.frombuffer(ends, np.int32)[: len(column) + 1] if ends else np.zeros(1, np.int32)
    return offsets, np.frombuffer(data, np.uint8) if size else np.zeros(0, np.uint8)


@njit(inline="always")
def _int(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    return (
        np.int64(data[at])
        | np.int64(data[at + 1]) << 8
        | np.int64(data[at + 2]) << 16
        | np.int64(data[at + 3]) << 24
    )


@compiled
def _begin_all(
    data: Any, ends: Any, model: Any, model_ends: Any
) -> None:  # pragma: no cover - compiled
    for row in range(len(ends) - 1):
        at, end = ends[row], ends[row + 1]
        if end - at <= _HEADER + 4 or data[at] != 1:
            continue
        kind = _int(data, at + 1) % 1000
        if kind in (_POLYGON, _MULTIPOLYGON):
            vertices = _vertices(model, model_ends[row], model_ends[row + 1])
            _begin(data, at, vertices, _table(vertices))


@compiled
def _begin(data: Any, at: int, vertices: Any, table: Any) -> None:  # pragma: no cover - compiled
    polygons = 1
    while polygons > 0:
        kind = _int(data, at + 1)
        count = _int(data, at + _HEADER)
        at += _HEADER + 4
        polygons -= 1
        if kind % 1000 == _MULTIPOLYGON:
            polygons = count
            continue
        width = 2 + (kind >= 1000) + (kind >= 3000)
        for ring in range(count):
            points = _int(data, at)
            size = points * width * 8
            at += 4
            _turn(data[at : at + size], points, width, ring == 0, vertices, table)
            at += size


@compiled
def _turn(
    data: Any, count: int, width: int, shell: bool, vertices: Any, table: Any
) -> None:  # pragma: no cover - compiled
    points = data.copy().view(np.float64).reshape(count, width)
    last = count - 1
    turning = 0.0
    for at in range(last):
        x, y = points[at, 0] - points[0, 0], points[at, 1] - points[0, 1]
        turning += x * (points[at + 1, 1] - points[0, 1]) - y * (points[at + 1, 0] - points[0, 0])
    if (turning > 0) == shell:
        points = points[::-1].copy()
    start, best = 0, _ABSENT
    before = _place(points[last - 1], vertices, table)
    for at in range(last):
        place = _place(points[at], vertices, table)
        if before == _ABSENT and place < best:
            start, best = (at - 1) % last, place
        before = place
    turned = np.empty_like(points)
    turned[: last - start] = points[start:last]
    turned[last - start : last] = points[:start]
    turned[last] = turned[0]
    data[:] = turned.reshape(count * width).view(np.uint8)


@compiled
def _vertices(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """All vertices of a WKB in little endian, of any kind and depth."""
    found = np.empty(((end - at) // 16 + 1, 2), np.float64)
    known = 0
    while at + _HEADER <= end and data[at] == 1:
        kind = _int(data, at + 1)
        width = 2 + (kind >= 1000) + (kind >= 3000)
        at += _HEADER
        rings = 1
        if kind % 1000 != _POINT:
            count = _int(data, at)
            at += 4
            if kind % 1000 > _POLYGON:
                continue
            rings = count if kind % 1000 == _POLYGON else 1
        for _ in range(rings):
            points = 1
            if kind % 1000 == _POLYGON:
                points = _int(data, at)
                at += 4
            elif kind % 1000 == _LINE:
                points = count
            size = points * width * 8
            rows = data[at : at + size].copy().view(np.float64).reshape(points, width)
            found[known : known + points] = rows[:, :2]
            known += points
            at += size
    return found[:known]


@compiled
def _table(vertices: Any) -> Any:  # pragma: no cover - compiled
    """An open hash table of the vertices' places; of equal ones the first."""
    size = 8
    while size < 2 * len(vertices):
        size *= 2
    table = np.full(size, -1, np.int64)
    for place in range(len(vertices)):
        slot = _slot(vertices[place], size)
        while table[slot] >= 0 and not _same(vertices[table[slot]], vertices[place]):
            slot = (slot + 1) % size
        if table[slot] < 0:
            table[slot] = place
    return table


@compiled
def _place(point: Any, vertices: Any, table: Any) -> Any:  # pragma: no cover - compiled
    slot = _slot(point, len(table))
    while table[slot] >= 0:
        if _same(vertices[table[slot]], point):
            return table[slot]
        slot = (slot + 1) % len(table)
    return _ABSENT


@njit(inline="always")
def _same(a: Any, b: Any) -> Any:  # pragma: no cover - compiled
    return a[0] == b[0] and a[1] == b[1]


@njit(inline="always")
def _slot(point: Any, size: int) -> Any:  # pragma: no cover - compiled
    return hash((point[0], point[1])) % size
