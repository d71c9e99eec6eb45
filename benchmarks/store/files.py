"""Where the data of a snapshot lies, as SQL for those who write it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ontology import Lane, term_id
from store import EntityColumn, EntityTable, LaneTable, Snapshot

Box = tuple[float, float, float, float]


def identity(iri: str) -> int:
    """The id of an IRI."""
    return term_id(f"<{iri}>")


class Rows:
    """One entity table of the snapshot."""

    def __init__(self, table: EntityTable) -> None:
        self._table = table

    @property
    def all(self) -> str:
        """Every part."""
        return _listed(part.path for part in self._table.parts)

    def meeting(self, predicate: str, box: Box) -> str:
        """The parts whose geometries of a predicate lie in a box that meets another."""
        west, south, east, north = box
        name = self._of(predicate).name
        held = ((part.path, part.boxes[name]) for part in self._table.parts)
        return _listed(
            path
            for path, own in held
            if own[0] <= east and own[2] >= west and own[1] <= north and own[3] >= south
        )

    def _of(self, predicate: str) -> EntityColumn:
        (column,) = (c for c in self._table.columns if c.predicate == predicate)
        return column

    def column(self, predicate: str) -> str:
        """A predicate's column."""
        return _quoted(self._of(predicate).name)

    def id(self, predicate: str) -> str:
        """The ids beside a column of nodes."""
        return _quoted(f"_{self._of(predicate).name}_id")

    def box(self, predicate: str) -> tuple[str, ...]:
        """The four columns of boxes beside a column of geometries."""
        name = self._of(predicate).name
        return tuple(_quoted(f"_{name}_{side}") for side in ("xmin", "ymin", "xmax", "ymax"))

    def text(self, predicate: str) -> str:
        """A column's values as text."""
        name = self.column(predicate)
        match self._of(predicate).lane:
            case Lane.DECIMAL:
                return f"rtrim(rtrim({name}::VARCHAR, '0'), '.')"
            case Lane.NODE | Lane.STRING | Lane.LANG:
                return name
            case _:
                return f"{name}::VARCHAR"


class Files:
    """The tables, lanes and the dictionary of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def terms(self) -> str:
        """The dictionary."""
        return _listed(self._snapshot.dictionary)

    def __getitem__(self, predicate: str) -> Rows:
        """The table that holds all triples of a predicate.

        Raises
        ------
        SystemExit
            If they lie anywhere else: then this SQL would give another answer.
        """
        lanes = self._of(predicate)
        places = {id(lane.place.table): lane.place.table for lane in lanes if lane.place}
        if len(places) != 1 or any(lane.place is None for lane in lanes):
            raise SystemExit(
                f"SQL by hand is for one entity table, but {predicate} lies in"
                f" {sum(lane.place is None for lane in lanes)} lanes and {len(places)} tables"
            )
        return Rows(next(iter(places.values())))

    def pairs(self, predicate: str, lang: str | None = None) -> str:
        """Subjects ``s`` and objects ``o`` of a predicate, in lanes or in a table."""
        lanes = self._of(predicate)
        return "(" + " UNION ALL ".join(_pairs(lane, lang) for lane in lanes) + ")"

    def _of(self, predicate: str) -> list[LaneTable]:
        return [lane for lane in self._snapshot.lanes if lane.predicate == predicate and lane.rows]


def _pairs(lane: LaneTable, lang: str | None) -> str:
    files = _listed(file.path for file in lane.files)
    if lane.place is None:
        wanted = "" if lang is None else f" WHERE lang = '{lang}'"
        return f"SELECT s, o FROM {files}{wanted}"
    column = lane.place.column
    value = f"_{column.name}_id" if column.lane is Lane.NODE else column.name
    wanted = "true" if lang in (None, column.lang) else "false"
    items = f"{_quoted(f'_{column.view}_id')} AS s, {_quoted(value)} AS o"
    return f"SELECT {items} FROM {files} WHERE {wanted} AND {_quoted(column.name)} IS NOT NULL"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _listed(paths: Iterable[Path]) -> str:
    return "read_parquet([" + ", ".join(f"'{path}'" for path in paths) + "])"
