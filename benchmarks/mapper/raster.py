"""Class rasters to zones, beside GDAL's polygonizer over the whole array in memory.

Ours reads the file in tiles, makes zones with statistics and WKB, and maps them by a recipe: to
columns of entities, and into a store. GDAL (``rasterio.features.shapes``) is given the array and
makes shapes alone. A raster of a few pixels is mapped first, so that neither pays for kernels
being loaded; ours is charged for the whole file, GDAL for the polygons only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from benchmarks.measure import Row

from .chosen import Chosen, Found, Target
from .report import absent, at_least, at_most, median_cpu, rows_of
from .systems import OURS, Run, run_ours

GOAL: Final = 0.8
PEAK_MIB: Final = 512.0
SAMPLES: Final = {
    "CDL": ("usda-cdl-confidence", "cdl2021-kansas/2021_30m_cdls.tif", 1_000_000),
    "São Tomé": ("worldcover", "worldcover-saotome/worldcover_2020_v100_saotome.tif", 20_563_200),
}


def raster(chosen: Chosen) -> Found:
    """Both samples and a wide raster; the suites' folder is named by GEOLOOM_SUITES."""
    rows, targets = _wide(chosen)
    place = os.environ.get("GEOLOOM_SUITES")
    for name, (recipe, file, pixels) in SAMPLES.items():
        path = Path(place or "/nowhere") / "data" / file
        case = f"zones of {name}"
        if not path.exists():
            rows.append(absent(case, "sample (set GEOLOOM_SUITES)"))
            continue
        own, found = _sample(chosen, case, recipe, path, pixels)
        rows += own
        targets += found
    return rows, targets


def _sample(
    chosen: Chosen, case: str, recipe: str, path: Path, pixels: int
) -> tuple[list[Row], list[Target]]:
    systems = {
        OURS: ("to_zones", "columns", recipe, path),
        f"{OURS}, into the store": ("to_zones", "store", recipe, path),
        "rasterio.features.shapes": ("to_zones", "shapes", recipe, path),
    }
    runs: dict[str, list[Run]] = {system: [] for system in systems}
    for _ in range(chosen.rounds):
        for system, (module, *arguments) in systems.items():
            runs[system].append(run_ours(module, *arguments, chosen.work))
    rows = rows_of(case, runs, pixels, None)
    bare = median_cpu(runs["rasterio.features.shapes"])
    targets = [
        at_least(f"{case}, pixels per CPU second / shapes", bare / median_cpu(runs[OURS]), GOAL)
    ]
    return rows, targets


def _wide(chosen: Chosen) -> tuple[list[Row], list[Target]]:
    """A raster 100,000 pixels wide whose sea touches every tile."""
    pixels = 100_000 * 4_096
    run = run_ours("to_zones", "wide", "worldcover", "-", chosen.work)
    case = "zones of a raster 100,000 pixels wide"
    peak = run.peak_mb * 1e6 / 2**20
    return rows_of(case, {OURS: [run]}, pixels, None), [
        at_most(f"{case}, peak memory in MiB", peak, PEAK_MIB)
    ]
