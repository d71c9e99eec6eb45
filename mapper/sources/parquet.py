"""Parquet and GeoParquet by row groups."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ontology import InputError, UnsupportedError, crs_from

from ..language.model import LogicalSource
from ..terms.cells import Batch, column
from .base import BATCH_ROWS, GEOMETRY, chosen_crs, unreadable
from .compressed import BROKEN, opened, packing


class ParquetSource:
    """A Parquet file; its geometry column (GeoParquet metadata or ``gl:geometryColumn``) is WKB."""

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._path = path
        self._source = source
        self._open = ExitStack()
        try:
            packed = packing(source, path) is not None
            stream = self._open.enter_context(opened(source, path)) if packed else path
            self._file = pq.ParquetFile(stream)
        except (pa.ArrowException, *BROKEN) as error:
            raise unreadable(str(path), error, "check that it is a Parquet file") from error
        names = self._file.schema_arrow.names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                "A Parquet file needs columns of different names",
                where=str(path),
                why=f"{twice} stand twice",
                remedy="rename the columns",
            )
        self.rows: int | None = self._file.metadata.num_rows
        self.remarks: tuple[str, ...] = ()

    @cached_property
    def geo(self) -> dict[str, Any]:
        """GeoParquet metadata, empty when there is none."""
        raw = (self._file.schema_arrow.metadata or {}).get(b"geo")
        return dict(json.loads(raw)) if raw else {}

    @cached_property
    def geometry_column(self) -> str | None:
        """Name of the geometry column."""
        return self._source.option("geometryColumn") or self.geo.get("primary_column")

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI: of the mapping, else of the file's metadata (absent there means CRS84)."""
        name = self.geometry_column
        if name is None:
            return None
        meta = self.geo.get("columns", {}).get(name, {"crs": None})
        if meta.get("encoding", "WKB") != "WKB":
            raise UnsupportedError(
                f"GeoParquet encoding {meta['encoding']} is not supported",
                where=f"{self._path}, column {name}",
                remedy="write the file with WKB encoding",
            )
        found = meta.get("crs", "CRS84")
        text = json.dumps(found) if isinstance(found, dict) else found
        where = f"{self._path}, column {name}"
        return chosen_crs(text and crs_from(text).to_wkt(), self._source, where)

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Columns of the file, and ``geometry`` for its geometry."""
        found = {field.name: field.type for field in self._file.schema_arrow}
        if self.geometry_column is not None:
            found.setdefault(GEOMETRY, pa.binary())
        return found

    def _records(self, names: list[str]) -> Iterator[Any]:
        try:
            yield from self._file.iter_batches(BATCH_ROWS, columns=names)
        except (pa.ArrowException, OSError) as error:
            remedy = "the file may be damaged; copy it again"
            raise unreadable(str(self._path), error, remedy) from error

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read batches of rows, only the columns asked for."""
        geometry = self.geometry_column
        own = {field.name for field in self._file.schema_arrow}
        names = {ref: ref if ref in own else str(geometry) for ref in references}
        done = 0
        wanted = sorted(set(names.values()))
        for record in self._records(wanted):
            cells = {
                ref: column(
                    record.column(name),
                    self.crs if name == geometry else None,
                    self._source.nulls,
                )
                for ref, name in names.items()
            }
            yield Batch(cells, np.arange(done + 1, done + record.num_rows + 1))
            done += record.num_rows
