"""From entity batches to rows of entities; what rows cannot hold goes to lanes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import RDF_TYPE, EntityBatch, Lane, TermColumn

from .preparation import Nodes, Preparation, storable
from .tables.column_keys import ColumnKey, Place
from .wide import NodeColumn, Rows, WideRows, mostly_distinct

PLAIN_THEME: Final = "rdf"
"""The theme of batches that are not rows of a source."""

_NAMES: Final = MappingProxyType({"o": "v", "wkb": "v", "lex": "l", "zone": "z"})


def has_rows(batch: EntityBatch) -> bool:
    """Whether a batch is to be kept as rows."""
    return _of_source(batch) and mostly_distinct(batch.subjects)


def repeats(batch: EntityBatch) -> bool:
    """Whether a batch is not kept as rows because many of its rows share their subject."""
    return _of_source(batch) and not mostly_distinct(batch.subjects)


def _of_source(batch: EntityBatch) -> bool:
    return batch.theme != PLAIN_THEME and bool(batch.properties) and len(batch.subjects) > 0


def add_rows(batch: EntityBatch, prepared: Preparation, wide: WideRows) -> None:
    """Take a batch as rows.

    Predicates with several values a row, or with values of odd datatypes only, go to lanes.
    """
    subjects = wide.known(batch.subjects) or NodeColumn.named(prepared, batch.subjects)
    graph = None if batch.graph is None else prepared.graph(batch.graph)
    rows = Rows(batch.theme, batch.graph, graph, subjects)
    for predicate, columns in _by_predicate(batch).items():
        fitting = _fitting(predicate, columns)
        nodes = Nodes(subjects.ids, pc.starts_with(batch.subjects, "_:"))
        for column in columns if fitting is None else fitting.odd:
            prepared.add_column(predicate, batch.graph, nodes, column)
        if fitting is not None:
            prepared.named(predicate)
            _place(rows, fitting, prepared, wide)
    if rows.nodes or rows.values:
        wide.add(rows)


def _by_predicate(batch: EntityBatch) -> dict[str, list[TermColumn]]:
    found: dict[str, list[TermColumn]] = {}
    for prop in batch.properties:
        found.setdefault(prop.predicate, []).append(prop.objects)
    return found


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Columns of one predicate; where ``odd`` has a value the whole row goes to lanes."""

    columns: dict[ColumnKey, list[TermColumn]] = field(default_factory=dict)
    odd: list[TermColumn] = field(default_factory=list)


def _fitting(predicate: str, columns: Iterable[TermColumn]) -> _Fitting | None:
    """Columns that hold all values of a predicate, None if there are none."""
    found = _Fitting()
    for part in (part for column in columns for part in storable(column)):
        if part.lane is Lane.OTHER:
            found.odd.append(part)
            continue
        key = ColumnKey(
            predicate, part.lane, part.crs or "", part.lang or "", datatype=part.datatype or ""
        )
        if predicate == RDF_TYPE and key in found.columns:
            others = [held for (held,) in found.columns.values()]
            part = _unlike(part, others)
            key = replace(key, slot=len(others))
        held = found.columns.setdefault(key, [])
        if any(_overlap(part, other) for other in held):
            return None
        held.append(part)
    return found if found.columns else None


def _overlap(left: TermColumn, right: TermColumn) -> bool:
    """Whether some row has values in both columns."""
    both = pc.and_(pc.is_valid(left.values), pc.is_valid(right.values))
    return bool(pc.any(both).as_py())


def _unlike(column: TermColumn, others: Iterable[TermColumn]) -> TermColumn:
    """A column of nodes without those that other ones have in the same row."""
    values = column.values
    for other in others:
        if other.lane is column.lane:
            same = pc.fill_null(pc.equal(values, other.values), False)
            values = pc.if_else(same, pa.scalar(None, values.type), values)
    return replace(column, values=values)


def _place(rows: Rows, fitting: _Fitting, prepared: Preparation, wide: WideRows) -> None:
    for key, parts in fitting.columns.items():
        place: Place = ((), key)
        if key.lane is Lane.NODE:
            texts = _first(*(part.values for part in parts))
            rows.nodes[place] = wide.known(texts) or NodeColumn.named(prepared, texts)
            continue
        arrays = [prepared.object_columns(part) for part in parts]
        valued = [pc.is_valid(part.values) for part in parts]
        rows.values[place] = {
            _NAMES[name]: _chosen([held[name] for held in arrays], valued)
            for name in arrays[0]
            if name in _NAMES
        }
    for part in fitting.odd:
        rows.mark_odd(pc.is_valid(part.values))


def _first(*arrays: pa.Array) -> pa.Array:
    return arrays[0] if len(arrays) == 1 else pc.coalesce(*arrays)


def _chosen(arrays: list[pa.Array], valued: list[pa.Array]) -> pa.Array:
    """Each row of the array that has a value there."""
    found = arrays[0]
    for array, here in zip(arrays[1:], valued[1:], strict=True):
        found = pc.if_else(here, array, found)
    return found
