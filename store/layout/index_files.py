"""The index beside a part: which of its rows may hold which nodes.

One immutable Arrow file of a single row, a struct for each indexed column of the part::

    heads   the upper 32 bits of the ids that occur, ascending
    starts  where the rows of each head start; null where each row has its own
    rows    the rows, head by head, ascending; null where they are all rows, in order

It is mapped into memory, so that a look-up touches a few pages of it and no row of the part. Ids
are hashes: one in 40,000 look-ups finds, in a part of 100,000 rows, a row of another node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np
import pyarrow as pa

from .integrity import INDEX_ROWS, check_whole, damaged
from .manifest import FileEntry

Ints = np.ndarray[Any, np.dtype[np.int64]]
Halves = np.ndarray[Any, np.dtype[np.int32]]

_LAYOUT: Final = pa.struct(
    [
        pa.field("heads", pa.list_(pa.int32())),
        pa.field("starts", pa.list_(pa.int32())),
        pa.field("rows", pa.list_(pa.int32())),
    ]
)

_FOUND_NONE: Final = (np.empty(0, np.int64), np.empty(0, np.int64))


def write_index(path: Path, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> None:
    """Write the index of a part.

    Parameters
    ----------
    path : Path
    columns : mapping of name to int64 array
        Ids of nodes, one for every row of the part; null where there is none. At least one
        column, all equally long.
    """
    batch = _batch(columns)
    with pa.ipc.new_file(path, batch.schema) as out:
        out.write_batch(batch)


def index_rows(path: Path, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> PartIndex:
    """An index in memory; ``path`` is the part it is of."""
    return _index(path, _batch(columns))


def _batch(columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.RecordBatch:
    rows = len(next(iter(columns.values())))
    entries = {name: _entry(ids) for name, ids in columns.items()}
    metadata = {INDEX_ROWS: str(rows).encode()}
    schema = pa.schema([(name, _LAYOUT) for name in entries], metadata=metadata)
    return pa.record_batch(list(entries.values()), schema=schema)


def _entry(column: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """One column of the index, as an array of a single struct."""
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    heads = _heads(column.drop_null().to_numpy())
    if (heads[1:] < heads[:-1]).any():
        both = np.sort((heads.astype(np.int64) << 32) | rows)
        heads, rows = _heads(both), both & 0xFFFFFFFF
    ordered = np.array_equal(rows, np.arange(len(column)))
    first = np.flatnonzero(np.diff(heads, prepend=heads[:1] - 1)).astype(np.int32)
    starts = first if len(first) * 2 < len(heads) else None
    return pa.StructArray.from_arrays(
        [
            _single(heads if starts is None else heads[starts], pa.int32()),
            _single(starts, pa.int32()),
            _single(None if ordered else rows.astype(np.int32), pa.int32()),
        ],
        fields=list(_LAYOUT),
    )


def _heads(ids: Ints) -> Halves:
    return (ids >> 32).astype(np.int32)


def _single(values: Halves | None, kind: pa.DataType) -> pa.ListArray:
    if values is None:
        return pa.nulls(1, pa.list_(kind))
    offsets = pa.array([0, len(values)], pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(values, kind))


@dataclass(frozen=True, slots=True)
class _Column:
    heads: Halves
    starts: Halves | None
    rows: Halves | None
    total: int

    def find(self, wanted: Halves) -> tuple[Ints, Ints]:
        first, beyond = self.bounds(wanted)
        counts = beyond - first
        skipped = np.repeat(first - (np.cumsum(counts) - counts), counts)
        which, at = np.repeat(np.arange(len(wanted)), counts), skipped + np.arange(len(skipped))
        return which, at if self.rows is None else self.rows[at].astype(np.int64)

    def bounds(self, wanted: Halves) -> tuple[Ints, Ints]:
        """Where in ``rows`` those of each head begin and end."""
        first = self.heads.searchsorted(wanted)
        beyond = self.heads.searchsorted(wanted, "right")
        if self.starts is not None:
            first, beyond = self._start(self.starts, first), self._start(self.starts, beyond)
        return first, beyond

    def _start(self, starts: Halves, at: Ints) -> Ints:
        held = starts[np.minimum(at, len(starts) - 1)]
        return np.where(at < len(starts), held, self.total)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PartIndex:
    """An index to be asked; see :func:`open_index`.

    Attributes
    ----------
    path : Path
    rows : int
        Of the part.
    columns : mapping
        By the name of the indexed column.
    """

    path: Path
    rows: int
    columns: Mapping[str, _Column]

    def __contains__(self, column: str) -> bool:
        """Whether a column is indexed."""
        return column in self.columns

    def may_hold(self, column: str, ids: Ints) -> bool:
        """Whether any of some nodes occurs in a column; the quick way to learn that none does."""
        held, wanted = self.columns[column].heads, _heads(ids)
        if len(wanted) == 1:
            at = held.searchsorted(wanted[0])
            return bool(at < len(held) and held[at] == wanted[0])
        return len(held) > 0

    def count_of(self, column: str, ids: Ints) -> int:
        """How many rows :meth:`rows_of` finds."""
        first, beyond = self.columns[column].bounds(_heads(ids))
        return int((beyond - first).sum())

    def rows_of(self, column: str, ids: Ints) -> tuple[Ints, Ints]:
        """Which rows hold one of some nodes; rarely, a row that holds another one is named too.

        Parameters
        ----------
        column : str
        ids : array of int64
            Each once, in any order.

        Returns
        -------
        which, rows : arrays of int64
            A pair for each hit: position in ``ids``, number of the row in the part; ordered by
            ``which``, then by row.

        Raises
        ------
        KeyError
            The column is not indexed.
        StoreError
            The file is damaged.
        """
        held = self.columns[column]
        if not len(held.heads):
            return _FOUND_NONE
        try:
            which, rows = held.find(_heads(ids))
        except (IndexError, ValueError) as error:
            raise damaged(self.path, f"its rows of {column!r} do not fit its ids") from error
        if len(rows) and (rows.min() < 0 or rows.max() >= self.rows):
            raise damaged(self.path, f"{column!r} names rows that the part does not have")
        return which, rows


_OPEN: Final[WeakValueDictionary[tuple[str, str], PartIndex]] = WeakValueDictionary()
"""Indexes that some snapshot uses, by path and SHA-256: snapshots share most of their files."""


def open_index(root: Path, entry: FileEntry) -> PartIndex:
    """Map the index of a part into memory; once for all who hold it.

    Raises
    ------
    StoreError
        The file is missing or damaged.
    """
    check_whole(root, [entry])
    path = root / entry.path
    key = (str(path), entry.sha256)
    found = _OPEN.get(key)
    if found is None:
        try:
            found = _mapped(path)
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise damaged(path, f"no index of a part: {error}") from error
        _OPEN[key] = found
    return found


def _mapped(path: Path) -> PartIndex:
    with pa.memory_map(str(path)) as source:
        return _index(path, pa.ipc.open_file(source).get_batch(0))


def _index(path: Path, batch: pa.RecordBatch) -> PartIndex:
    held = int(batch.schema.metadata[INDEX_ROWS])
    columns = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.type != _LAYOUT:
            raise TypeError(f"{name!r} is not laid out as an index")
        heads, starts, rows = (_values(column.field(k)) for k in range(3))
        if heads is None or (starts is not None and len(starts) != len(heads)):
            raise ValueError(f"the parts of {name!r} do not fit each other")
        total = held if rows is None else len(rows)
        columns[name] = _Column(heads, starts, rows, total)
    return PartIndex(path, held, columns)


def _values(column: pa.ListArray) -> Any:
    return None if column.null_count else column.flatten().to_numpy()
