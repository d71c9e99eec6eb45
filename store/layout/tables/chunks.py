"""Work rows in pieces that fit in memory, each the rows of a range of the order of parts.

A sample of the rows of a large source says where the ranges end. Then all rows are dealt out to
the chunks, which wait in memory up to a budget and in files beyond.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import give_back

from ...catalog import GRAPH, SUBJECT, id_column
from ..manifest import TableEntry
from ..quoting import quoted
from ..spool import Spool, StagingFolder
from ..wkb_boxes import along_curve, extent
from .columns import work_schema
from .held_rows import HeldRows
from .partition import Ints, Partition, centres, graph_ids, time_buckets

IN_MEMORY_BYTES: Final = 96 * 2**20
"""Work rows that are sorted as one chunk."""
CHUNK_BYTES: Final = 36 * 2**20
WAITING_BYTES: Final = 48 * 2**20
"""Rows that wait in memory for their chunk's turn."""
BATCH_BYTES: Final = 12 * 2**20
SAMPLE_ROWS: Final = 65_536

_BITS: Final = 64
_PLACE_BITS: Final = 32
_ID_BITS: Final = 16
"""Of an id, so that many rows of one place can be split."""

Keys = npt.NDArray[np.uint64]
Points = npt.NDArray[np.float64]


def chunks(
    con: duckdb.DuckDBPyConnection,
    table: TableEntry,
    source: str,
    partition: Partition,
    folder: StagingFolder,
    held: Sequence[HeldRows] = (),
) -> Iterator[pa.Table]:
    """Yield the work rows of ``source`` (SQL), those of a chunk before those of the next.

    Where they are ``held``, they are taken from there and let go of.
    """
    if partition.rows <= partition.within(IN_MEMORY_BYTES):
        yield pa.concat_tables(_pieces(con, table, source, partition, held)).combine_chunks()
        return
    order, splits = _sampled(con, source, partition)
    waiting: Spool[int] = Spool(folder, WAITING_BYTES)
    pieces = _pieces(con, table, source, partition, held)
    for number, rows in chain.from_iterable(_deal(order, splits, piece) for piece in pieces):
        waiting.add(number, rows)
    for number in sorted(waiting.keys):
        give_back()
        yield pa.concat_tables(waiting.drain(number)).combine_chunks()


def _pieces(
    con: duckdb.DuckDBPyConnection,
    table: TableEntry,
    source: str,
    partition: Partition,
    held: Sequence[HeldRows],
) -> Iterator[pa.Table]:
    schema = work_schema(table)
    if held:
        for rows in held:
            yield from rows.drain(con, schema)
        return
    names = ", ".join(map(quoted, schema.names))
    query = f"SELECT {names} FROM {source}"
    for batch in con.execute(query).to_arrow_reader(partition.within(BATCH_BYTES)):
        yield pa.Table.from_batches([batch])


@dataclass(frozen=True, slots=True)
class _Order:
    """What a sample of rows says of where rows come.

    Attributes
    ----------
    partition : Partition
    prefix : int
        Bytes that the texts of all main subjects begin with.
    graphs, buckets : array of int64
        Ascending.
    extent : array of float64, shape (2, 2)
        Of the places.
    """

    partition: Partition
    prefix: int
    graphs: Ints
    buckets: Ints
    extent: Points

    def numbers(self, rows: pa.Table) -> Keys:
        """A number for each row, ascending in the order of parts."""
        groups = np.searchsorted(self.graphs, graph_ids(rows)) * (len(self.buckets) + 1)
        groups += np.searchsorted(self.buckets, time_buckets(self.partition, rows))
        wide = int((len(self.graphs) + 1) * (len(self.buckets) + 1)).bit_length()
        bits = max(min(_PLACE_BITS, _BITS - _ID_BITS - wide), 0)
        places = along_curve(_points(self.partition, self.prefix, rows), self.extent)
        ids = rows.column(id_column(SUBJECT)).to_numpy().view(np.uint64)
        found: Keys = groups.astype(np.uint64) << np.uint64(bits + _ID_BITS)
        found |= (places >> np.uint32(_PLACE_BITS - bits)).astype(np.uint64) << np.uint64(_ID_BITS)
        found |= ids >> np.uint64(_BITS - _ID_BITS)
        return found


def _sampled(
    con: duckdb.DuckDBPyConnection, source: str, partition: Partition
) -> tuple[_Order, Keys]:
    """The order of rows, and the numbers at which the second and later chunks begin."""
    ids = id_column(SUBJECT)
    wanted = {SUBJECT, GRAPH, ids, partition.time or SUBJECT, partition.place or SUBJECT}
    sample = con.execute(
        f"SELECT {', '.join(map(quoted, sorted(wanted)))} FROM {source}"
        f" WHERE {quoted(ids)} % {math.ceil(partition.rows / SAMPLE_ROWS)} = 0"
    ).to_arrow_table()
    ends = pc.min_max(sample.column(SUBJECT))
    pairs = zip(*((ends[end].as_py() or "").encode() for end in ("min", "max")), strict=False)
    prefix = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    order = _Order(
        partition,
        prefix,
        np.unique(graph_ids(sample)),
        np.unique(time_buckets(partition, sample)),
        extent(_points(partition, prefix, sample)),
    )
    numbers = np.sort(order.numbers(sample))
    count = math.ceil(partition.rows / partition.within(CHUNK_BYTES))
    return order, numbers[np.arange(1, count) * len(numbers) // count] if len(numbers) else numbers


def _points(partition: Partition, prefix: int, rows: pa.Table) -> Points:
    """Where rows lie: in the plane, or along its first axis by time or by text."""
    if partition.place is not None:
        return centres(rows.column(partition.place))
    if partition.time is not None:
        along = rows.column(partition.time).to_numpy().astype(np.float64)
    else:
        along = _leading(rows.column(SUBJECT).combine_chunks(), prefix)
    return np.column_stack([along, np.zeros(len(along))])


def _leading(texts: pa.Array, skipped: int) -> npt.NDArray[np.float64]:
    """Four bytes of each text as a number."""
    large = texts.cast(pa.large_string())
    _, offset_buffer, buffer = large.buffers()
    ends = np.frombuffer(offset_buffer, np.int64)[large.offset : large.offset + len(large) + 1]
    data = np.frombuffer(buffer, np.uint8)
    at = ends[:-1, None] + skipped + np.arange(4)
    held = np.where(at < ends[1:, None], data[np.minimum(at, len(data) - 1)], 0)
    found: npt.NDArray[np.float64] = held @ 256.0 ** np.arange(3, -1, -1)
    return found


def _deal(order: _Order, splits: Keys, rows: pa.Table) -> list[tuple[int, pa.Table]]:
    """Rows by the number of their chunk."""
    chunk = np.searchsorted(splits, order.numbers(rows), side="right")
    by_chunk = np.argsort(chunk, kind="stable")
    numbers, starts = np.unique(chunk[by_chunk], return_index=True)
    parts = np.split(by_chunk, starts[1:])
    return [(int(k), rows.take(pa.array(p))) for k, p in zip(numbers, parts, strict=True)]
