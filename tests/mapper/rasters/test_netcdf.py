"""netCDF: variables, bands by time, probability beside the classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil

from ontology import MappingError

VALUES = np.array([[1, 1, 0], [2, 1, 0], [2, 2, 2]], np.uint8)


def netcdf(rasters: Any, name: str, bands: Any, **tags: str) -> Path:
    """Make a netCDF file of a GeoTIFF; tags describe its dimensions to GDAL."""
    source = rasters.write("before.tif", bands)
    with rasterio.open(source, "r+") as raster:
        raster.update_tags(**tags)
    path: Path = rasters.folder / name
    rasterio.shutil.copy(source, path, driver="netCDF")
    return path


def test_variables(rasters: Any) -> None:
    netcdf(rasters, "in.nc", np.stack([VALUES, VALUES * 10 + 50]))
    with pytest.raises(MappingError, match="several variables") as caught:
        rasters.read("in.nc")
    assert "Band1, Band2" in str(caught.value)
    zones = rasters.read("in.nc", layer="Band1", confidenceLayer="Band2", confidenceScale=100)
    assert zones["pixels"].sum() == 9
    assert zones["value"].tolist() == [1, 0, 2]
    assert zones["mean_confidence"].tolist() == [0.6, 0.5, 0.7]
    with pytest.raises(MappingError, match="no variable depth"):
        rasters.read("in.nc", layer="depth")


def test_bands_by_time(rasters: Any) -> None:
    netcdf(
        rasters,
        "in.nc",
        np.stack([VALUES, VALUES.T]),
        **{
            "NETCDF_DIM_EXTRA": "{time}",
            "NETCDF_DIM_time_DEF": "{2,6}",
            "NETCDF_DIM_time_VALUES": "{0,365}",
            "time#units": "days since 2020-01-01 00:00:00",
            "time#calendar": "standard",
        },
    )
    first = rasters.read("in.nc", band="2020-01-01")
    second = rasters.read("in.nc", band="2020-12-31")
    assert first["zone"].tolist() == rasters.read("in.nc", band=1)["zone"].tolist()
    assert second["zone"].tolist() == rasters.read("in.nc", band=2)["zone"].tolist()
    assert len(first["zone"]) != 0
    change = rasters.read("in.nc", kind="Change", band="2020-01-01", afterBand="2020-12-31")
    assert change["pixels"].sum() == (VALUES != VALUES.T).sum()
    with pytest.raises(MappingError, match="no band 2021-01-01") as caught:
        rasters.read("in.nc", band="2021-01-01")
    assert "1 2020-01-01, 2 2020-12-31" in str(caught.value)
