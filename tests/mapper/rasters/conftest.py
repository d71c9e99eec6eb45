from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from mapper.language.model import LogicalSource
from mapper.language.vocabulary import GL
from mapper.sources import Surroundings, open_source

GRID = rasterio.Affine(10, 0, 4e6, 0, -10, 3e6)


class Rasters:
    """Writes rasters into a folder and reads them as sources."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remarks: tuple[str, ...] = ()

    def write(
        self,
        name: str,
        values: Any,
        crs: str | None = "EPSG:3035",
        transform: Any = GRID,
        names: tuple[str, ...] = (),
        **profile: Any,
    ) -> Path:
        """Write bands, the first axis of three."""
        bands = values if values.ndim == 3 else values[None]
        path = self.folder / name
        size = {"width": bands.shape[2], "height": bands.shape[1], "count": len(bands)}
        given = {"driver": "GTiff", "dtype": bands.dtype, "crs": crs, "transform": transform}
        with rasterio.open(path, "w", **given | size | profile) as raster:
            raster.write(bands)
            for number, own in enumerate(names, 1):
                raster.set_band_description(number, own)
        return path

    def read(
        self, name: str, *, kind: str = "Zones", iterator: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """All columns of a source as arrays; geometry as shapely's."""
        chosen = tuple(sorted((key, str(value)) for key, value in options.items()))
        source = LogicalSource(name, "base", f"{GL}Raster{kind}", iterator, chosen)
        reader = open_source(source, Surroundings(self.folder, self.folder))
        wanted = list(reader.columns or ())
        found: dict[str, list[Any]] = {column: [] for column in wanted}
        numbers: list[int] = []
        for batch in reader.batches(wanted):
            numbers += batch.numbers.tolist()
            for column, cells in batch.columns.items():
                if cells.rows is None:
                    found[column] += cells.values.to_pylist()
        assert numbers == list(range(1, len(numbers) + 1))
        self.remarks = reader.remarks
        self.crs = reader.crs
        columns: dict[str, Any] = {key: np.array(value) for key, value in found.items()}
        columns["geometry"] = shapely.from_wkb(found["geometry"])
        return columns


@pytest.fixture
def rasters(tmp_path: Path) -> Rasters:
    return Rasters(tmp_path)
