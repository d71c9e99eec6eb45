"""What a Parquet part holds besides rows: encodings, and the GeoParquet description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ontology import CRS84, Boxes, crs_from

from .wkb_boxes import around

_SAMPLE: Final = 4096
_FIRST: Final = 20_480
_WORTH: Final = 2 / 3
"""Share of its size a column of numbers must shrink to."""
_FEW: Final = 16
"""Occurrences of each value from which on a dictionary is small beside its indices."""
_KINDS: Final = (
    "", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def write_part(path: Path, table: pa.Table, group_rows: int) -> None:
    """Write a table as one Parquet file, its metadata as key and value.

    A column gets a dictionary where its values repeat. Texts and geometries are compressed, numbers
    and the indices of a dictionary only where that pays: to decompress ids and measurements, which
    hardly shrink, would double the time of a scan.
    """
    plain = table.replace_schema_metadata(None)
    repeated = {name for name in table.column_names if _repeats(table.column(name))}
    with pq.ParquetWriter(
        path,
        plain.schema,
        compression={
            name: "zstd" if _shrinks(table.column(name), name in repeated) else "none"
            for name in table.column_names
        },
        use_dictionary=[*repeated],
        write_statistics=[
            field.name for field in plain.schema if not pa.types.is_binary(field.type)
        ],
        store_schema=False,
    ) as out:
        out.write_table(plain, row_group_size=group_rows)
        out.add_key_value_metadata(table.schema.metadata or {})


def _repeats(column: pa.ChunkedArray) -> bool:
    step = max(len(column) // _SAMPLE, 1)
    if pa.types.is_boolean(column.type) or pa.types.is_binary(column.type):
        return False
    sample = column.take(pa.array(np.arange(0, len(column), step))) if step > 1 else column
    return bool(pc.count_distinct(sample, mode="all").as_py() * 2 < max(len(sample), 1))


def _shrinks(column: pa.ChunkedArray, repeated: bool) -> bool:
    """Whether a column is worth being compressed, judged by its first rows."""
    held, packed = column.slice(0, _FIRST).combine_chunks(), 1.0
    if repeated:
        encoded = held.dictionary_encode()
        different = len(encoded.dictionary)
        if different * _FEW > len(held):
            return True
        held = encoded.indices.cast(pa.int16())
        packed = different.bit_length() / 16
    elif not pa.types.is_primitive(held.type):
        return True
    values = held.buffers()[1]
    if values is None:
        return False
    shrunk: int = len(pa.Codec("zstd").compress(values))
    return bool(shrunk < _WORTH * packed * values.size)


def geo_metadata(columns: Mapping[str, tuple[str, Boxes]]) -> bytes:
    """Describe columns of WKB (GeoParquet 1.0, file metadata); the first is the primary one.

    Parameters
    ----------
    columns : mapping of column to (CRS IRI, Boxes)
    """
    document = {
        "version": "1.0.0",
        "primary_column": next(iter(columns)),
        "columns": {name: _geo_column(crs, boxes) for name, (crs, boxes) in columns.items()},
    }
    return json.dumps(document).encode()


def _geo_column(crs: str, boxes: Boxes) -> dict[str, Any]:
    codes = np.flatnonzero(np.bincount(boxes.kinds)).tolist()
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [_KINDS[code % 1000] + " Z" * (code > 1000) for code in codes],
    }
    if (box := around(boxes.bounds)) and np.isfinite(box).all():
        column["bbox"] = [*box]
    if crs != CRS84:
        column["crs"] = _projjson(crs)
    return column


@lru_cache(maxsize=64)
def _projjson(crs: str) -> dict[str, Any]:
    found: dict[str, Any] = crs_from(crs).to_json_dict()
    return found
