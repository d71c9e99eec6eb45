"""Which rows of an entity table lie together: by graph, then time, then place.

A part has rows of one graph. Where a table has a date or dateTime that every row has, and months
or years of it hold at least a part's rows each on average, a part has rows of one month or year.
Within that, rows are in the order of a Hilbert curve through the centres of their boxes or,
without a geometry, of time and the text of the main subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import Lane

from ...catalog import GRAPH, SUBJECT, id_column
from ..manifest import ColumnEntry, TableEntry
from ..parts import PART_ROWS, part_size
from ..wkb_boxes import hilbert, read_boxes

_TIMES: Final = frozenset({Lane.DATE, Lane.DATETIME})

Rows = npt.NDArray[np.int64]


class Cut(NamedTuple):
    """Rows of one part, in their order; ``graph`` is an id."""

    graph: int | None
    rows: Rows


def geometry_columns(table: TableEntry) -> tuple[ColumnEntry, ...]:
    """The geometry columns of a table; the first is the primary one."""
    return tuple(column for column in table.columns if column.key.lane is Lane.GEOMETRY)


def cut_rows(table: TableEntry, work: pa.Table) -> Iterator[Cut]:
    """Yield the parts of work rows (:func:`.columns.work_schema`) that are in memory."""
    graphs = work.column(GRAPH).combine_chunks().dictionary_encode()
    codes = np.asarray(pc.fill_null(graphs.indices, -1))
    named = {-1: None, **dict(enumerate(graphs.dictionary.to_pylist()))}
    for code in sorted(set(np.unique(codes).tolist()), key=lambda code: named[code] or -(2**63)):
        rows = np.flatnonzero(codes == code)
        some = work if len(rows) == work.num_rows else work.take(pa.array(rows))
        for cut in _cut_graph(table, some):
            yield Cut(named[code], rows[cut])


def _cut_graph(table: TableEntry, work: pa.Table) -> Iterator[Rows]:
    time = _time_column(table, work)
    buckets = np.zeros(work.num_rows, np.int64) if time is None else _buckets(time)
    order = np.lexsort((*_keys(table, work, time), buckets))
    ends = np.flatnonzero(np.diff(buckets[order])) + 1
    for rows in np.split(order, ends):
        size = part_size(len(rows))
        for start in range(0, len(rows), size):
            yield rows[start : start + size]


def _time_column(table: TableEntry, work: pa.Table) -> pa.ChunkedArray | None:
    for column in table.columns:
        if column.key.lane in _TIMES and not work.column(column.name).null_count:
            return work.column(column.name)
    return None


def _buckets(times: pa.ChunkedArray) -> Rows:
    """Months, or years, or one number for all, of times, each of a part's rows on average."""
    values = times.to_numpy()
    for unit in ("M", "Y"):
        numbers: Rows = values.astype(f"datetime64[{unit}]").astype(np.int64)
        if len(np.unique(numbers)) * PART_ROWS <= len(numbers):
            return numbers
    return np.zeros(len(values), np.int64)


def _keys(table: TableEntry, work: pa.Table, time: pa.ChunkedArray | None) -> tuple[Any, ...]:
    """Keys that order the rows of a bucket; the last is the first to be looked at."""
    geometries = geometry_columns(table)
    if geometries:
        wkb = work.column(geometries[0].name).combine_chunks()
        places = np.full(len(wkb), np.iinfo(np.uint32).max, np.uint32)
        held = np.asarray(pc.is_valid(wkb))
        places[held] = hilbert(read_boxes(wkb.drop_null()).bounds)
        return work.column(id_column(SUBJECT)).to_numpy(), places
    texts = work.column(SUBJECT).combine_chunks()
    ranks = np.asarray(pc.rank(texts, tiebreaker="dense"))
    return (ranks,) if time is None else (ranks, time.to_numpy())
