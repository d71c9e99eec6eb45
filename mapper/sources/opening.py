"""Choose the reader for a logical source."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from ..language.model import LogicalSource
from ..language.vocabulary import (
    CSV,
    DATABASES,
    GEO_PARQUET,
    JSON_PATH,
    RASTER_CHANGE,
    RASTER_FRACTIONS,
    RASTER_ZONES,
    SPARQL,
    STAC,
    VECTOR,
    XPATH,
)
from .base import Source, Surroundings, resolve

Opener = Callable[[LogicalSource, Surroundings], Source]


def _file(module: str, name: str) -> Opener:
    return lambda source, around: _named(module, name)(source, resolve(source, around))


def _opener(module: str, name: str) -> Opener:
    return lambda source, around: _named(module, name)(source, around)


def _named(module: str, name: str) -> Callable[..., Source]:
    """Import a reader once a source needs it: those of OGR and rasters take 0.3 s to import."""
    found: Callable[..., Source] = getattr(import_module(f".{module}", __package__), name)
    return found


_OPENERS: Final[dict[str, Opener]] = {
    CSV: _file("csv", "CsvSource"),
    JSON_PATH: _file("json", "JsonSource"),
    XPATH: _file("xml", "XmlSource"),
    SPARQL: _file("sparql", "SparqlSource"),
    STAC: _file("stac", "open_stac"),
    VECTOR: _file("vector", "VectorSource"),
    GEO_PARQUET: _file("parquet", "ParquetSource"),
    RASTER_ZONES: _opener("rasters", "ZoneSource"),
    RASTER_FRACTIONS: _opener("rasters", "FractionSource"),
    RASTER_CHANGE: _opener("rasters", "ChangeSource"),
    **dict.fromkeys(DATABASES, _opener("database", "open_database")),
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
