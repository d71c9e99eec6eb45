"""Columns on their way from a source to terms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Values of one expression over a batch of rows.

    Attributes
    ----------
    values : pa.Array
        Natively typed; null is "no value".
    rows : ndarray of int64, optional
        Row of each value, ascending, for expressions with several values a row;
        None when there is exactly one a row.
    crs : str, optional
        CRS IRI; then ``values`` are WKB, easting or longitude first.
    settled : bool
        The mapping chose this CRS by a function, so it is kept.
    kinds : pa.Array, optional
        Datatype IRI of each value where a JSON column mixes them; ``values`` are texts then.
    sound : bool
        The geometries are valid by the way they were made (zones of rasters).
    """

    values: pa.Array
    rows: Rows | None = None
    crs: str | None = None
    kinds: pa.Array | None = None
    settled: bool = False
    sound: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def take(self, positions: Rows) -> Cells:
        """Values at these positions, as if one a row."""
        index = pa.array(positions)
        kinds = None if self.kinds is None else self.kinds.take(index)
        return replace(self, values=self.values.take(index), rows=None, kinds=kinds)

    def row_numbers(self) -> Rows:
        """Row of each value."""
        return np.arange(len(self.values)) if self.rows is None else self.rows


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a source.

    Attributes
    ----------
    columns : dict of str to Cells
        By reference.
    numbers : ndarray of int64, shape (n,)
        Row numbers in the source, from 1.
    rejected : tuple of (int, str)
        Rows the reader could not read: number and reason.
    """

    columns: dict[str, Cells]
    numbers: Rows
    rejected: tuple[tuple[int, str], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.numbers)

    def keep(self, wanted: npt.NDArray[np.bool_]) -> Batch:
        """Only the wanted rows."""
        kept = {name: _keep(cells, wanted) for name, cells in self.columns.items()}
        return replace(self, columns=kept, numbers=self.numbers[wanted])


def _keep(cells: Cells, wanted: npt.NDArray[np.bool_]) -> Cells:
    if cells.rows is None:
        return cells.take(np.flatnonzero(wanted))
    positions = np.flatnonzero(wanted[cells.rows])
    renumbered = (np.cumsum(wanted) - 1)[cells.rows[positions]]
    return replace(cells.take(positions), rows=renumbered)


def column(values: Any, crs: str | None = None, nulls: tuple[str, ...] = ()) -> Cells:
    """Cells of an Arrow column as a source gives it: lists become several values a row.

    Texts in ``nulls`` mean "no value".
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_large_list(values.type) or pa.types.is_list(values.type):
        rows = pc.list_parent_indices(values).to_numpy(zero_copy_only=False).astype(np.int64)
        return Cells(_plain(pc.list_flatten(values)), rows)
    plain = _plain(values)
    if nulls and pa.types.is_string(plain.type):
        absent = pc.is_in(plain, value_set=pa.array(nulls, pa.string()))
        plain = pc.if_else(absent, pa.scalar(None, pa.string()), plain)
    return Cells(plain, crs=crs)


def _plain(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pc.cast(values, pa.binary())
    return values


def product(parts: list[Rows | None], count: int) -> tuple[list[Rows], Rows | None]:
    """Positions that pair every value of a row with every other value of the same row.

    Parameters
    ----------
    parts : list of row numbers of values, or None for one value a row
    count : int
        Rows of the batch.

    Returns
    -------
    positions : list of ndarray, one a part
    rows : ndarray, or None when all parts have one value a row

    Examples
    --------
    >>> positions, rows = product([None, np.array([0, 0, 2])], 3)
    >>> [p.tolist() for p in positions], rows.tolist()
    ([[0, 0, 2], [0, 1, 2]], [0, 0, 2])
    """
    everything = np.arange(count)
    if all(part is None for part in parts):
        return [everything for _ in parts], None
    rows = everything
    positions: list[Rows] = []
    for part in parts:
        if part is None:
            positions.append(rows)
            continue
        first = np.searchsorted(part, rows, "left")
        many = np.searchsorted(part, rows, "right") - first
        repeat = np.repeat(np.arange(len(rows)), many)
        offset = np.arange(len(repeat)) - np.repeat(np.cumsum(many) - many, many)
        positions = [earlier[repeat] for earlier in positions]
        positions.append(first[repeat] + offset)
        rows = rows[repeat]
    return positions, rows
