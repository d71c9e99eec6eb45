"""Compiled inner loops of :mod:`mapper.zones`: outlines walked, linked, cut and written as WKB.

An outline is walked with its zone on the right: right, down, left, up are 0, 1, 2, 3. Vertices
are numbers, row * across + column; in a walk they are doubled, and odd where the outline may
touch itself. What leaves a tile is an arc; arcs are linked once their zone is complete.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled

from .zonekernel import label_at

RIGHT, DOWN, LEFT, UP = 0, 1, 2, 3


@njit(inline="always")
def _ahead(framed: Any, i: int, j: int, way: int) -> Any:  # pragma: no cover - compiled
    """Pixels on the right and on the left behind the vertex (i, j), for who arrives that way."""
    if way == RIGHT:
        return framed[i + 1, j + 1], framed[i, j + 1]
    if way == DOWN:
        return framed[i + 1, j], framed[i + 1, j + 1]
    if way == LEFT:
        return framed[i, j], framed[i + 1, j]
    return framed[i, j + 1], framed[i, j]


@njit(inline="always")
def _is_entry(framed: Any, i: int, j: int, way: int) -> bool:  # pragma: no cover - compiled
    """Whether the edge that goes this way from (i, j) bounds a zone and comes from another tile."""
    height, width = framed.shape[0] - 1, framed.shape[1] - 1
    if i == height or j == width:
        return True
    right, _ = _ahead(framed, i, j, way)
    behind_left, behind_right = _ahead(framed, i, j, (way + 2) & 3)
    if behind_right != right:
        came = (way + 3) & 3
    elif behind_left != right:
        came = way
    else:
        came = (way + 1) & 3
    return (came == DOWN and i == 0) or (came == RIGHT and j == 0)


@njit(inline="always")
def _owner(i: int, j: int, way: int) -> Any:  # pragma: no cover - compiled
    """The pixel whose outline the edge from (i, j) is."""
    if way == RIGHT:
        return i, j
    if way == DOWN:
        return i, j - 1
    if way == LEFT:
        return i - 1, j - 1
    return i - 1, j


@njit
def _walk(
    framed: Any, i: int, j: int, way: int, origin: Any, seen: Any, out: Any, written: int
) -> Any:  # pragma: no cover - compiled
    """Follow an outline from (i, j) until it closes or leaves the tile.

    ``origin`` is (row, column, across) of the tile. Returns the place and way of the end, and the
    end of the turns written.
    """
    height, width = framed.shape[0] - 1, framed.shape[1] - 1
    row, column, across = origin
    a, b = _owner(i, j, way)
    value = framed[a + 1, b + 1]
    start_i, start_j, start_way = i, j, way
    while True:
        if way == RIGHT:
            seen[i, j] = True
            j += 1
        elif way == DOWN:
            i += 1
        elif way == LEFT:
            j -= 1
        else:
            i -= 1
        if i == height or j == width:
            return i, j, way, written
        right, left = _ahead(framed, i, j, way)
        if right != value:
            turn = (way + 1) & 3
        elif left != value:
            turn = way
        else:
            turn = (way + 3) & 3
        if (turn == UP and i == 0) or (turn == LEFT and j == 0):
            return i, j, way, written
        if turn != way:
            touches = 1 if right != value and left == value else 0
            out[written] = ((row + i) * across + column + j) * 2 + touches
            written += 1
        way = turn
        if i == start_i and j == start_j and way == start_way:
            return i, j, way, written


@compiled
def outlines(
    framed: Any,
    above: Any,
    left: Any,
    starts: Any,
    zones: Any,
    rows: Any,
    base: int,
    origin: Any,
    none: int,
) -> Any:  # pragma: no cover - compiled
    """Arcs and closed rings of a tile.

    Returns ``arcs``, shape (n, 6): zone, start vertex, way at the start (-1: closed ring), end
    vertex, way at the end, number of its turns after the start; and the turns.
    """
    height, width = framed.shape[0] - 1, framed.shape[1] - 1
    row, column, across = origin
    seen = np.zeros((height, width), np.bool_)
    turns = np.empty(4 * (height + 1) * (width + 1), np.int64)
    arcs = np.empty(((height + 4) * (width + 4), 6), np.int64)
    count = 0
    written = 0
    border = 2 * (height + width)
    for k in range(border):
        if k < width:
            i, j = 0, k
        elif k < width + height:
            i, j = k - width, 0
        elif k < 2 * width + height:
            i, j = height, k - width - height
        else:
            i, j = k - 2 * width - height, width
        if k == width:
            continue  # the corner is part of the top
        for way in range(4):
            if (i == height and way != UP) or (j == width and way != LEFT):
                continue
            if (i == 0 and way == UP) or (j == 0 and way == LEFT):
                continue
            a, b = _owner(i, j, way)
            value = framed[a + 1, b + 1]
            if value == none:
                continue
            c, d = _other(i, j, way)
            if framed[c + 1, d + 1] == value or not _is_entry(framed, i, j, way):
                continue
            before = written
            ii, jj, end_way, written = _walk(framed, i, j, way, origin, seen, turns, written)
            if b < 0:
                arcs[count, 0] = left[a]
            else:
                arcs[count, 0] = label_at(a, b, above, starts, zones, rows, base)
            arcs[count, 1] = (row + i) * across + column + j
            arcs[count, 2] = way
            arcs[count, 3] = (row + ii) * across + column + jj
            arcs[count, 4] = end_way
            arcs[count, 5] = written - before
            count += 1
    for i in range(height):
        for j in range(width):
            value = framed[i + 1, j + 1]
            if value == none or framed[i, j + 1] == value or seen[i, j]:
                continue
            before = written
            _, _, _, written = _walk(framed, i, j, RIGHT, origin, seen, turns, written)
            vertex = (row + i) * across + column + j
            arcs[count, 0] = label_at(i, j, above, starts, zones, rows, base)
            arcs[count, 1] = vertex
            arcs[count, 2] = -1
            arcs[count, 3] = vertex
            arcs[count, 4] = -1
            arcs[count, 5] = written - before
            count += 1
    return arcs[:count].copy(), turns[:written].copy()


@njit(inline="always")
def _other(i: int, j: int, way: int) -> Any:  # pragma: no cover - compiled
    """The pixel on the other side of the edge from (i, j)."""
    if way == RIGHT:
        return i - 1, j
    if way == DOWN:
        return i, j
    if way == LEFT:
        return i, j - 1
    return i - 1, j - 1


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
    parts = np.zeros(count, np.int64)
    offsets = np.zeros(count + 1, np.int64)
    for k in range(len(zone)):
        parts[zone[k]] += 1
        offsets[zone[k] + 1] += 9
    for ring in range(rings):
        offsets[zone[part[ring]] + 1] += 4 + 16 * (sizes[ring] + 1)
    for k in range(count):
        offsets[k + 1] += offsets[k] + (9 if parts[k] > 1 else 0)
    out = np.empty(offsets[count], np.uint8)
    number = np.zeros(1, np.uint32)
    number_bytes = number.view(np.uint8)
    point = np.zeros(2, np.float64)
    point_bytes = point.view(np.uint8)
    at = 0
    ring = 0
    for k in range(len(zone)):
        if parts[zone[k]] > 1 and (k == 0 or zone[k] != zone[k - 1]):
            out[at] = 1
            number[0] = 6
            out[at + 1 : at + 5] = number_bytes
            number[0] = parts[zone[k]]
            out[at + 5 : at + 9] = number_bytes
            at += 9
        last = ring
        while last < rings and part[last] == k:
            last += 1
        out[at] = 1
        number[0] = 3
        out[at + 1 : at + 5] = number_bytes
        number[0] = last - ring
        out[at + 5 : at + 9] = number_bytes
        at += 9
        while ring < last:
            size = sizes[ring]
            number[0] = size + 1
            out[at : at + 4] = number_bytes
            at += 4
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
