"""Entity tables as the planner sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ontology import term_id

from ...catalog import ColumnPlace, EntityColumn, EntityPart, EntityTable, LaneFile, LaneTable
from ..manifest import ColumnEntry, PartEntry, TableEntry


def entity_table(root: Path, entry: TableEntry) -> EntityTable:
    """A table of a manifest, its paths made absolute."""
    return EntityTable(
        name=entry.name,
        views=entry.views,
        columns=tuple(_column(column) for column in entry.columns),
        parts=tuple(_part(root, part) for part in entry.parts),
        deleted=None if entry.deleted is None else root / entry.deleted.path,
    )


def column_lanes(entry: TableEntry, table: EntityTable) -> Iterator[LaneTable]:
    """Each column of a table as a lane."""
    named = any(part.graph is not None for part in entry.parts)
    for held, column in zip(entry.columns, table.columns, strict=True):
        rows = entry.triples_of(held.name)
        yield LaneTable(
            predicate=column.predicate,
            lane=column.lane,
            files=tuple(
                LaneFile(
                    part.path, part.rows, part.boxes.get(column.name), part.largest.get(column.name)
                )
                for part in table.parts
            ),
            rows=rows,
            crs=column.crs,
            has_lexical=held.has_lexical,
            has_graphs=named,
            distinct_subjects=rows,
            distinct_objects=held.distinct_objects,
            statistics=held.statistics,
            place=ColumnPlace(table, column),
            datatype=column.datatype,
        )


def _column(entry: ColumnEntry) -> EntityColumn:
    return EntityColumn(
        name=entry.name,
        predicate=entry.key.predicate,
        lane=entry.key.lane,
        view=entry.view,
        crs=entry.key.crs or None,
        lang=entry.lang,
        has_blank=entry.has_blank,
        datatype=entry.key.datatype or None,
    )


def _part(root: Path, entry: PartEntry) -> EntityPart:
    return EntityPart(
        path=root / entry.file.path,
        rows=entry.file.rows,
        graph=None if entry.graph is None else term_id(f"<{entry.graph}>"),
        boxes=entry.boxes,
        ranges=entry.ranges,
        deleted=entry.deleted,
        index=None if entry.index is None else root / entry.index.path,
        largest=entry.largest,
    )
