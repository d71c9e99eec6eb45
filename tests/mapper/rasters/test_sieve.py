"""Zones under a minimum mapping unit: left out, or given to their neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasterio.windows import Window

from mapper.sources.rasters.grid import Raster
from mapper.zones.sieve import merge_small
from ontology import MappingError

NONE = np.iinfo(np.int32).min


def slowly_merged(values: Any, least: int, diagonal: bool) -> Any:
    """The rule of the sieve, pixel by pixel."""
    height, width = values.shape
    near = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    around = [*near, (1, 1), (1, -1), (-1, 1), (-1, -1)] if diagonal else near
    zone = np.full(values.shape, -1)
    members: list[list[tuple[int, int]]] = []
    for start in np.ndindex(values.shape):
        if zone[start] >= 0 or values[start] == NONE:
            continue
        zone[start] = len(members)
        found = [start]
        for i, j in found:
            for down, right in around:
                k, m = i + down, j + right
                inside = 0 <= k < height and 0 <= m < width
                if inside and zone[k, m] < 0 and values[k, m] == values[start]:
                    zone[k, m] = len(members)
                    found.append((k, m))
        members.append(found)
    out = values.copy()
    for found in members:
        borders: dict[int, int] = {}
        for i, j in found:
            for down, right in near:
                k, m = i + down, j + right
                if not (0 <= k < height and 0 <= m < width) or values[k, m] == NONE:
                    continue
                if zone[k, m] != zone[i, j] and len(members[zone[k, m]]) >= least:
                    borders[values[k, m]] = borders.get(values[k, m], 0) + 1
        if len(found) < least and borders:
            best = max(borders, key=lambda code: (borders[code], -code))
            for place in found:
                out[place] = best
    return out


@pytest.mark.parametrize("diagonal", [False, True])
def test_small_zones_go_to_the_longest_border(diagonal: bool) -> None:
    random = np.random.default_rng(7)
    for least in (2, 3, 5, 9):
        values = np.kron(random.integers(0, 4, (9, 8)), np.ones((2, 3))).astype(np.int32)
        values[random.random(values.shape) < 0.3] = 3
        values[random.random(values.shape) < 0.05] = NONE
        expected = slowly_merged(values, least, diagonal)
        assert (merge_small(values, least, diagonal, NONE) == expected).all()


def test_the_windows_do_not_matter(rasters: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(8)
    values = np.kron(random.integers(0, 4, (12, 15)), np.ones((4, 4))).astype(np.uint8)
    values[random.random(values.shape) < 0.25] = 5
    rasters.write("in.tif", values)
    options = {"minimumPixels": 4, "smallZones": "merge"}
    whole = rasters.read("in.tif", **options)
    remarks = rasters.remarks

    def small(self: Raster, band: int, within: Any = None) -> Any:
        height, width = self.shape
        for row in range(0, height, 7):
            for column in range(0, width, 9):
                yield Window(column, row, min(9, width - column), min(7, height - row))

    monkeypatch.setattr(Raster, "windows", small)
    cut = rasters.read("in.tif", **options)
    assert rasters.remarks == remarks
    for name in ("zone", "value", "pixels"):
        assert (whole[name] == cut[name]).all()
    assert whole["pixels"].min() >= 4
    expected = slowly_merged(values.astype(np.int32), 4, False)
    changed = int((expected != values).sum())
    assert f"{changed} pixels of zones under 4 pixels given" in remarks[0]
    lost = values.size - whole["pixels"].sum()
    assert lost == 0 or f"with {lost} pixels left out" in remarks[1]


def test_merged_pixels_have_no_confidence(rasters: Any) -> None:
    values = np.array([[1, 1, 1], [1, 2, 1]], np.uint8)
    rasters.write("in.tif", np.stack([values, np.array([[90, 90, 90], [90, 10, 90]], np.uint8)]))
    zones = rasters.read("in.tif", minimumPixels=2, smallZones="merge", confidenceBand=2)
    assert zones["pixels"].tolist() == [6]
    assert zones["mean_confidence"].tolist() == [90]
    assert zones["min_confidence"].tolist() == [90]


def test_small_zones_are_left_out_by_default(rasters: Any) -> None:
    rasters.write("in.tif", np.array([[1, 1, 1], [1, 2, 1]], np.uint8))
    assert rasters.read("in.tif", minimumPixels=2)["pixels"].tolist() == [5]
    assert "1 zones under gl:minimumPixels with 1 pixels left out" in rasters.remarks[0]
    with pytest.raises(MappingError, match="drop or merge"):
        rasters.read("in.tif", smallZones="hide")
    with pytest.raises(MappingError, match="at least 1"):
        rasters.read("in.tif", minimumPixels=0)
