"""Choose the reader for a logical source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..model import LogicalSource
from ..vocabulary import CSV, DATABASES, GEO_PARQUET, JSON_PATH, RASTER_ZONES, VECTOR, XPATH
from .base import Source, Surroundings, resolve
from .csv import CsvSource
from .database import open_database
from .json import JsonSource
from .parquet import ParquetSource
from .raster import open_raster
from .vector import VectorSource
from .xml import XmlSource

Opener = Callable[[LogicalSource, Surroundings], Source]


def _file(reader: Callable[[LogicalSource, Path], Source]) -> Opener:
    return lambda source, around: reader(source, resolve(source, around))


_OPENERS: Final[dict[str, Opener]] = {
    CSV: _file(CsvSource),
    JSON_PATH: _file(JsonSource),
    XPATH: _file(XmlSource),
    VECTOR: _file(VectorSource),
    GEO_PARQUET: _file(ParquetSource),
    RASTER_ZONES: open_raster,
    **dict.fromkeys(DATABASES, open_database),
}


def open_source(source: LogicalSource, around: Surroundings) -> Source:
    """Open a logical source; nothing but its head is read yet.

    Raises
    ------
    InputError
        The file is missing or not of its kind.
    CRSError
        It has geometry and neither file nor mapping names the CRS.
    """
    return _OPENERS[source.formulation](source, around)
