"""Lanes by predicate, and columns of tables by view and predicate: looked through once a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..catalog import EntityTable, LaneTable, Snapshot

Columns = Mapping[tuple[str, str], Sequence[LaneTable]]
"""The columns of a table, by view and predicate."""


class LaneIndex:
    """What lanes a snapshot has.

    Attributes
    ----------
    lanes : tuple of LaneTable
    tables : tuple of EntityTable
    leading : frozenset of str
        Predicates of columns that lead to another view of their table.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.lanes = snapshot.lanes
        self.tables = snapshot.tables
        self.leading = frozenset(
            column.predicate
            for table in self.tables
            for column in table.columns
            if column.name in table.views
        )
        self._lanes: dict[str, list[LaneTable]] = {}
        self._columns: dict[str, dict[tuple[str, str], list[LaneTable]]] = {}
        for lane in self.lanes:
            self._lanes.setdefault(lane.predicate, []).append(lane)
            if lane.place is not None:
                columns = self._columns.setdefault(lane.place.table.name, {})
                key = (lane.place.column.view, lane.predicate)
                columns.setdefault(key, []).append(lane)

    def of(self, predicate: str) -> Sequence[LaneTable]:
        """The lanes of a predicate, columns of tables included."""
        return self._lanes.get(predicate, ())

    def columns(self, table: EntityTable) -> Columns:
        """The columns of a table."""
        return self._columns.get(table.name, {})

    def tables_of(self, predicates: Sequence[str]) -> Sequence[EntityTable]:
        """The tables that have a column of one of some predicates."""
        lanes = (lane for predicate in dict.fromkeys(predicates) for lane in self.of(predicate))
        found = (lane.place.table for lane in lanes if lane.place is not None)
        return tuple({table.name: table for table in found}.values())
