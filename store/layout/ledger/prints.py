"""Fingerprints of triples: of the work columns of their lane, as they are read once stored."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import EntityBatch, Lane, Prints, fingerprints, text_print

from ..lane_columns import COLUMNS
from ..manifest import LaneKey
from ..preparation import Hasher, Preparation, storable

_SEED = 0x6C65_6467


def lane_prints(key: LaneKey, rows: pa.Table) -> Prints:
    """Fingerprint work rows of a lane, shape (n,); geometries must be as they are stored."""
    schema = COLUMNS[key.lane].work
    salt = text_print(f"{key.predicate} {key.lane} {key.crs} {key.datatype}", _SEED) >> 1
    named = [name for name in schema.names if not name.endswith("_blank")]
    columns = [_whole(rows.column(name).cast(schema.field(name).type)) for name in named]
    return fingerprints(columns, rows.num_rows, salt)


def triples_of(
    con: duckdb.DuckDBPyConnection, batch: EntityBatch, hasher: Hasher
) -> Iterator[tuple[str, npt.NDArray[np.int64], pa.Table]]:
    """Triples of a batch, column by column: predicate, row of the batch, ``s`` and ``h``."""
    preparation = Preparation(hasher)
    subjects = preparation.nodes(batch.subjects)
    named = pc.is_valid(batch.subjects)
    for prop in batch.properties:
        for part in storable(prop.objects):
            preparation.add_column(prop.predicate, batch.graph, subjects, part)
            key, rows = preparation.lanes.pop()
            at = np.flatnonzero(np.asarray(pc.and_(named, pc.is_valid(part.values))))
            if len(at):
                prints = lane_prints(key, _as_stored(con, key, rows))
                held = {"s": rows.column("s"), "h": pa.array(prints.view(np.int64))}
                yield prop.predicate, at, pa.table(held)


def _as_stored(con: duckdb.DuckDBPyConnection, key: LaneKey, rows: pa.Table) -> pa.Table:
    if key.lane is not Lane.GEOMETRY:
        return rows
    con.register("made_rows", rows.append_column("place", pa.array(np.arange(rows.num_rows))))
    query = f"SELECT {COLUMNS[key.lane].normal}, place FROM made_rows ORDER BY place"
    stored = con.execute(query).to_arrow_table()
    con.unregister("made_rows")
    return stored


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
