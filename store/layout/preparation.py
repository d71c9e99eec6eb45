"""Columns of terms made into rows of lanes: ids, blank flags, values no lane can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    ARROW_TYPES,
    LANE_DATATYPES,
    EntityBatch,
    GeometryError,
    InputError,
    Lane,
    TermColumn,
    lexical_forms,
    node_ids,
)

from .lane_columns import COLUMNS
from .manifest import LaneKey

Hasher = Callable[[pa.Array], npt.NDArray[np.int64]]
TERMS: Final = pa.schema([("id", pa.int64()), ("text", pa.string()), ("blank", pa.bool_())])

_EWKB_M: Final = 0x40000000
_TAG: Final = re.compile("[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_IRI: Final = re.compile(r"""[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\]*""")
_OFFSET: Final = r"(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2})$"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Ids of nodes and whether each is blank; null where the text was null."""

    ids: pa.Array
    blank: pa.Array

    def take(self, indices: npt.NDArray[np.int32] | pa.Array) -> Nodes:
        """Return the nodes at some indices."""
        rows = indices if isinstance(indices, pa.Array) else pa.array(indices)
        return Nodes(self.ids.take(rows), self.blank.take(rows))


class Preparation:
    """Turns columns into rows of lanes; any thread may prepare, one stages.

    Parameters
    ----------
    hasher : callable
        Ids of a NODE column.

    Attributes
    ----------
    lanes : list of (LaneKey, pa.Table)
    terms : list of pa.Table
        Of the schema ``TERMS``.
    graphs : set of str
    """

    def __init__(self, hasher: Hasher = node_ids) -> None:
        self.lanes: list[tuple[LaneKey, pa.Table]] = []
        self.terms: list[pa.Table] = []
        self.graphs: set[str] = set()
        self._hasher = hasher
        self._named: dict[str, int] = {}

    def add(self, batch: EntityBatch) -> None:
        """Take a batch."""
        subjects = self.nodes(batch.subjects)
        for prop in batch.properties:
            self.add_column(prop.predicate, batch.graph, subjects, prop.objects)

    def nodes(self, texts: pa.Array) -> Nodes:
        """Name nodes (IRI without ``<>``, or ``_:label``)."""
        encoded = texts.dictionary_encode()
        return self.distinct_nodes(encoded.dictionary).take(encoded.indices)

    def distinct_nodes(self, texts: pa.Array) -> Nodes:
        """Name nodes that are all different, none of them null."""
        found = Nodes(pa.array(self._hasher(texts), pa.int64()), pc.starts_with(texts, "_:"))
        self.terms.append(pa.table([found.ids, texts, found.blank], schema=TERMS))
        return found

    def add_column(
        self, predicate: str, graph: str | None, subjects: Nodes, column: TermColumn
    ) -> None:
        """Take the objects of one predicate, as many as there are subjects."""
        for part in storable(column):
            self._add(_lane_key(predicate, part), graph, subjects, self.object_columns(part))

    def add_nodes(self, predicate: str, graph: str | None, subjects: Nodes, objects: Nodes) -> None:
        """Take objects that are nodes."""
        columns = {"o": objects.ids, "o_blank": objects.blank}
        self._add(LaneKey(predicate, Lane.NODE), graph, subjects, columns)

    def _add(
        self, key: LaneKey, graph: str | None, subjects: Nodes, columns: dict[str, pa.Array]
    ) -> None:
        self.named(key.predicate)
        if graph is None:
            g = pa.nulls(len(subjects.ids), pa.int64())
        else:
            g = pa.repeat(pa.scalar(self.graph(graph), pa.int64()), len(subjects.ids))
        columns |= {"g": g, "s": subjects.ids, "s_blank": subjects.blank}
        schema = COLUMNS[key.lane].work
        table = pa.table([columns[name] for name in schema.names], schema=schema)
        values = columns["wkb" if key.lane is Lane.GEOMETRY else "o"]
        if subjects.ids.null_count or values.null_count:
            table = table.filter(pc.and_(pc.is_valid(subjects.ids), pc.is_valid(values)))
        self.lanes.append((key, table))

    def object_columns(self, column: TermColumn) -> dict[str, pa.Array]:
        """The columns of a lane that say what the objects are."""
        count = len(column)
        lex = column.lexical if column.lexical is not None else pa.nulls(count, pa.string())
        match column.lane:
            case Lane.NODE:
                nodes = self.nodes(column.values)
                return {"o": nodes.ids, "o_blank": nodes.blank}
            case Lane.STRING:
                return {"o": column.values}
            case Lane.LANG:
                _check(column.lang, _TAG, "language tag", "letters and digits, joined by hyphens")
                return {"o": column.values, "lang": _repeated(column.lang, count)}
            case Lane.OTHER:
                _check(column.datatype, _IRI, "datatype", "an absolute IRI")
                return {"o": column.values, "datatype": _repeated(column.datatype, count)}
            case Lane.GEOMETRY:
                return {"wkb": column.values, "lex": lex}
            case Lane.DATETIME:
                return {"o": column.values, "zone": _zones(column, lex), "lex": lex}
            case _:
                return {"o": column.values, "lex": lex}

    def graph(self, iri: str) -> int:
        """Name a graph that takes rows and return its id."""
        self.graphs.add(iri)
        return self.named(iri)

    def named(self, iri: str) -> int:
        """Name an IRI and return its id."""
        if iri not in self._named:
            nodes = self.distinct_nodes(pa.array([iri], pa.string()))
            self._named[iri] = nodes.ids[0].as_py()
        return self._named[iri]


def _lane_key(predicate: str, column: TermColumn) -> LaneKey:
    if column.lane is not Lane.GEOMETRY:
        return LaneKey(predicate, column.lane)
    return LaneKey(predicate, column.lane, column.crs or "", column.datatype or "")


def _check(text: str | None, form: re.Pattern[str], name: str, expected: str) -> None:
    if text is not None and not form.fullmatch(text):
        raise InputError(
            f"The {name} of a literal is none",
            where=repr(text),
            why=f"expected {expected}",
            remedy=f"correct the {name} in the source",
        )


def _repeated(text: str | None, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def storable(column: TermColumn) -> Iterator[TermColumn]:
    """Split off what a lane cannot hold and OTHER must keep.

    These are NaN, infinities and -0.0, and geometries with M, which GeoParquet does not define.
    Geometries of other serialisations than WKT get their text where they have none.

    Raises
    ------
    GeometryError
        A serialisation cannot hold a geometry that has no text.
    """
    if column.lane in (Lane.DOUBLE, Lane.FLOAT):
        odd = _odd_numbers(column.values)
    elif column.lane is Lane.GEOMETRY:
        column = column if column.datatype is None else _spelt(column)
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
    yield TermColumn(Lane.OTHER, texts, datatype=column.datatype or LANE_DATATYPES[column.lane])


def _spelt(column: TermColumn) -> TermColumn:
    """The geometries with the text of each."""
    texts = lexical_forms(column)
    unwritten = pc.and_(pc.is_null(texts), pc.is_valid(column.values))
    if pc.any(unwritten).as_py():
        raise GeometryError(
            "A geometry cannot be written in the serialisation it is to have",
            where=f"row {pc.index(unwritten, True).as_py()}",
            why=f"{column.datatype} has no form for it, or it lies outside of its CRS",
            remedy="write geo:wktLiteral, which holds every geometry",
        )
    return replace(column, lexical=texts)


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
