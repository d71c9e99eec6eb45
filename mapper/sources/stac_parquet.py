"""STAC items in a GeoParquet file, whose columns are the items' properties."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import MappingError, UnsupportedError

from ..language.model import LogicalSource
from ..language.vocabulary import did_you_mean
from ..terms.cells import Batch, Cells, column
from .parquet import ParquetSource

_FIRST: Final[dict[str, tuple[str, ...]]] = {
    "acquired": ("datetime", "start_datetime"),
    "start": ("start_datetime", "datetime"),
    "end": ("end_datetime", "datetime"),
}
_NOT_HERE: Final = ("links.", "asset.")
_SIDES: Final = {"west": "xmin", "south": "ymin", "east": "xmax", "north": "ymax"}


def absent_fields(path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the remark on fields that no record has."""
    return (f"{path}: no row has {', '.join(names)}",) if names else ()


class StacParquet:
    """Items of a GeoParquet file by the same names as of JSON; ``*`` and links there are not.

    Parameters
    ----------
    source : LogicalSource
    path : Path
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        if source.iterator not in (None, "items"):
            raise UnsupportedError(
                f"STAC {source.iterator} cannot be read from Parquet",
                where=str(path),
                remedy="map the items, or save the STAC as JSON",
            )
        self._path = path
        self._inner = ParquetSource(source, path)
        self._names = set(self._inner.columns or {})
        self.columns: dict[str, pa.DataType] | None = None
        self.crs: str | None = self._inner.crs
        self.rows: int | None = self._inner.rows
        self.remarks: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()

    def check(self, references: Mapping[str, str]) -> None:
        """Find the column of each field, given with its place in the mapping.

        Raises
        ------
        MappingError
            A field cannot be in this file.
        """
        for reference, where in references.items():
            if "*" in reference or reference == "assets" or reference.startswith(_NOT_HERE):
                raise MappingError(
                    "This field cannot be read from Parquet",
                    where=f"{where}: {reference}",
                    remedy=did_you_mean(reference, self._names),
                )

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read batches of rows, only the columns asked for."""
        needed = {ref: self._columns_of(ref) for ref in references}
        absent = {ref for ref, names in needed.items() if not names}
        wanted = sorted({name for names in needed.values() for name in names})
        for batch in self._inner.batches(wanted or sorted(self._names)[:1]):
            cells = {
                ref: self._cells(ref, [batch.columns[name] for name in names], len(batch))
                for ref, names in needed.items()
            }
            yield Batch(cells, batch.numbers, batch.rejected)
        if self.rows:
            self.remarks = absent_fields(self._path, tuple(sorted(absent)))

    def _columns_of(self, reference: str) -> tuple[str, ...]:
        if reference in self._names:
            return (reference,)
        if reference in _FIRST:
            return tuple(name for name in _FIRST[reference] if name in self._names)
        first = reference.split(".")[0]
        return (first,) if first in self._names else ()

    def _cells(self, reference: str, parts: list[Cells], count: int) -> Cells:
        if not parts:
            return Cells(pa.nulls(count, pa.string()))
        if reference in self._names:
            return parts[0]
        if reference in _FIRST:
            return Cells(pc.coalesce(*(part.values for part in parts)))
        values = parts[0].values
        for name in reference.split(".")[1:]:
            name = _SIDES.get(name, name) if reference.startswith("bbox.") else name
            if not pa.types.is_struct(values.type) or values.type.get_field_index(name) < 0:
                values = pa.nulls(len(values), pa.string())
            else:
                values = pc.struct_field(values, name)
        return column(values) if parts[0].rows is None else replace(parts[0], values=values)
