"""A raster to zones, ours or GDAL's. Arguments: WAY RECIPE FILE WORK."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio.features import shapes
from rasterio.windows import Window

from mapper import load_recipe, run_mapping
from ontology import EntityBatch, SinkReport
from store import Store

from .clock import Clock

TILE = 512
WIDE = (4_096, 100_000)


class Counted:
    """Takes columns and counts triples."""

    def __init__(self) -> None:
        self.triples = 0

    def write(self, batch: EntityBatch) -> None:
        """Count."""
        self.triples += batch.triples

    def commit(self) -> SinkReport:
        """Say how many."""
        return SinkReport(self.triples, self.triples)

    def abort(self) -> None:
        """Nothing to take back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        """Nothing to close."""


def main() -> None:
    """Map a small file first, then the one that counts."""
    way, recipe, file, work = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    small = work / "warm" / "2021_30m_cdls.tif"
    small.parent.mkdir(exist_ok=True)
    write(small, 64, 64)
    write(small.with_name("confidence.tif"), 64, 64)
    if way == "wide":
        file = work / "wide.tif"
        if not file.exists():
            write(file, *WIDE)
    run(way, recipe, small, work)
    clock = Clock()
    array: Any = None
    if way == "shapes":
        with rasterio.open(file) as raster:
            array, grid = raster.read(1), raster.transform
        clock = Clock()
        list(shapes(array, mask=array != 0, connectivity=4, transform=grid))
    else:
        run(way, recipe, file, work)
    clock.tell()


def run(way: str, recipe: str, file: Path, work: Path) -> None:
    """Map a file by a recipe."""
    if way == "store":
        folder = work / "zones.store"
        shutil.rmtree(folder, ignore_errors=True)
        store = Store.create(folder)
        run_mapping(load_recipe(recipe, file), store.begin(), file=file)
    elif way != "shapes":
        run_mapping(load_recipe(recipe, file), Counted(), file=file)


def write(path: Path, height: int, width: int) -> None:
    """Write a class raster: sea all around, islands of some classes in every tile."""
    random = np.random.default_rng(1)
    island = np.kron(random.choice([10, 30, 80, 80], (16, 16)), np.ones((4, 4))).astype(np.uint8)
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "crs": "EPSG:3035", "nodata": 0}
    profile |= {"width": width, "height": height, "compress": "deflate"}
    if width > TILE:
        profile |= {"tiled": True, "blockxsize": TILE, "blockysize": TILE}
    grid = rasterio.Affine(10, 0, 4e6, 0, -10, 3e6)
    with rasterio.open(path, "w", **profile, transform=grid) as raster:
        for row in range(0, height, TILE):
            strip = np.full((min(TILE, height - row), width), 80, np.uint8)
            for column in range(0, width - 63, TILE):
                strip[:64, column : column + 64] = island[: len(strip)]
            raster.write(strip, 1, window=Window(0, row, width, len(strip)))


if __name__ == "__main__":
    main()
