"""Which logical sources a file holds: layers, tables, records, members of an archive."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from ontology import InputError

from ..language.model import Database, LogicalSource
from ..language.vocabulary import CSV, GEO_PARQUET, RASTER_ZONES, SQL_TABLE, VECTOR
from ..sources.archives import data_sets
from ..sources.compressed import gdal_path, plain_name
from .delimited import csv_options
from .documents import json_source, xml_source
from .stac import stac_source

_SUFFIXES: Final = {
    ".csv": CSV,
    ".tsv": CSV,
    ".parquet": GEO_PARQUET,
    ".geoparquet": GEO_PARQUET,
    ".tif": RASTER_ZONES,
    ".tiff": RASTER_ZONES,
    ".vrt": RASTER_ZONES,
    ".img": RASTER_ZONES,
    ".jp2": RASTER_ZONES,
    ".nc": RASTER_ZONES,
}
_DATABASES: Final = {
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
_DOCUMENTS: Final = {".json": json_source, ".xml": xml_source}


@dataclass(frozen=True, slots=True)
class Layer:
    """A logical source and what is known of it before it is read.

    ``folder`` is where its relative path begins; ``paths`` are the references of documents.
    """

    source: LogicalSource
    folder: Path
    paths: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()


def layers_of(path: str | Path) -> list[Layer]:
    """Find the layers of a file, or the tables of a database given by its URL.

    Raises
    ------
    InputError
        It is missing or of no known kind.
    """
    if isinstance(path, str) and "://" in path:
        return _tables(path, Path.cwd())
    file = Path(path)
    if not file.exists():
        raise InputError("A source does not exist", where=str(file), remedy="check the path")
    database = _DATABASES.get(file.suffix.lower())
    if database is not None:
        return _tables(f"{database}:///{file.resolve()}", file.parent)
    if file.suffix.lower() != ".zip":
        return _layers(file, None)
    inside = data_sets(file)
    if not inside:
        return _layers(file, None)
    several = len(inside) > 1
    return [layer for name in inside for layer in _layers(file, name, several=several)]


def _layers(file: Path, member: str | None, *, several: bool = False) -> list[Layer]:
    """Layers of a file or of a data set in an archive."""
    name = plain_name(file) if member is None else PurePosixPath(member).name.lower()
    options = (("member", str(member)),) if several else ()
    for suffix, formulation in _SUFFIXES.items():
        if name.endswith(suffix):
            nulls = ("",) if formulation == CSV else ()
            source = LogicalSource(file.name, "base", formulation, options=options, nulls=nulls)
            if formulation == CSV:
                found = (*options, *csv_options(source, file))
                source = replace(source, options=tuple(sorted(found)))
            return [Layer(source, file.parent)]
    import pyogrio  # slow to import, as are the databases below
    from pyogrio.errors import DataSourceError

    if member is None and file.suffix.lower() in (".json", ".geojson"):
        stac = stac_source(file)
        if stac is not None:
            return [Layer(stac[0], file.parent, stac[1])]
    source = LogicalSource(file.name, "base", VECTOR, options=options)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # reading the layer tells them as remarks
            names = [str(layer) for layer, _ in pyogrio.list_layers(gdal_path(source, file))]
    except DataSourceError as error:
        return [_document(file, name, error)]
    if len(names) == 1:
        return [Layer(source, file.parent)]
    return [
        Layer(replace(source, options=(("layer", layer), *options)), file.parent) for layer in names
    ]


def _document(file: Path, name: str, error: Exception) -> Layer:
    reader = _DOCUMENTS.get(Path(name).suffix)
    if reader is None or file.suffix.lower() == ".zip":
        raise InputError(
            "This kind of file is not known",
            where=str(file),
            why=str(error),
            remedy="convert it to GeoPackage, GeoParquet, CSV or GeoTIFF",
        ) from error
    source, paths = reader(file)
    return Layer(source, file.parent, paths)


def _tables(url: str, folder: Path) -> list[Layer]:
    from ..sources.database import connect

    database = Database(url)
    system = connect(url)
    return [
        Layer(
            LogicalSource("", "base", SQL_TABLE, table.name, database=database),
            folder,
            primary_key=table.primary_key,
            foreign_keys=tuple((k.columns, k.table, k.targets) for k in table.foreign_keys),
        )
        for table in (system.table(name) for name in system.tables())
    ]
