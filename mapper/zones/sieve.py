"""Compiled inner loops that give small zones to their neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from ontology import compiled

from .kernel import find, join


@compiled
def merge_small(values: Any, least: int, diagonal: bool, none: int) -> Any:  # pragma: no cover
    """Classes with zones of fewer than ``least`` pixels given to a neighbour that is larger.

    The neighbouring class with the longest border wins, of equal ones the lowest class.
    """
    zones, size = _zones(values, diagonal, none)
    zone, other = _borders(values, zones, size, least, none)
    order = np.argsort(other, kind="mergesort")
    order = order[np.argsort(zone[order], kind="mergesort")]
    new = np.empty(values.size, values.dtype)
    given = np.zeros(values.size, np.bool_)
    start = 0
    best = 0
    while start < len(order):
        mine, theirs = zone[order[start]], other[order[start]]
        end = start
        while end < len(order) and zone[order[end]] == mine and other[order[end]] == theirs:
            end += 1
        if start == 0 or zone[order[start - 1]] != mine:
            best = 0
        if end - start > best:
            best = end - start
            new[mine] = theirs
            given[mine] = True
        start = end
    out = values.copy()
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            if given[zones[i, j]]:
                out[i, j] = new[zones[i, j]]
    return out


@njit
def _zones(values: Any, diagonal: bool, none: int) -> Any:  # pragma: no cover - compiled
    """Zone of each pixel, and the pixels of each zone."""
    height, width = values.shape
    parent = np.arange(height * width)
    for i in range(height):
        for j in range(width):
            here = values[i, j]
            if here == none:
                continue
            if j > 0 and values[i, j - 1] == here:
                join(parent, i * width + j, i * width + j - 1)
            if i > 0:
                for k in range(max(j - 1, 0), min(j + 2, width)) if diagonal else range(j, j + 1):
                    if values[i - 1, k] == here:
                        join(parent, i * width + j, (i - 1) * width + k)
    size = np.zeros(height * width, np.int64)
    for cell in range(height * width):
        parent[cell] = find(parent, cell)
        size[parent[cell]] += 1
    return parent.reshape(height, width), size


@njit
def _borders(
    values: Any, zones: Any, size: Any, least: int, none: int
) -> Any:  # pragma: no cover - compiled
    """Sides that pixels of small zones share with larger ones: the zone, the other's class."""
    height, width = values.shape
    count = 0
    for i in range(height):
        for j in range(width):
            if values[i, j] != none and size[zones[i, j]] < least:
                count += 4
    zone = np.empty(count, np.int64)
    other = np.empty(count, values.dtype)
    count = 0
    for i in range(height):
        for j in range(width):
            mine = zones[i, j]
            if values[i, j] == none or size[mine] >= least:
                continue
            for k, m in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if k < 0 or m < 0 or k >= height or m >= width or values[k, m] == none:
                    continue
                if zones[k, m] != mine and size[zones[k, m]] >= least:
                    zone[count], other[count] = mine, values[k, m]
                    count += 1
    return zone[:count], other[:count]
