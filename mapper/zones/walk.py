"""Compiled inner loops of :mod:`mapper.zones.finder`: the outlines of zones, walked within a tile.

An outline is walked with its zone on the right: right, down, left, up are 0, 1, 2, 3. Vertices
are numbers, row * across + column; in a walk they are doubled, and odd where the outline may
touch itself. What leaves a tile is an arc; arcs are linked once their zone is complete.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled

from .kernel import label_at

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
    for k in range(2 * (height + width)):
        if k == width:
            continue  # the corner is part of the top
        i, j = _border(k, height, width)
        for way in range(4):
            if not _enters(framed, i, j, way, none):
                continue
            a, b = _owner(i, j, way)
            label = left[a] if b < 0 else label_at(a, b, above, starts, zones, rows, base)
            begin = written
            ii, jj, end_way, written = _walk(framed, i, j, way, origin, seen, turns, written)
            arcs[count, 0], arcs[count, 2], arcs[count, 4] = label, way, end_way
            arcs[count, 1] = (row + i) * across + column + j
            arcs[count, 3] = (row + ii) * across + column + jj
            arcs[count, 5] = written - begin
            count += 1
    for i in range(height):
        for j in range(width):
            value = framed[i + 1, j + 1]
            if value == none or framed[i, j + 1] == value or seen[i, j]:
                continue
            begin = written
            _, _, _, written = _walk(framed, i, j, RIGHT, origin, seen, turns, written)
            vertex = (row + i) * across + column + j
            arcs[count, 0] = label_at(i, j, above, starts, zones, rows, base)
            arcs[count, 1] = arcs[count, 3] = vertex
            arcs[count, 2] = arcs[count, 4] = -1
            arcs[count, 5] = written - begin
            count += 1
    return arcs[:count].copy(), turns[:written].copy()


@njit(inline="always")
def _border(k: int, height: int, width: int) -> Any:  # pragma: no cover - compiled
    """Vertices around a tile: those of the top, the left, the bottom, the right."""
    if k < width:
        return 0, k
    if k < width + height:
        return k - width, 0
    if k < 2 * width + height:
        return height, k - width - height
    return k - 2 * width - height, width


@njit(inline="always")
def _enters(framed: Any, i: int, j: int, way: int, none: int) -> bool:  # pragma: no cover
    """Whether an outline comes into the tile by the edge that goes this way from (i, j)."""
    height, width = framed.shape[0] - 1, framed.shape[1] - 1
    if (i == height and way != UP) or (j == width and way != LEFT):
        return False
    if (i == 0 and way == UP) or (j == 0 and way == LEFT):
        return False
    a, b = _owner(i, j, way)
    c, d = _other(i, j, way)
    value = framed[a + 1, b + 1]
    if value == none or framed[c + 1, d + 1] == value:
        return False
    return _is_entry(framed, i, j, way)
