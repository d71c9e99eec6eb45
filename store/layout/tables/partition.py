"""Which rows of an entity table lie together: by graph, then time, then place.

A part has rows of one graph. Where a table has a date or dateTime that every row has, and months
or years of it hold at least a part's rows each on average, a part has rows of one month or year.
Within that, rows are in the order of a Hilbert curve through the centres of their boxes or,
without a geometry, of time and the text of the main subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import Lane, read_boxes

from ...catalog import GRAPH, SUBJECT, id_column, lex_column
from ..manifest import ColumnEntry, TableEntry
from ..parts import PART_ROWS, part_size
from ..quoting import quoted
from ..wkb_boxes import hilbert

_TIMES: Final = frozenset({Lane.DATE, Lane.DATETIME})
_UNITS: Final = {"M": "month", "Y": "year"}
_SIZES: Final = {
    Lane.GEOMETRY: "octet_length",
    Lane.STRING: "strlen",
    Lane.LANG: "strlen",
}
_PLAIN_BYTES: Final = 200
"""What a row has besides geometries and texts, about."""
_PART_BYTES: Final = 64 * 2**20
_DEFAULT: Final = np.iinfo(np.int64).min
"""Stands for the default graph where graphs are compared."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Partition:
    """How the rows of one write are split.

    Attributes
    ----------
    rows : int
    row_bytes : float
        Mean of a row, about.
    time : str, optional
        The column with a time in every row.
    unit : str, optional
        Of the times that one part may have; any, if None.
    place : str, optional
        The geometry column that orders rows.
    """

    rows: int
    row_bytes: float
    time: str | None = None
    unit: Literal["M", "Y"] | None = None
    place: str | None = None

    def within(self, size: int) -> int:
        """How many rows have so many bytes, about."""
        return max(int(size / self.row_bytes), 1)


class Cut(NamedTuple):
    """Rows of one part, in their order; ``graph`` is an id."""

    graph: int | None
    rows: Ints


def geometry_columns(table: TableEntry) -> tuple[ColumnEntry, ...]:
    """The geometry columns of a table; the first is the primary one."""
    return tuple(column for column in table.columns if column.key.lane is Lane.GEOMETRY)


def partition_of(con: duckdb.DuckDBPyConnection, table: TableEntry, source: str) -> Partition:
    """Decide how the work rows of ``source`` (SQL) are split."""
    times = [column.name for column in table.columns if column.key.lane in _TIMES]
    counts = ["count(*)", _bytes(table), *(f"count({quoted(name)})" for name in times)]
    rows, size, *held = con.execute(f"SELECT {', '.join(counts)} FROM {source}").fetchall()[0]
    time = next((name for name, count in zip(times, held, strict=True) if count == rows), None)
    geometries = geometry_columns(table)
    return Partition(
        rows,
        _PLAIN_BYTES + size / max(rows, 1),
        time,
        None if time is None else _unit(con, source, time, rows),
        geometries[0].name if geometries else None,
    )


def _bytes(table: TableEntry) -> str:
    """SQL of the bytes of all geometries and texts."""
    sums = (
        f"coalesce(sum({_SIZES[column.key.lane]}({quoted(column.name)})), 0)"
        for column in table.columns
        if column.key.lane in _SIZES
    )
    texts = (
        f"coalesce(sum(strlen({quoted(lex_column(column.name))})), 0)"
        for column in table.columns
        if column.key.datatype
    )
    return " + ".join(["0", *sums, *texts])


def _unit(
    con: duckdb.DuckDBPyConnection, source: str, time: str, rows: int
) -> Literal["M", "Y"] | None:
    if rows < 2 * PART_ROWS:
        return None
    counts = ", ".join(
        f"count(DISTINCT hash({GRAPH}, date_trunc('{name}', {quoted(time)})))"
        for name in _UNITS.values()
    )
    months, years = con.execute(f"SELECT {counts} FROM {source}").fetchall()[0]
    if months * PART_ROWS <= rows:
        return "M"
    return "Y" if years * PART_ROWS <= rows else None


def cut_rows(partition: Partition, work: pa.Table) -> Iterator[Cut]:
    """Yield the parts of work rows (:func:`.columns.work_schema`) that are in memory."""
    graphs, buckets = graph_ids(work), time_buckets(partition, work)
    order = _ordered(partition, work, graphs, buckets)
    new = np.diff(graphs[order]) != 0
    if partition.unit is not None:
        new |= np.diff(buckets[order]) != 0
    for rows in np.split(order, np.flatnonzero(new) + 1):
        size = part_size(len(rows), partition.within(_PART_BYTES))
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            graph = int(graphs[some[0]])
            yield Cut(None if graph == _DEFAULT else graph, some)


def graph_ids(work: pa.Table) -> Ints:
    """The graph of each row; the default graph has the least number."""
    graphs = work.column(GRAPH)
    if graphs.null_count == len(graphs):
        return np.full(len(graphs), _DEFAULT)
    found: Ints = pc.fill_null(graphs, _DEFAULT).to_numpy()
    return found


def time_buckets(partition: Partition, work: pa.Table) -> Ints:
    """The month or year of each row, or 0 for all."""
    if partition.time is None or partition.unit is None:
        return np.zeros(work.num_rows, np.int64)
    times = work.column(partition.time).to_numpy()
    found: Ints = times.astype(f"datetime64[{partition.unit}]").astype(np.int64)
    return found


def _ordered(partition: Partition, work: pa.Table, graphs: Ints, buckets: Ints) -> Ints:
    keys: list[npt.NDArray[Any]] = [] if (graphs == graphs[:1]).all() else [graphs]
    if partition.unit is not None:
        keys.append(buckets)
    if partition.place is not None:
        places = hilbert(centres(work.column(partition.place)))
        keys.append(_joined(places, work.column(id_column(SUBJECT)).to_numpy()))
    else:
        if partition.time is not None:
            keys.append(work.column(partition.time).to_numpy().astype(np.int64))
        keys.append(np.asarray(pc.rank(work.column(SUBJECT).combine_chunks(), tiebreaker="dense")))
    if len(keys) == 1:
        return np.argsort(keys[0])
    return np.lexsort(keys[::-1])


def _joined(places: npt.NDArray[np.uint32], ids: Ints) -> npt.NDArray[np.uint64]:
    """Places, then the upper half of ids, as one number."""
    return places.astype(np.uint64) << np.uint64(32) | ids.view(np.uint64) >> np.uint64(32)


def centres(wkb: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Centres of the boxes of geometries; NaN where there is none."""
    return np.concatenate([np.empty((0, 2)), *map(_centres, wkb.chunks)])


def _centres(wkb: pa.Array) -> npt.NDArray[np.float64]:
    bounds = read_boxes(wkb.drop_null() if wkb.null_count else wkb).bounds
    found = (bounds[:, :2] + bounds[:, 2:]) / 2
    if not wkb.null_count:
        return found
    every = np.full((len(wkb), 2), np.nan)
    every[np.asarray(pc.is_valid(wkb))] = found
    return every
