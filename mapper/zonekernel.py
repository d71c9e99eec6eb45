"""Compiled inner loops of :mod:`mapper.zones`: labels, statistics, edges, rings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled

RIGHT, DOWN, LEFT, UP = 0, 1, 2, 3


@njit(inline="always")
def _find(parent: Any, label: int) -> int:  # pragma: no cover - compiled
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@njit(inline="always")
def _join(parent: Any, first: int, second: int) -> int:  # pragma: no cover - compiled
    if first < 0:
        return _find(parent, second)
    a, b = _find(parent, first), _find(parent, second)
    if a > b:
        a, b = b, a
    parent[b] = a
    return a


@compiled
def label_strip(
    values: Any, valid: Any, above: Any, above_labels: Any, carried: int, diagonal: bool
) -> Any:  # pragma: no cover - compiled
    """Label a strip's zones, continuing the labels of the row above it.

    Labels below ``carried`` are those of the row above (-1: none); returns the labels of the
    strip and, for every provisional label, its final one.
    """
    height, width = values.shape
    labels = np.full((height, width), -1, np.int64)
    parent = np.empty(carried + height * width, np.int64)
    for label in range(carried):
        parent[label] = label
    count = carried
    for i in range(height):
        for j in range(width):
            if not valid[i, j]:
                continue
            mine = -1
            if j > 0 and valid[i, j - 1] and values[i, j - 1] == values[i, j]:
                mine = _join(parent, mine, labels[i, j - 1])
            for k in range(j - 1, j + 2) if diagonal else range(j, j + 1):
                if k < 0 or k >= width:
                    continue
                other = labels[i - 1, k] if i > 0 else above_labels[k]
                if other >= 0 and (values[i - 1, k] if i > 0 else above[k]) == values[i, j]:
                    mine = _join(parent, mine, other)
            if mine < 0:
                mine = count
                parent[count] = count
                count += 1
            labels[i, j] = mine
    final = np.empty(count, np.int64)
    zones = 0
    for label in range(count):
        root = _find(parent, label)
        if root == label:
            final[label] = zones
            zones += 1
        else:
            final[label] = final[root]
    for i in range(height):
        for j in range(width):
            if labels[i, j] >= 0:
                labels[i, j] = final[labels[i, j]]
    return labels, final, zones


@compiled
def gather(
    labels: Any, values: Any, confidence: Any, cell_areas: Any, first_index: int, stats: Any
) -> None:  # pragma: no cover - compiled
    """Add a strip's pixels to the statistics of its zones.

    ``stats`` is (value, pixels, first, area, confidence sum, confidence count, minimum).
    """
    value, pixels, first, area, total, known, lowest = stats
    height, width = labels.shape
    weighed = confidence.size > 0
    for i in range(height):
        for j in range(width):
            zone = labels[i, j]
            if zone < 0:
                continue
            value[zone] = values[i, j]
            pixels[zone] += 1
            first[zone] = min(first[zone], first_index + i * width + j)
            area[zone] += cell_areas[i]
            if weighed and not np.isnan(confidence[i, j]):
                total[zone] += confidence[i, j]
                known[zone] += 1
                lowest[zone] = min(lowest[zone], confidence[i, j])


@compiled
def edges_of_strip(labels: Any, above_labels: Any, first_row: int) -> Any:  # pragma: no cover
    """Unit edges between zones, the zone on the right of each edge (clockwise on the map).

    Bottom edges of the strip's last row are left to the next strip. Returns zone, start
    vertex (row * (width + 1) + column) and direction.
    """
    height, width = labels.shape
    count = 0
    for i in range(height):
        for j in range(width):
            up = labels[i - 1, j] if i > 0 else above_labels[j]
            left = labels[i, j - 1] if j > 0 else -1
            if up != labels[i, j]:
                count += 2
            if left != labels[i, j]:
                count += 2
        count += 1
    zone = np.empty(count, np.int64)
    vertex = np.empty(count, np.int64)
    direction = np.empty(count, np.int8)
    n = 0
    across = width + 1
    for i in range(height):
        row = (first_row + i) * across
        for j in range(width):
            mine = labels[i, j]
            up = labels[i - 1, j] if i > 0 else above_labels[j]
            left = labels[i, j - 1] if j > 0 else -1
            if up != mine:
                if mine >= 0:
                    zone[n], vertex[n], direction[n] = mine, row + j, RIGHT
                    n += 1
                if up >= 0:
                    zone[n], vertex[n], direction[n] = up, row + j + 1, LEFT
                    n += 1
            if left != mine:
                if mine >= 0:
                    zone[n], vertex[n], direction[n] = mine, row + across + j, UP
                    n += 1
                if left >= 0:
                    zone[n], vertex[n], direction[n] = left, row + j, DOWN
                    n += 1
        if labels[i, width - 1] >= 0:
            zone[n], vertex[n], direction[n] = labels[i, width - 1], row + width, DOWN
            n += 1
    return zone[:n], vertex[:n], direction[:n]


@njit(inline="always")
def _first_at(vertex: Any, start: int, end: int, wanted: int) -> int:  # pragma: no cover
    low, high = start, end
    while low < high:
        middle = (low + high) // 2
        if vertex[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def rings_of(zone: Any, vertex: Any, direction: Any, across: int) -> Any:  # pragma: no cover
    """Close unit edges, sorted by (zone, vertex), to simple rings without straight vertices.

    Where a zone touches itself at a corner the walk stays with its pixel, and a ring that
    meets itself is cut in two, so every ring is simple. Returns the zone, signed area (positive:
    outer ring) and end offset of each ring, and the rings' vertices.
    """
    count = len(zone)
    used = np.zeros(count, np.bool_)
    place = np.full(count, -1, np.int64)
    path = np.empty(count, np.int64)  # edges of the walk, each standing for its start vertex
    out = np.empty(count, np.int64)
    ring_zone = np.empty(count, np.int64)
    ring_area = np.empty(count, np.int64)
    ring_end = np.empty(count, np.int64)
    step = np.array([1, across, -1, -across], np.int64)
    rings = 0
    written = 0
    start = 0
    while start < count:
        end = start
        while end < count and zone[end] == zone[start]:
            end += 1
        for seed in range(start, end):
            edge = seed
            depth = 0
            while not used[edge]:
                used[edge] = True
                spot = _first_at(vertex, start, end, vertex[edge])
                place[spot] = depth
                path[depth] = edge
                depth += 1
                came = direction[edge]
                goal = vertex[edge] + step[came]
                spot = _first_at(vertex, start, end, goal)
                if place[spot] >= 0:
                    begin = place[spot]
                    double_area = 0
                    for k in range(begin, depth):
                        here = path[k]
                        before = path[depth - 1] if k == begin else path[k - 1]
                        place[_first_at(vertex, start, end, vertex[here])] = -1
                        if direction[here] != direction[before]:
                            out[written] = vertex[here]
                            written += 1
                        if direction[here] == DOWN:
                            double_area += vertex[here] % across
                        elif direction[here] == UP:
                            double_area -= vertex[here] % across
                    ring_zone[rings] = zone[start]
                    ring_area[rings] = double_area
                    ring_end[rings] = written
                    rings += 1
                    depth = begin
                edge = spot
                if spot + 1 < end and vertex[spot + 1] == goal:
                    edge = _turn(used, direction, spot, (came + 1) % 4)
        start = end
    return ring_zone[:rings], ring_area[:rings], ring_end[:rings], out[:written]


@njit(inline="always")
def _turn(used: Any, direction: Any, spot: int, right: int) -> int:  # pragma: no cover
    for k in (spot, spot + 1):
        if not used[k] and direction[k] == right:
            return k
    return spot + 1 if used[spot] else spot
