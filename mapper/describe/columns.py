"""What a column holds, found in one pass over a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ..terms.cells import Cells

KEPT: Final = 20_000
"""So many distinct values of a column are kept."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it looks in the rows that were read.

    Attributes
    ----------
    name : str
    kind : str
        Arrow type.
    values : pa.Array
        Distinct values in order of appearance, without null, at most 20,000.
    rows, nulls : int
        Rows that were read, and those of them without value.
    unique : bool
        No value is missing or stands twice there.
    crs : str, optional
        CRS IRI, for geometry.
    several : bool
        A row may have several values.
    """

    name: str
    kind: str
    values: pa.Array
    rows: int
    nulls: int
    unique: bool
    crs: str | None = None
    several: bool = False

    @property
    def complete(self) -> bool:
        """Whether ``values`` are all distinct values of the rows."""
        return len(self.values) < KEPT


@dataclass(slots=True)
class ColumnLook:
    """Gathers a :class:`Column` batch by batch."""

    name: str
    kind: str = "null"
    rows: int = 0
    nulls: int = 0
    crs: str | None = None
    several: bool = False
    _values: pa.Array = field(default_factory=lambda: pa.nulls(0))
    _chunks: list[pa.Array] | None = field(default_factory=list)

    def add(self, cells: Cells, rows: int) -> None:
        """Take the values of a batch of so many rows."""
        values = cells.values
        self.crs = cells.crs
        self.several = self.several or cells.rows is not None
        if not (pa.types.is_null(values.type) and self.rows):
            self.kind = str(values.type)
        self.rows += rows
        self.nulls += rows - len(set(cells.rows)) if cells.rows is not None else values.null_count
        if not _comparable(values.type):
            self._chunks = None
            return
        distinct = pc.unique(values).drop_null()
        if self._chunks is not None:
            sole = cells.rows is None and len(distinct) == len(values)
            self._chunks = [*self._chunks, values] if sole else None
        if len(self._values) < KEPT:
            self._values = _union(self._values, distinct)[:KEPT]

    def column(self) -> Column:
        """What was found."""
        unique = bool(self._chunks) and self.rows > 0
        if unique and len(self._chunks or ()) > 1:
            whole = pa.chunked_array(self._chunks)
            unique = pc.count_distinct(whole).as_py() == len(whole)
        values = self._values
        return Column(
            self.name, self.kind, values, self.rows, self.nulls, unique, self.crs, self.several
        )


def _comparable(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_binary(kind))


def _union(first: pa.Array, second: pa.Array) -> pa.Array:
    if not len(first):
        return second
    if first.type != second.type:
        first, second = pc.cast(first, pa.string()), pc.cast(second, pa.string())
    return pc.unique(pa.concat_arrays([first, second]))
