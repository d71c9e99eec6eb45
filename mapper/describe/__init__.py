"""What is in a file: its layers, columns, coordinate reference system, values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import shapely

from ontology import CRSError, read_wkb

from ..language.model import LogicalSource
from ..language.vocabulary import CSV, JSON_PATH, STAC, XPATH
from ..sources import Source, Surroundings, open_source
from .columns import KEPT, Column, ColumnLook
from .layers import Layer, layers_of

__all__ = ["KEPT", "PATHS", "Column", "SourceDescription", "describe_source"]

MOST_ROWS: Final = 1_000_000
"""So many rows of a source are looked at."""

PATHS: Final = (JSON_PATH, XPATH, STAC)
"""Formulations whose references are paths, which may lead nowhere."""


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """One layer of a file, or one table of a database.

    Attributes
    ----------
    source : LogicalSource
        As a mapping would name it.
    rows : int, optional
        Number of rows, where it is known.
    complete : bool
        All rows were looked at.
    crs : str, optional
        CRS IRI; None without geometry, or when the file does not say it.
    has_geometry : bool
    geometry_types : tuple of str
        That occur in the first rows.
    columns : tuple of Column
    primary_key : tuple of str
        As a database says it.
    foreign_keys : tuple of (columns, table, columns there)
        As a database says it.
    """

    source: LogicalSource
    rows: int | None
    complete: bool
    crs: str | None
    has_geometry: bool
    geometry_types: tuple[str, ...]
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of this name (KeyError if there is none)."""
        return next(column for column in self.columns if column.name == name)


def describe_source(path: str | Path) -> tuple[SourceDescription, ...]:
    """Describe every layer of a file.

    Up to a million rows are read.

    Parameters
    ----------
    path : path
        CSV, TSV, JSON, XML, Parquet, GeoParquet, a class raster, anything OGR reads, zip
        archives of these; a file of SQLite or DuckDB, or the URL of a database.

    Raises
    ------
    InputError
        The file is missing or of no known kind.
    """
    return tuple(_describe(layer) for layer in layers_of(path))


def _describe(layer: Layer) -> SourceDescription:
    logical = layer.source
    source = open_source(logical, Surroundings(layer.folder, layer.folder))
    crs = _crs(source)
    names, geometry = _columns(layer, source)
    looks = {name: ColumnLook(name) for name in names}
    read, complete = 0, True
    for batch in source.batches(names) if names else ():
        for name, look in looks.items():
            look.add(batch.columns[name], len(batch))
        read += len(batch) + len(batch.rejected)
        if read >= MOST_ROWS:
            complete = source.rows == read
            break
    return SourceDescription(
        logical,
        read if complete and names else source.rows,
        complete,
        crs,
        geometry,
        _types(source) if geometry and crs is not None and not layer.paths else (),
        tuple(look.column() for look in looks.values()),
        layer.primary_key,
        layer.foreign_keys,
    )


def _columns(layer: Layer, source: Source) -> tuple[list[str], bool]:
    """Names of the columns to look at, and whether there is a geometry."""
    if layer.source.formulation in PATHS:
        return list(layer.paths), layer.source.formulation == STAC
    kinds = source.columns or {}
    geometry = "geometry" in kinds and layer.source.formulation != CSV
    names = [n for n, kind in kinds.items() if not (geometry and pa.types.is_binary(kind))]
    return [name for name in names if not (geometry and name == "geometry")], geometry


def _crs(source: Source) -> str | None:
    try:
        return source.crs
    except CRSError:
        return None


def _types(source: Source) -> tuple[str, ...]:
    """Types of the geometries of the first batch."""
    first = next(iter(source.batches(["geometry"])), None)
    if first is None:
        return ()
    shapes, _ = read_wkb(first.columns["geometry"].values)
    kinds = {shape.geom_type for shape in shapes[~shapely.is_missing(shapes)]}
    return tuple(sorted(kinds))
