"""Compiled inner loops of :mod:`mapper.zones.finder`: runs of pixels, their labels and statistics.

A tile comes with one row of pixels above it and one column left of it (``framed``), and
perhaps with a column of nothing on its right. A value of ``none`` belongs to no zone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled


@njit(inline="always")
def find(parent: Any, label: int) -> int:  # pragma: no cover - compiled
    """Root of a label, with the way to it halved."""
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@njit(inline="always")
def join(parent: Any, first: int, second: int) -> int:  # pragma: no cover - compiled
    """Unite two labels (the first may be -1) under the lower root."""
    if first < 0:
        return find(parent, second)
    a, b = find(parent, first), find(parent, second)
    if a > b:
        a, b = b, a
    parent[b] = a
    return a


@compiled
def label_runs(framed: Any, width: int, none: int) -> Any:  # pragma: no cover
    """Cut a tile's rows into runs of one value and label those that are connected in the tile.

    Returns start column and zone (-1: nothing) of each run, the offset of each row's runs, and
    the number of zones, which are numbered by their first pixel.
    """
    height = framed.shape[0] - 1
    starts = np.empty(height * width, np.int32)
    zones = np.empty(height * width, np.int32)
    rows = np.zeros(height + 1, np.int64)
    parent = np.empty(height * width, np.int32)
    runs = 0
    count = 0
    for i in range(height):
        above = rows[i - 1] if i > 0 else 0
        above_end = runs
        j = 0
        while j < width:
            value = framed[i + 1, j + 1]
            start = j
            j += 1
            while j < width and framed[i + 1, j + 1] == value:
                j += 1
            mine = -1
            if value != none:
                while above + 1 < above_end and starts[above + 1] <= start:
                    above += 1
                other = above
                while other < above_end and starts[other] < j:
                    if zones[other] >= 0 and framed[i, starts[other] + 1] == value:
                        mine = join(parent, mine, zones[other])
                    other += 1
                if mine < 0:
                    mine = count
                    parent[count] = count
                    count += 1
            starts[runs] = start
            zones[runs] = mine
            runs += 1
        rows[i + 1] = runs
    final = np.empty(count, np.int32)
    roots = 0
    for label in range(count):
        root = find(parent, label)
        if root == label:
            final[label] = roots
            roots += 1
        else:
            final[label] = final[root]
    for run in range(runs):
        if zones[run] >= 0:
            zones[run] = final[zones[run]]
    return starts[:runs], zones[:runs], rows, roots


@compiled
def join_seams(
    framed: Any, above: Any, left: Any, starts: Any, zones: Any, rows: Any, parent: Any, base: int
) -> None:  # pragma: no cover - compiled
    """Unite a tile's zones with those of the pixels above and on the left.

    ``above`` and ``left`` are labels of the frame's pixels (-1: nothing), ``base`` is the label
    of the tile's first zone.
    """
    height, width = len(left), len(above)
    for run in range(rows[0], rows[1]):
        if zones[run] >= 0:
            end = starts[run + 1] if run + 1 < rows[1] else width
            for j in range(starts[run], end):
                if above[j] >= 0 and framed[0, j + 1] == framed[1, j + 1]:
                    join(parent, base + zones[run], above[j])
    for i in range(height):
        if left[i] >= 0 and framed[i + 1, 0] == framed[i + 1, 1]:
            join(parent, base + zones[rows[i]], left[i])


@compiled
def join_corners(
    framed: Any,
    above: Any,
    left: Any,
    starts: Any,
    zones: Any,
    rows: Any,
    group: Any,
    base: int,
    corner: Any,
) -> None:  # pragma: no cover - compiled
    """Unite zones of one class that touch at corners.

    ``corner`` is (label above left, label above right, value above right).
    """
    height, width = len(left), len(above)
    for i in range(height):
        for run in range(rows[i], rows[i + 1]):
            if zones[run] < 0:
                continue
            start = starts[run]
            end = starts[run + 1] if run + 1 < rows[i + 1] else width
            value = framed[i + 1, start + 1]
            mine = base + zones[run]
            if framed[i, start] == value:
                if start == 0:
                    join(group, mine, left[i - 1] if i > 0 else corner[0])
                else:
                    join(group, mine, label_at(i - 1, start - 1, above, starts, zones, rows, base))
            if end < width:
                if framed[i, end + 1] == value:
                    join(group, mine, label_at(i - 1, end, above, starts, zones, rows, base))
            elif i == 0 and corner[1] >= 0 and corner[2] == value:
                join(group, mine, corner[1])
            if start == 0 and i + 1 < height and framed[i + 2, 0] == value:
                join(group, mine, left[i + 1])


@njit(inline="always")
def label_at(
    i: int, j: int, above: Any, starts: Any, zones: Any, rows: Any, base: int
) -> Any:  # pragma: no cover - compiled
    """Label of a pixel of a tile or of the row above it."""
    if i < 0:
        return above[j]
    low, high = rows[i], rows[i + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= j:
            low = middle
        else:
            high = middle
    return base + zones[low]


@compiled
def gather(
    framed: Any,
    starts: Any,
    zones: Any,
    rows: Any,
    place: Any,
    areas: Any,
    layers: Any,
    stats: Any,
) -> None:  # pragma: no cover - compiled
    """Add a tile's pixels to the statistics of its zones.

    ``place`` is (index of the tile's first pixel, width of the raster, width of the tile, label of
    the tile's first zone); ``areas`` has one column if pixels of a row are equal; ``stats`` is
    (value, pixels, first, area, totals, known, lowest, highest), the last four by layer.
    """
    value, pixels, first, area, totals, known, lowest, highest = stats
    index, across, width, base = place
    even = areas.shape[1] == 1
    for i in range(len(rows) - 1):
        for run in range(rows[i], rows[i + 1]):
            if zones[run] < 0:
                continue
            zone = base + zones[run]
            start = starts[run]
            end = starts[run + 1] if run + 1 < rows[i + 1] else width
            if pixels[zone] == 0:
                value[zone] = framed[i + 1, start + 1]
                first[zone] = index + i * across + start
            pixels[zone] += end - start
            if even:
                area[zone] += (end - start) * areas[i, 0]
            else:
                for j in range(start, end):
                    area[zone] += areas[i, j]
            for layer in range(layers.shape[0]):
                for j in range(start, end):
                    weight = layers[layer, i, j]
                    if not np.isnan(weight):
                        totals[layer, zone] += weight
                        known[layer, zone] += 1
                        lowest[layer, zone] = min(lowest[layer, zone], weight)
                        highest[layer, zone] = max(highest[layer, zone], weight)


@compiled
def labels_of_edges(zones: Any, starts: Any, rows: Any, width: int, base: int) -> Any:
    """Labels of a tile's last row and last column (-1: nothing)."""  # pragma: no cover
    height = len(rows) - 1
    bottom = np.full(width, -1, np.int64)
    right = np.full(height, -1, np.int64)
    for run in range(rows[height - 1], rows[height]):
        if zones[run] >= 0:
            end = starts[run + 1] if run + 1 < rows[height] else width
            bottom[starts[run] : end] = base + zones[run]
    for i in range(height):
        last = zones[rows[i + 1] - 1]
        if last >= 0:
            right[i] = base + last
    return bottom, right


@compiled
def settle(parent: Any, stats: Any) -> Any:  # pragma: no cover - compiled
    """Move the statistics of labels that have met to their root; returns the root of each."""
    _, pixels, first, area, totals, known, lowest, highest = stats
    roots = np.empty(len(parent), np.int64)
    for label in range(len(parent)):
        root = find(parent, label)
        roots[label] = root
        if root == label:
            continue
        pixels[root] += pixels[label]
        first[root] = min(first[root], first[label])
        area[root] += area[label]
        for layer in range(totals.shape[0]):
            totals[layer, root] += totals[layer, label]
            known[layer, root] += known[layer, label]
            lowest[layer, root] = min(lowest[layer, root], lowest[layer, label])
            highest[layer, root] = max(highest[layer, root], highest[layer, label])
            totals[layer, label] = 0.0
            known[layer, label] = 0
        pixels[label] = 0
        area[label] = 0.0
    return roots


@compiled
def roots(parent: Any) -> Any:  # pragma: no cover - compiled
    """Root of each label."""
    found = np.empty(len(parent), np.int64)
    for label in range(len(parent)):
        found[label] = find(parent, label)
    return found
