"""What a column of an entity table holds, before it has a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ontology import Lane

from ..manifest import ColumnEntry, LaneKey
from .held_rows import HeldRows


@dataclass(frozen=True, slots=True, order=True)
class ColumnKey:
    """A predicate with objects of one kind.

    Attributes
    ----------
    predicate, lane, crs
        As in :class:`.LaneKey`.
    lang : str
        Tag of the strings, in lane LANG.
    slot : int
        Several columns of rdf:type: classes that one subject has go to different slots.
    datatype : str
        Of geometries, as in :class:`.LaneKey`.
    """

    predicate: str
    lane: Lane
    crs: str = ""
    lang: str = ""
    slot: int = 0
    datatype: str = ""

    @property
    def lane_key(self) -> LaneKey:
        """The lane the column's triples lie in when they lie in lanes."""
        return LaneKey(self.predicate, self.lane, self.crs, self.datatype)


Place = tuple[tuple[ColumnKey, ...], ColumnKey]
"""Where a column stands: the columns that lead from the main subject to its view, and its key."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a group; ``view`` is the number of the column its subjects stand in.

    None is the main view.
    """

    key: ColumnKey
    view: int | None = None


def cells_of(places: Sequence[Place]) -> tuple[Cell, ...]:
    """Columns by their places; those that lead to a view are among them."""
    numbers = {(*path, key): number for number, (path, key) in enumerate(places)}
    return tuple(Cell(key, numbers[path] if path else None) for path, key in places)


def places_of(columns: tuple[Cell, ...]) -> tuple[Place, ...]:
    """Where each column stands."""

    def path(view: int | None) -> tuple[ColumnKey, ...]:
        return () if view is None else (*path(columns[view].view), columns[view].key)

    return tuple((path(cell.view), cell.key) for cell in columns)


def without_gaps(places: Sequence[Place]) -> tuple[Place, ...]:
    """The same places, slots of rdf:type numbered from 0; columns of types lead to no view."""
    seen: Counter[Place] = Counter()
    found = []
    for path, key in places:
        first = (path, replace(key, slot=0))
        found.append((path, replace(key, slot=seen[first])))
        seen[first] += 1
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that may become rows of a table, unique per (graph, subject).

    Attributes
    ----------
    theme : str
        What they are called.
    source : str
        A DuckDB relation with ``g``, id (``s``) and text (``t``) of the subject, and of the
        column numbered ``n`` the value ``vn``, for nodes its text, and the node's id ``in``;
        ``ln`` (lexical form) and ``zn`` (zone) where the lane has them.
    columns : tuple of Cell
    rows : int
    held : tuple of HeldRows
        All rows of ``source``, where they are staged as they are.
    """

    theme: str
    source: str
    columns: tuple[Cell, ...]
    rows: int
    held: tuple[HeldRows, ...] = ()


def keys_of(columns: tuple[ColumnEntry, ...]) -> tuple[ColumnKey, ...]:
    """The keys of a table's columns, in their order."""
    seen: Counter[tuple[str, ColumnKey]] = Counter()
    found = []
    for column in columns:
        lane = column.key
        key = ColumnKey(
            lane.predicate, lane.lane, lane.crs, column.lang or "", datatype=lane.datatype
        )
        found.append(replace(key, slot=seen[column.view, key]))
        seen[column.view, key] += 1
    return tuple(found)
