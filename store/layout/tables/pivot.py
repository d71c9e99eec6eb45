"""Triples of staged lanes side by side as rows, and the rows left in the lanes."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ontology import Lane

from ..lane_columns import COLUMNS
from ..manifest import LaneKey
from ..spool import Spool
from .characteristic_sets import ASSIGNED, Assignment
from .column_keys import Group, cells_of
from .sources import Source


def pivoted(assignment: Assignment, themes: Mapping[int, str]) -> tuple[Group, ...]:
    """A group for each table of an assignment; its relation is a SELECT in brackets."""
    return tuple(
        Group(
            themes[table],
            _pivot(table, assignment),
            cells_of(tuple(assignment.places(table))),
            assignment.rows[table],
        )
        for table in assignment.roots
    )


def _pivot(table: int, assignment: Assignment) -> str:
    items, joins = ["a.g", "a.s"], []
    for number, cell in enumerate(cells_of(tuple(assignment.places(table)))):
        source = assignment.source(cell.key)
        subject = "a.s" if cell.view is None else f"c{cell.view}.o"
        items += column_items(number, f"c{number}", cell.key.lane)
        joins.append(
            f"LEFT JOIN (FROM {source.view} WHERE {source.of(cell.key)}) c{number}"
            f" ON {subject} = c{number}.s AND a.g IS NOT DISTINCT FROM c{number}.g"
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
        tables = [
            number
            for number, keys in enumerate(assignment.tables)
            if columns & {*keys} and assignment.rows[number]
        ]
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
