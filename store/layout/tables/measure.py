"""Statistics of a table's columns, from a sample of every part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ontology import Lane, hash_texts, term_id

from ...catalog import SUBJECT, LaneStatistics, box_column, id_column
from ..manifest import ColumnEntry, PartEntry, TableEntry
from ..statistics import COMMON, Frequent, all_distinct, still_good, summed_up

_SIDES: Final = ("xmin", "ymin", "xmax", "ymax")
_DAY_S: Final = 86_400
_MICROSECONDS: Final = 1_000_000
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
"""Spreads numbers over 64 bits (Fibonacci hashing)."""


class Sample(NamedTuple):
    """Some objects of a column in one part: every n-th, and all in a slice of the hash space.

    ``rows`` are as :func:`..statistics.summed_up` wants them; ``hashes`` are distinct, of
    ``slice_rows`` rows.
    """

    rows: pa.Table
    hashes: npt.NDArray[np.int64]
    slice_rows: int


Samples = Mapping[str, Sample]


def sample_part(table: TableEntry, rows: pa.Table, step: int) -> Samples:
    """Take a sample of each column of a part's rows, for :func:`with_statistics`."""
    return {column.name: _sample(column, rows, step) for column in table.columns}


def _sample(column: ColumnEntry, rows: pa.Table, step: int) -> Sample:
    if column.key.lane is Lane.GEOMETRY:
        held = rows.column(column.name).is_valid()
        boxes = {side: rows.column(box_column(column.name, side)) for side in _SIDES}
        return Sample(_every(pa.table(boxes).filter(held), step), np.empty(0, np.int64), 0)
    objects = _objects(column, rows).combine_chunks().drop_null()
    hashes = _hashes(column.key.lane, objects)
    slice_of_all = hashes[hashes % step == 0]
    return Sample(
        _every(pa.table({"o": objects}), step), np.unique(slice_of_all), len(slice_of_all)
    )


def _every(rows: pa.Table, step: int) -> pa.Table:
    return rows.take(pa.array(np.arange(0, rows.num_rows, step)))


def _objects(column: ColumnEntry, rows: pa.Table) -> pa.ChunkedArray:
    """Objects as statistics name them: ids, texts, numbers, seconds."""
    values = rows.column(column.name)
    match column.key.lane:
        case Lane.NODE:
            return rows.column(id_column(column.name))
        case Lane.STRING:
            return values
        case Lane.LANG:
            return pc.binary_join_element_wise(values, column.lang or "", "@")
        case Lane.BOOLEAN:
            return values.cast(pa.int8()).cast(pa.float64())
        case Lane.DATE:
            return pc.multiply(values.cast(pa.int32()).cast(pa.float64()), _DAY_S)
        case Lane.DATETIME:
            seconds = values.cast(pa.int64()).cast(pa.float64(), safe=False)
            return pc.divide(seconds, _MICROSECONDS)
        case Lane.DECIMAL:
            return pa.chunked_array([_doubles(values.combine_chunks())])
        case _:
            return values.cast(pa.float64(), safe=False)


def _doubles(decimals: pa.Array) -> pa.Array:
    """The doubles next to decimals, which Arrow's cast is not."""
    words = np.frombuffer(decimals.buffers()[1], np.int64)
    low, high = words.reshape(-1, 2)[decimals.offset : decimals.offset + len(decimals)].T
    whole = np.where(
        high == low >> 63, low.astype(np.float64), high * 2.0**64 + low.view(np.uint64)
    )
    return pa.array(whole / 10.0**decimals.type.scale, mask=np.asarray(decimals.is_null()))


def _hashes(lane: Lane, objects: pa.Array) -> npt.NDArray[np.int64]:
    if lane is Lane.NODE:
        return np.asarray(objects)
    if lane in (Lane.STRING, Lane.LANG):
        return hash_texts(objects)
    words: Any = np.asarray(objects).view(np.uint64)
    mixed = (words ^ (words >> np.uint64(32))) * _ODD
    spread: npt.NDArray[np.int64] = (mixed ^ (mixed >> np.uint64(29))).view(np.int64)
    return spread


def sample_stored(table: TableEntry, root: Path, step: int) -> Iterator[Samples]:
    """Take a sample of each part that a table has, of the rows that are not deleted."""
    wanted = [id_column(SUBJECT)]
    for column in table.columns:
        match column.key.lane:
            case Lane.GEOMETRY:
                wanted += [column.name, *(box_column(column.name, side) for side in _SIDES)]
            case Lane.NODE:
                wanted += [column.name, id_column(column.name)]
            case _:
                wanted.append(column.name)
    gone = None if table.deleted is None else pq.read_table(root / table.deleted.path).column("id")
    for part in table.parts:
        with pq.ParquetFile(root / part.file.path) as file:
            rows = file.read(wanted)
        if gone is not None:
            rows = rows.filter(pc.invert(pc.is_in(rows.column(id_column(SUBJECT)), gone)))
        yield sample_part(table, rows, step)


def still_known(table: TableEntry, parts: Sequence[PartEntry]) -> TableEntry | None:
    """The table with statistics that new parts have not made stale; None if some are."""
    columns = []
    for column in table.columns:
        changed = sum(part.triples[column.name] for part in parts)
        if (kept := still_good(column.statistics, changed)) is None:
            return None
        columns.append(replace(column, statistics=kept))
    return replace(table, columns=tuple(columns))


def with_statistics(table: TableEntry, samples: Sequence[Samples], step: int) -> TableEntry:
    """Return the table with statistics of its columns.

    Parameters
    ----------
    table : TableEntry
    samples : sequence
        One of each part.
    step : int
        They were taken with.
    """
    columns = (
        _measured(table, column, [held[column.name] for held in samples], step)
        for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def _measured(
    table: TableEntry, column: ColumnEntry, samples: Sequence[Sample], step: int
) -> ColumnEntry:
    rows, lane = table.triples_of(column.name), column.key.lane
    if not rows:
        return replace(column, distinct_objects=None, statistics=LaneStatistics(0))
    sample = pa.concat_tables([held.rows for held in samples])
    measured, expected = summed_up(lane, sample, rows, _graphs(table, column))
    distinct = None
    if lane is not Lane.GEOMETRY:
        found = _different(np.concatenate([held.hashes for held in samples]))
        distinct = all_distinct(rows, step, found, sum(s.slice_rows for s in samples), expected)
    return replace(column, distinct_objects=distinct, statistics=measured)


def _different(hashes: npt.NDArray[np.int64]) -> int:
    """How many different ones there are; sorted, which is faster than numpy's hashing of hashes."""
    ordered = np.sort(hashes)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + (len(ordered) > 0)


def _graphs(table: TableEntry, column: ColumnEntry) -> Frequent:
    """Triples of each graph; none if all are of the default graph."""
    held: dict[int | None, int] = {}
    for part in table.parts:
        graph = None if part.graph is None else term_id(f"<{part.graph}>")
        held[graph] = held.get(graph, 0) + part.triples.get(column.name, 0)
    if set(held) <= {None}:
        return ()
    return tuple(sorted(held.items(), key=lambda pair: -pair[1])[:COMMON])
