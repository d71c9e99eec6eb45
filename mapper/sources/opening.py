"""Choose the reader for a logical source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..model import LogicalSource
from ..vocabulary import CSV, GEO_PARQUET, JSON_PATH, RASTER_ZONES, VECTOR
from .base import Source, resolve
from .csv import CsvSource
from .json import JsonSource
from .parquet import ParquetSource
from .raster import RasterSource
from .vector import VectorSource

_READERS: Final[dict[str, Callable[[LogicalSource, Path], Source]]] = {
    CSV: CsvSource,
    JSON_PATH: JsonSource,
    VECTOR: VectorSource,
    GEO_PARQUET: ParquetSource,
}


def open_source(source: LogicalSource, base_dir: Path, mapping_dir: Path) -> Source:
    """Open a logical source; nothing but its head is read yet.

    Raises
    ------
    InputError
        The file is missing or not of its kind.
    CRSError
        It has geometry and neither file nor mapping names the CRS.
    """
    path = resolve(source, base_dir, mapping_dir)
    if source.formulation == RASTER_ZONES:
        confidence = source.option("confidence")
        beside = confidence and resolve(source, base_dir, mapping_dir, confidence)
        return RasterSource(source, path, beside or None)
    return _READERS[source.formulation](source, path)
