"""Compiled inner loops of :mod:`mapper.zones.finder`: outlines linked, cut and written as WKB.

Vertices and turns are those of :mod:`mapper.zones.walk`. Arcs are linked once their zone is
complete.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled


@njit(inline="always")
def _first_at(vertices: Any, start: int, end: int, wanted: int) -> int:  # pragma: no cover
    low, high = start, end
    while low < high:
        middle = (low + high) // 2
        if vertices[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def link(arcs: Any, offsets: Any, turns: Any) -> Any:  # pragma: no cover - compiled
    """Link arcs, sorted by (zone, start vertex), to rings; closed rings pass as they are.

    ``offsets`` is where the turns of each arc begin. Returns the zone and end offset of each
    ring, and their turns.
    """
    count = len(arcs)
    used = np.zeros(count, np.bool_)
    out = np.empty(len(turns) + count, np.int64)
    ring_zone = np.empty(count, np.int64)
    ring_end = np.empty(count, np.int64)
    rings = 0
    written = 0
    begin = 0
    while begin < count:
        end = begin
        while end < count and arcs[end, 0] == arcs[begin, 0]:
            end += 1
        for seed in range(begin, end):
            if used[seed]:
                continue
            arc = seed
            way = -2
            while not used[arc]:
                used[arc] = True
                if arcs[arc, 2] >= 0 and way != -2 and way != arcs[arc, 2]:
                    out[written] = arcs[arc, 1] * 2 + 1
                    written += 1
                size = arcs[arc, 5]
                out[written : written + size] = turns[offsets[arc] : offsets[arc] + size]
                written += size
                if arcs[arc, 2] < 0:
                    break
                way = arcs[arc, 4]
                arc = _next(arcs, begin, end, arc)
            if arcs[seed, 2] >= 0 and way != arcs[seed, 2]:
                out[written] = arcs[seed, 1] * 2 + 1
                written += 1
            ring_zone[rings] = arcs[seed, 0]
            ring_end[rings] = written
            rings += 1
        begin = end
    return ring_zone[:rings], ring_end[:rings], out[:written]


@njit(inline="always")
def _next(arcs: Any, begin: int, end: int, arc: int) -> int:  # pragma: no cover - compiled
    goal = arcs[arc, 3]
    low = _first_at(arcs[:, 1], begin, end, goal)
    right = (arcs[arc, 4] + 1) & 3
    spot = low
    while spot < end and arcs[spot, 1] == goal:
        if arcs[spot, 2] == right:
            return spot
        spot += 1
    spot = low
    while arcs[spot, 2] < 0:
        spot += 1
    return spot


@compiled
def cut(ring_zone: Any, ring_end: Any, turns: Any, across: int) -> Any:  # pragma: no cover
    """Cut rings that touch themselves, so that every ring is simple.

    Returns the zone, twice the signed area (positive: an outer ring) and the end offset of each
    ring, and their vertices.
    """
    total = len(turns)
    out = np.empty(total, np.int64)
    new_zone = np.empty(total, np.int64)
    new_end = np.empty(total, np.int64)
    area = np.empty(total, np.int64)
    twin = np.full(total, -1, np.int64)
    place = np.full(total, -1, np.int64)
    path = np.empty(total, np.int64)
    rings = 0
    written = 0
    begin = 0
    for ring in range(len(ring_zone)):
        end = ring_end[ring]
        _pair(turns, begin, end, twin)
        depth = 0
        for k in range(begin, end):
            other = twin[k]
            if 0 <= other < k and place[other] >= 0:
                first = place[other]
                for step in range(first, depth):
                    place[path[step]] = -1
                    out[written] = turns[path[step]] >> 1
                    written += 1
                depth = first
                new_zone[rings] = ring_zone[ring]
                new_end[rings] = written
                rings += 1
            path[depth] = k
            place[k] = depth
            depth += 1
        for step in range(depth):
            out[written] = turns[path[step]] >> 1
            written += 1
        new_zone[rings] = ring_zone[ring]
        new_end[rings] = written
        rings += 1
        begin = end
    begin = 0
    for ring in range(rings):
        area[ring] = _double_area(out, begin, new_end[ring], across)
        begin = new_end[ring]
    return new_zone[:rings], area[:rings], new_end[:rings], out[:written]


@njit
def _pair(turns: Any, begin: int, end: int, twin: Any) -> None:  # pragma: no cover - compiled
    """Find the vertices at which a ring touches itself: each says where it comes again."""
    marked = 0
    for k in range(begin, end):
        marked += turns[k] & 1
    if marked < 2:
        return
    spots = np.empty(marked, np.int64)
    names = np.empty(marked, np.int64)
    marked = 0
    for k in range(begin, end):
        if turns[k] & 1:
            spots[marked] = k
            names[marked] = turns[k]
            marked += 1
    order = np.argsort(names, kind="mergesort")
    for k in range(1, marked):
        if names[order[k]] == names[order[k - 1]]:
            twin[spots[order[k]]] = spots[order[k - 1]]
            twin[spots[order[k - 1]]] = spots[order[k]]


@njit
def _double_area(vertices: Any, begin: int, end: int, across: int) -> int:  # pragma: no cover
    total = 0
    y, x = divmod(vertices[end - 1], across)
    for k in range(begin, end):
        row, column = divmod(vertices[k], across)
        total += x * row - column * y
        y, x = row, column
    return total


@compiled
def polygons(
    part: Any, begins: Any, sizes: Any, vertices: Any, zone: Any, count: int, across: int, grid: Any
) -> Any:  # pragma: no cover - compiled
    """WKB of zones: a polygon, or a multipolygon of several parts.

    ``part`` is the part of each ring, ascending, its outer ring first; ``zone`` the zone of each
    part, ascending; ``grid`` the affine transform. Outer rings become counterclockwise. Returns
    the offsets of the zones and their bytes.
    """
    a, b, c, d, e, f = grid
    turned = a * e - b * d < 0
    rings = len(part)
    parts, offsets = _room(part, sizes, zone, count)
    out = np.empty(offsets[count], np.uint8)
    point = np.zeros(2, np.float64)
    point_bytes = point.view(np.uint8)
    at = 0
    ring = 0
    for k in range(len(zone)):
        if parts[zone[k]] > 1 and (k == 0 or zone[k] != zone[k - 1]):
            at = _header(out, at, 6, parts[zone[k]])
        last = ring
        while last < rings and part[last] == k:
            last += 1
        at = _header(out, at, 3, last - ring)
        while ring < last:
            size = sizes[ring]
            at = _whole(out, at, size + 1)
            for step in range(size + 1):
                spot = step % size
                if turned:
                    spot = (size - spot) % size
                row, column = divmod(vertices[begins[ring] + spot], across)
                point[0] = a * column + b * row + c
                point[1] = d * column + e * row + f
                for byte in range(16):
                    out[at + byte] = point_bytes[byte]
                at += 16
            ring += 1
    return offsets, out


@njit
def _room(part: Any, sizes: Any, zone: Any, count: int) -> Any:  # pragma: no cover - compiled
    """How many parts each zone has, and where its bytes begin."""
    parts = np.zeros(count, np.int64)
    offsets = np.zeros(count + 1, np.int64)
    for k in range(len(zone)):
        parts[zone[k]] += 1
        offsets[zone[k] + 1] += 9
    for ring in range(len(part)):
        offsets[zone[part[ring]] + 1] += 4 + 16 * (sizes[ring] + 1)
    for k in range(count):
        offsets[k + 1] += offsets[k] + (9 if parts[k] > 1 else 0)
    return parts, offsets


@njit(inline="always")
def _header(out: Any, at: int, kind: int, count: int) -> int:  # pragma: no cover - compiled
    """Write byte order, kind and number of parts; returns where to go on."""
    out[at] = 1
    return _whole(out, _whole(out, at + 1, kind), count)


@njit(inline="always")
def _whole(out: Any, at: int, number: int) -> int:  # pragma: no cover - compiled
    """Write a number in four bytes, the lowest first; returns where to go on."""
    for byte in range(4):
        out[at + byte] = (number >> (8 * byte)) & 255
    return at + 4
