"""Writers of the fields, chunk by chunk: GeoPackage or GeoParquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS

from .crops import CROPS
from .fields import FieldChunk
from .layout import LAEA

_LAYER: Final = "fields"
_FIXED_DATE: Final = "2018-12-31T00:00:00.000Z"

ChunkWriter = Callable[[pa.RecordBatch], None]


def field_batch(chunk: FieldChunk, image_id: npt.NDArray[np.str_]) -> pa.RecordBatch:
    """Columns of the fields as users see them: the true class is not among them."""
    codes = pa.array([crop.hcat for crop in CROPS])
    names = pa.array([crop.name for crop in CROPS])
    hectares = np.round(shapely.area(chunk.geometry) / 10_000, 4)
    numbers = pa.array(chunk.number).cast(pa.string())
    return pa.record_batch(
        {
            "field_id": pa.compute.binary_join_element_wise(
                "F", pa.compute.utf8_lpad(numbers, 8, "0"), ""
            ),
            "hcat3_code": codes.take(pa.array(chunk.mapped)),
            "hcat3_name": names.take(pa.array(chunk.mapped)),
            "confidence": pa.array(chunk.confidence),
            "area_ha": pa.array(hectares),
            "image_id": pa.array(image_id.astype(object), pa.string()),
            "geometry": pa.array(shapely.to_wkb(chunk.geometry), pa.binary()),
        }
    )


@contextmanager
def steady_date() -> Iterator[None]:
    """Let GDAL record a fixed date of writing, so that equal data are equal files."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


@contextmanager
def field_writer(path: Path) -> Iterator[ChunkWriter]:
    """Open ``fields.gpkg`` or ``fields.parquet`` for chunks; an old file is replaced."""
    path.unlink(missing_ok=True)
    opener = _parquet if path.suffix == ".parquet" else _geopackage
    with opener(path) as write:
        yield write


@contextmanager
def _geopackage(path: Path) -> Iterator[ChunkWriter]:
    def write(batch: pa.RecordBatch) -> None:
        pyogrio.write_arrow(
            pa.table(batch),
            path,
            layer=_LAYER,
            driver="GPKG",
            geometry_name="geometry",
            geometry_type="Polygon",
            crs=LAEA,
            append=path.exists(),
            layer_metadata=None if path.exists() else {"synthetic": "true"},
        )

    with steady_date():
        yield write


@contextmanager
def _parquet(path: Path) -> Iterator[ChunkWriter]:
    writers: list[pq.ParquetWriter] = []

    def write(batch: pa.RecordBatch) -> None:
        if not writers:
            metadata = {"geo": json.dumps(_geo()), "synthetic": "true"}
            writers.append(pq.ParquetWriter(path, batch.schema.with_metadata(metadata)))
        writers[0].write_batch(batch.replace_schema_metadata(writers[0].schema.metadata))

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()


def _geo() -> dict[str, Any]:
    column = {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "crs": CRS.from_user_input(LAEA).to_json_dict(),
    }
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
