"""From entity batches to rows of lanes: ids, blank flags, values no lane can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    ARROW_TYPES,
    LANE_DATATYPES,
    EntityBatch,
    Lane,
    TermColumn,
    lexical_forms,
    node_ids,
)

from .lane_columns import COLUMNS
from .manifest import LaneKey
from .spool import Spool, StagingFolder

Hasher = Callable[[pa.Array], npt.NDArray[np.int64]]
TERMS: Final = pa.schema([("id", pa.int64()), ("text", pa.string()), ("blank", pa.bool_())])

_EWKB_M: Final = 0x40000000
_OFFSET: Final = r"(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2})$"


@dataclass(frozen=True, slots=True)
class _Nodes:
    ids: pa.Array
    blank: pa.Array


class Staging:
    """Gathers batches as rows of lanes and the terms they name.

    Parameters
    ----------
    folder : StagingFolder
        Where rows beyond the memory budget go.
    hasher : callable
        Ids of a NODE column; another one than ``node_ids`` only in tests of collisions.
    """

    def __init__(self, folder: StagingFolder, hasher: Hasher = node_ids) -> None:
        self.lanes: Spool[LaneKey] = Spool(folder)
        self.terms: Spool[Literal["terms"]] = Spool(folder)
        self.graphs: set[str] = set()
        self.offered = 0
        self._hasher = hasher
        self._named: dict[str, int] = {}

    def add(self, batch: EntityBatch) -> None:
        """Take one batch."""
        subjects = self._nodes(batch.subjects)
        graph = None
        if batch.graph is not None:
            self.graphs.add(batch.graph)
            graph = self._constant(batch.graph)
        for prop in batch.properties:
            self._constant(prop.predicate)
            for column in _storable(prop.objects):
                self._add_column(prop.predicate, column, subjects, graph)

    def _add_column(
        self, predicate: str, column: TermColumn, subjects: _Nodes, graph: int | None
    ) -> None:
        count = len(column)
        columns = {
            "g": pa.array([graph], pa.int64()).take(pa.array(np.zeros(count, np.int8))),
            "s": subjects.ids,
            "s_blank": subjects.blank,
            **self._object_columns(column),
        }
        schema = COLUMNS[column.lane].work
        table = pa.table([columns[name] for name in schema.names], schema=schema)
        valid = pc.and_(pc.is_valid(subjects.ids), pc.is_valid(column.values))
        rows = table.filter(valid)
        self.offered += rows.num_rows
        self.lanes.add(LaneKey(predicate, column.lane, column.crs or ""), rows)

    def _object_columns(self, column: TermColumn) -> dict[str, pa.Array]:
        count = len(column)
        lex = column.lexical if column.lexical is not None else pa.nulls(count, pa.string())
        match column.lane:
            case Lane.NODE:
                nodes = self._nodes(column.values)
                return {"o": nodes.ids, "o_blank": nodes.blank}
            case Lane.LANG:
                return {"o": column.values, "lang": _repeated(column.lang, count)}
            case Lane.OTHER:
                return {"o": column.values, "datatype": _repeated(column.datatype, count)}
            case Lane.GEOMETRY:
                return {"wkb": column.values, "lex": lex}
            case Lane.DATETIME:
                return {"o": column.values, "zone": _zones(column, lex), "lex": lex}
            case _:
                return {"o": column.values, "lex": lex}

    def _nodes(self, column: pa.Array) -> _Nodes:
        encoded = column.dictionary_encode()
        texts = encoded.dictionary
        ids = pa.array(self._hasher(texts), pa.int64())
        blank = pc.starts_with(texts, "_:")
        self.terms.add("terms", pa.table([ids, texts, blank], schema=TERMS))
        return _Nodes(ids.take(encoded.indices), blank.take(encoded.indices))

    def _constant(self, iri: str) -> int:
        if iri not in self._named:
            nodes = self._nodes(pa.array([iri], pa.string()))
            self._named[iri] = nodes.ids[0].as_py()
        return self._named[iri]


def _repeated(text: str | None, count: int) -> pa.Array:
    return pa.array([text], pa.string()).take(pa.array(np.zeros(count, np.int8)))


def _storable(column: TermColumn) -> Iterator[TermColumn]:
    """Split off what a lane cannot hold and OTHER must keep.

    These are NaN, infinities and -0.0, and geometries with M, which GeoParquet does not define.
    """
    if column.lane in (Lane.DOUBLE, Lane.FLOAT):
        odd = _odd_numbers(column.values)
    elif column.lane is Lane.GEOMETRY:
        odd = _measured(column.values)
    else:
        yield column
        return
    if not odd.any():
        yield column
        return
    mask = pa.array(odd)
    null = pa.scalar(None, ARROW_TYPES[column.lane])
    yield replace(column, values=pc.if_else(mask, null, column.values))
    texts = pc.if_else(mask, lexical_forms(column), pa.scalar(None, pa.string()))
    yield TermColumn(Lane.OTHER, texts, datatype=LANE_DATATYPES[column.lane])


def _odd_numbers(column: pa.Array) -> npt.NDArray[np.bool_]:
    values = column.to_numpy(zero_copy_only=False)
    unlike = ~np.isfinite(values) | ((values == 0) & np.signbit(values))
    odd: npt.NDArray[np.bool_] = np.asarray(pc.is_valid(column)) & unlike
    return odd


def _measured(wkb: pa.Array) -> npt.NDArray[np.bool_]:
    """Rows whose geometry has M, by the type in the WKB header (ISO 13249-3 or EWKB)."""
    odd = np.zeros(len(wkb), bool)
    rows = np.flatnonzero(np.asarray(pc.greater_equal(pc.fill_null(pc.binary_length(wkb), 0), 5)))
    if len(rows):
        heads = wkb.take(pa.array(rows)).cast(pa.large_binary())
        _, offsets, data = heads.buffers()
        starts = np.frombuffer(offsets, np.int64)[heads.offset : heads.offset + len(heads)]
        head = np.frombuffer(data, np.uint8)[starts[:, None] + np.arange(5)]
        little = np.ascontiguousarray(head[:, 1:]).view("<u4")[:, 0]
        kind = np.where(head[:, 0] == 1, little, little.byteswap())
        odd[rows] = (kind & _EWKB_M != 0) | np.isin((kind & 0xFFFF) // 1000, (2, 3))
    return odd


def _zones(column: TermColumn, lex: pa.Array) -> pa.Array:
    """Minutes east of UTC of each value: 0 for ``Z``, the written offset where one is kept."""
    if not column.zoned:
        return pa.nulls(len(column), pa.int16())
    parts = pc.extract_regex(lex, _OFFSET)
    hours, minutes = (
        pc.cast(pc.struct_field(parts, name), pa.int16()) for name in ("hours", "minutes")
    )
    east = pc.add(pc.multiply(hours, pa.scalar(60, pa.int16())), minutes)
    signed = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(east), east)
    return pc.coalesce(signed, pa.scalar(0, pa.int16()))
