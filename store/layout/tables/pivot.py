"""Triples of staged lanes side by side as rows, and the rows left in the lanes."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ontology import Lane

from ..lane_columns import COLUMNS
from ..manifest import LaneKey
from ..spool import Spool
from .characteristic_sets import ASSIGNED, Assignment
from .column_keys import Cell, ColumnKey, Group
from .sources import Source


def pivoted(assignment: Assignment, themes: Iterable[str]) -> tuple[Group, ...]:
    """A group for each table of an assignment; its relation is a SELECT in brackets."""
    groups = zip(assignment.tables, assignment.rows, themes, strict=True)
    return tuple(
        Group(theme, _pivot(number, columns, assignment.sources), tuple(map(Cell, columns)), rows)
        for number, (columns, rows, theme) in enumerate(groups)
    )


def _pivot(table: int, columns: tuple[ColumnKey, ...], sources: tuple[Source, ...]) -> str:
    items, joins = ["a.g", "a.s"], []
    for number, column in enumerate(columns):
        source = next(s for s in sources if column in {*s.columns.values()})
        items += column_items(number, f"c{number}", column.lane)
        joins.append(
            f"LEFT JOIN (FROM {source.view} WHERE {source.of(column)}) c{number}"
            f" ON a.s = c{number}.s AND a.g IS NOT DISTINCT FROM c{number}.g"
        )
    return (
        f"(SELECT {', '.join(items)} FROM (FROM {ASSIGNED} WHERE t = {table}) a {' '.join(joins)})"
    )


def column_items(number: int, alias: str, lane: Lane) -> list[str]:
    """SELECT items of a group's column from work rows of its lane."""
    if lane is Lane.NODE:
        return [f"{alias}.o AS i{number}"]
    value = "wkb" if lane is Lane.GEOMETRY else "o"
    items = [f"{alias}.{value} AS v{number}"]
    names = COLUMNS[lane].names
    if "zone" in names:
        items.append(f"{alias}.zone AS z{number}")
    if "lex" in names:
        items.append(f"{alias}.lex AS l{number}")
    return items


def value_names(lane: Lane) -> tuple[str, ...]:
    """What a group has of a column, texts too; the column's number follows each name."""
    if lane is Lane.NODE:
        return ("i", "v")
    names = COLUMNS[lane].names
    return ("v", *("z" for name in names if name == "zone"), *("l" for n in names if n == "lex"))


def leave_rest(
    con: duckdb.DuckDBPyConnection, lanes: Spool[LaneKey], assignment: Assignment
) -> None:
    """Let lanes keep only the rows that no table has taken."""
    for source in assignment.sources:
        columns = {*source.columns.values()}
        tables = [n for n, keys in enumerate(assignment.tables) if columns & {*keys}]
        if tables:
            _leave(con, lanes, source, tables)


def _leave(
    con: duckdb.DuckDBPyConnection, lanes: Spool[LaneKey], source: Source, tables: list[int]
) -> None:
    taken = f"(FROM {ASSIGNED} WHERE t IN ({', '.join(map(str, tables))}))"
    lanes.take(
        con,
        source.key,
        f"SELECT {', '.join(COLUMNS[source.key.lane].names)} FROM {source.view} r"
        f" ANTI JOIN {taken} a ON r.s = a.s AND r.g IS NOT DISTINCT FROM a.g",
    )
