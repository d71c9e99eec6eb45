"""Look into a file: its layers, columns, coordinate reference system, first values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.errors import DataSourceError

from ontology import CRSError, InputError

from .cells import Cells
from .model import LogicalSource
from .sources import Source, Surroundings, open_source
from .vocabulary import CSV, GEO_PARQUET, JSON_PATH, RASTER_ZONES, VECTOR

_SUFFIXES: Final = {
    ".csv": CSV,
    ".tsv": CSV,
    ".parquet": GEO_PARQUET,
    ".geoparquet": GEO_PARQUET,
    ".tif": RASTER_ZONES,
    ".tiff": RASTER_ZONES,
    ".vrt": RASTER_ZONES,
    ".img": RASTER_ZONES,
}
_SAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it looks in the first rows.

    Attributes
    ----------
    name : str
    kind : str
        Arrow type.
    values : pa.Array
        Distinct values of the first rows, at most 1000, without null.
    unique : bool
        No value is missing or stands twice there.
    crs : str, optional
        CRS IRI, for geometry.
    """

    name: str
    kind: str
    values: pa.Array
    unique: bool
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """One layer of a file.

    Attributes
    ----------
    source : LogicalSource
        As a mapping would name it.
    rows : int, optional
        Number of rows, where the file says it.
    crs : str, optional
        CRS IRI; None without geometry, or when the file does not say it.
    has_geometry : bool
    columns : tuple of Column
    """

    source: LogicalSource
    rows: int | None
    crs: str | None
    has_geometry: bool
    columns: tuple[Column, ...]


def describe_source(path: str | Path) -> tuple[SourceDescription, ...]:
    """Describe every layer of a file.

    Parameters
    ----------
    path : path
        CSV, TSV, JSON, Parquet, GeoParquet, a class raster, or anything OGR reads.

    Raises
    ------
    InputError
        The file is missing or of no known kind.
    """
    file = Path(path)
    if not file.exists():
        raise InputError("A source does not exist", where=str(file), remedy="check the path")
    return tuple(_describe(source, file) for source in _logical_sources(file))


def _logical_sources(file: Path) -> list[LogicalSource]:
    name = file.name.lower().removesuffix(".gz")
    for suffix, formulation in _SUFFIXES.items():
        if name.endswith(suffix):
            nulls = ("",) if formulation == CSV else ()
            return [LogicalSource(file.name, "base", formulation, nulls=nulls)]
    try:
        layers = [str(layer) for layer, _ in pyogrio.list_layers(file)]
    except DataSourceError as error:
        if name.endswith(".json"):
            return [LogicalSource(file.name, "base", JSON_PATH, _iterator(file))]
        raise InputError(
            "This kind of file is not known",
            where=str(file),
            why=str(error),
            remedy="convert it to GeoPackage, GeoParquet, CSV or GeoTIFF",
        ) from error
    if len(layers) == 1:
        return [LogicalSource(file.name, "base", VECTOR)]
    return [
        LogicalSource(file.name, "base", VECTOR, options=(("layer", layer),)) for layer in layers
    ]


def _iterator(file: Path) -> str:
    return "$[*]" if file.read_text(encoding="utf-8-sig").lstrip().startswith("[") else "$"


def _describe(logical: LogicalSource, file: Path) -> SourceDescription:
    source = open_source(logical, Surroundings(file.parent, file.parent, file=file))
    kinds = source.columns or {}
    crs = _crs(source)
    geometry = "geometry" in kinds and logical.formulation != CSV
    wanted = [n for n, k in kinds.items() if crs or not (geometry and pa.types.is_binary(k))]
    first = next(iter(source.batches(wanted)), None)
    columns = () if first is None else tuple(_column(n, first.columns[n]) for n in wanted)
    return SourceDescription(logical, source.rows, crs, geometry, columns)


def _crs(source: Source) -> str | None:
    try:
        return source.crs
    except CRSError:
        return None


def _column(name: str, cells: Cells) -> Column:
    distinct = pc.unique(cells.values).drop_null()
    unique = cells.rows is None and len(distinct) == len(cells.values)
    return Column(name, str(cells.values.type), distinct[:_SAMPLES], unique, cells.crs)
