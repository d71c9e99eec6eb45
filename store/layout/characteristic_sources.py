"""SELECTs that read what subjects have, and what they link to, out of lanes and entity tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ontology import RDF_TYPE, Lane

from ..catalog import GRAPH, Feature, box_column, id_column
from .manifest import ColumnEntry, FileEntry, LaneEntry, LaneKey, Manifest, TableEntry
from .quoting import listed_files, quoted
from .tables.columns import alive


@dataclass(frozen=True)
class Sources:
    """The lanes and columns of a manifest, numbered.

    Attributes
    ----------
    homes : tuple of Feature
        Lanes, then columns; the numbers in what is read are places in it.
    """

    root: Path
    manifest: Manifest

    @cached_property
    def homes(self) -> tuple[Feature, ...]:
        """Every lane and column that can be read."""
        lanes = (lane_feature(lane.key) for lane in self.manifest.lanes)
        columns = (
            column_feature(table, column)
            for table in self.manifest.tables
            for column in table.columns
        )
        return (*lanes, *columns)

    @cached_property
    def _numbers(self) -> dict[Feature, int]:
        return {home: number for number, home in enumerate(self.homes)}

    def features(self, where: str) -> Iterator[str]:
        """Graph, subject, number of the home, and class of each triple: g, s, f, c.

        ``where`` is a condition on the subject's id, which it calls ``{s}``.
        """
        for lane in self.manifest.lanes:
            if lane.files:
                kind = "o" if is_class(lane.key) else "NULL::BIGINT"
                yield f"{self._lane(lane, kind, 'c')} WHERE {where.format(s='s')}"
        for table in self.manifest.tables:
            for view in table.views:
                if columns := [column for column in table.columns if column.view == view]:
                    yield self._view(table, view, columns, where)

    def links(self) -> Iterator[str]:
        """Graph, subject, number of the home, and object between nodes: g, s, f, o."""
        for lane in self.manifest.lanes:
            if lane.files and lane.key.lane is Lane.NODE and not is_class(lane.key):
                yield self._lane(lane, "o", "o")
        for table in self.manifest.tables:
            for column in table.columns:
                if column.key.lane is Lane.NODE and not is_class(column.key):
                    yield self._link(table, column)

    def _lane(self, lane: LaneEntry, item: str, name: str) -> str:
        number = self._numbers[lane_feature(lane.key)]
        items = f"coalesce(g, 0) AS g, s, {number} AS f, {item} AS {name}"
        return f"SELECT {items} FROM {self._read(lane.files)}"

    def _view(
        self, table: TableEntry, view: str, columns: Iterable[ColumnEntry], where: str
    ) -> str:
        """One scan for all columns of a view; those that are never null are not read."""
        held = ", ".join(self._held(table, column) for column in columns)
        subject = quoted(id_column(view))
        tests = f"{subject} IS NOT NULL AND ({where.format(s=subject)})"
        return (
            "SELECT g, s, h.f AS f, h.c AS c FROM ("
            f"SELECT coalesce({GRAPH}, 0) AS g, {subject} AS s, unnest([{held}]) AS h"
            f" FROM {self._parts(table)} WHERE {tests} AND {alive(table, self.root)}"
            ") WHERE h IS NOT NULL"
        )

    def _held(self, table: TableEntry, column: ColumnEntry) -> str:
        number = self._numbers[column_feature(table, column)]
        kind = quoted(id_column(column.name)) if is_class(column.key) else "NULL::BIGINT"
        item = f"{{'f': {number}, 'c': {kind}}}"
        ranges = (part.ranges.get(column.name) for part in table.parts)
        if all(held is not None and held.nulls == 0 for held in ranges):
            return item
        return f"CASE WHEN {quoted(_smallest(column))} IS NOT NULL THEN {item} END"

    def _link(self, table: TableEntry, column: ColumnEntry) -> str:
        number = self._numbers[column_feature(table, column)]
        subject, target = quoted(id_column(column.view)), quoted(id_column(column.name))
        return (
            f"SELECT coalesce({GRAPH}, 0) AS g, {subject} AS s, {number} AS f, {target} AS o"
            f" FROM {self._parts(table)} WHERE {target} IS NOT NULL AND {alive(table, self.root)}"
        )

    def _parts(self, table: TableEntry) -> str:
        return self._read(part.file for part in table.parts)

    def _read(self, files: Iterable[FileEntry]) -> str:
        return f"read_parquet({listed_files(self.root, files)})"


def lane_feature(key: LaneKey) -> Feature:
    """A lane as a feature."""
    return Feature(key.predicate, key.lane, key.crs, datatype=key.datatype)


def column_feature(table: TableEntry, column: ColumnEntry) -> Feature:
    """A column of a table as a feature."""
    key = column.key
    return Feature(key.predicate, key.lane, key.crs, table.name, column.name, datatype=key.datatype)


def is_class(key: LaneKey) -> bool:
    """Whether the objects are classes, which are features of their own."""
    return key.predicate == RDF_TYPE and key.lane is Lane.NODE


def _smallest(column: ColumnEntry) -> str:
    """The cheapest column to see whether a value is there."""
    match column.key.lane:
        case Lane.NODE:
            return id_column(column.name)
        case Lane.GEOMETRY:
            return box_column(column.name, "xmin")
        case _:
            return column.name
