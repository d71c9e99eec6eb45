"""The class map and its confidence as rasters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import rasterio
from rasterio import Affine
from rasterio.features import rasterize

from .crops import CROPS
from .layout import LAEA

PIXEL: Final = 20.0  # metres
WINDOW_BLOCKS: Final = 16  # the rasters cover this many blocks along a side at most
NO_CONFIDENCE: Final = 255


def write_rasters(
    geometry: npt.NDArray[Any],
    mapped: npt.NDArray[np.int64],
    confidence: npt.NDArray[np.float64],
    bounds: tuple[float, float, float, float],
    directory: Path,
) -> dict[str, int]:
    """Write ``classmap.tif``, ``confidence.tif`` and ``classmap_legend.csv``.

    A pixel belongs to the field that its centre lies in. Classes are 1, 2, ... as in the
    legend, 0 where there is no field; confidence is in percent, 255 where there is none.

    Returns
    -------
    dict of str to int
        HCAT 3 code to number of pixels.
    """
    west, _, east, north = bounds
    size = round((east - west) / PIXEL)
    place = Affine(PIXEL, 0.0, west, 0.0, -PIXEL, north)
    shapes = zip(geometry, range(1, len(geometry) + 1), strict=True)
    number = (
        rasterize(shapes, (size, size), transform=place, dtype="int32")
        if len(geometry)
        else np.zeros((size, size), np.int32)
    )
    classes = np.concatenate([[0], mapped + 1]).astype(np.uint8)[number]
    percent = np.concatenate([[NO_CONFIDENCE], np.rint(confidence * 100)]).astype(np.uint8)[number]
    _write(classes, place, 0, directory / "classmap.tif")
    _write(percent, place, NO_CONFIDENCE, directory / "confidence.tif")
    _write_legend(directory / "classmap_legend.csv")
    counts = np.bincount(classes.ravel(), minlength=len(CROPS) + 1)[1:]
    return {crop.hcat: int(n) for crop, n in zip(CROPS, counts, strict=True) if n}


def _write(values: npt.NDArray[np.uint8], place: Affine, nodata: int, path: Path) -> None:
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": 1, "crs": LAEA, "transform": place,
        "width": values.shape[1], "height": values.shape[0], "nodata": nodata,
        "compress": "deflate", "tiled": True,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)
        target.update_tags(SYNTHETIC="true", GENERATOR="geoloom.scenario")


def _write_legend(path: Path) -> None:
    table = pa.table(
        {
            "value": pa.array(range(1, len(CROPS) + 1), pa.int64()),
            "hcat3_code": pa.array([crop.hcat for crop in CROPS]),
            "label": pa.array([crop.name for crop in CROPS]),
            "color": pa.array([crop.color for crop in CROPS]),
        }
    )
    pacsv.write_csv(table, path)
