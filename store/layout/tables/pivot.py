"""Triples of staged lanes side by side as rows, and the rows left in the lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import duckdb

from ontology import Lane

from ..lane_columns import COLUMNS
from ..manifest import LaneKey
from ..spool import Spool
from .characteristic_sets import ASSIGNED, Assignment
from .column_keys import Group, cells_of
from .joining import MOST_JOINS, Join, joined
from .sources import Source

_FEW: Final = 16
"""Occurrences of each object from which on the texts of a lane are picked before the join."""


def pivoted(
    con: duckdb.DuckDBPyConnection, assignment: Assignment, themes: Mapping[int, str]
) -> tuple[Group, ...]:
    """A group for each table of an assignment, with the texts of nodes from ``named_terms``."""
    return tuple(
        _with_texts(
            con,
            Group(
                themes[table],
                _pivot(con, table, assignment),
                cells_of(tuple(assignment.places(table))),
                assignment.rows[table],
            ),
            table,
            assignment,
        )
        for table in assignment.roots
    )


def _pivot(con: duckdb.DuckDBPyConnection, table: int, assignment: Assignment) -> str:
    joins: list[Join] = []
    for number, cell in enumerate(cells_of(tuple(assignment.places(table)))):
        source = assignment.source(cell.key)
        subject = "r.s"
        if cell.view is not None:
            here = cell.view // MOST_JOINS == number // MOST_JOINS
            subject = f"c{cell.view}.o" if here else f"r.i{cell.view}"
        join = (
            f"LEFT JOIN (FROM {source.view} WHERE {source.of(cell.key)}) c{number}"
            f" ON {subject} = c{number}.s AND r.g IS NOT DISTINCT FROM c{number}.g"
        )
        joins.append(Join(column_items(number, f"c{number}", cell.key.lane), join))
    rows = f"(SELECT g, s FROM {ASSIGNED} WHERE t = {table})"
    return joined(con, f"pivot_{table}", rows, joins)


def _with_texts(
    con: duckdb.DuckDBPyConnection, group: Group, number: int, assignment: Assignment
) -> Group:
    """Left joins all: they make DuckDB hash the texts, never the rows with their geometries."""
    joins = [Join(["t.text AS t"], "LEFT JOIN named_terms t ON t.id = r.s")]
    joins += [
        Join([f"n{at}.text AS v{at}"], f"LEFT JOIN {terms} n{at} ON n{at}.id = r.i{at}")
        for at, cell in enumerate(group.columns)
        if cell.key.lane is Lane.NODE
        for terms in [_terms(con, assignment.source(cell.key).view)]
    ]
    source = joined(con, f"texts_{number}", group.source, joins)
    con.execute(f"CREATE OR REPLACE TEMP TABLE pivoted_{number} AS FROM {source}")
    for step in range(2):
        con.execute(f"DROP TABLE IF EXISTS pivot_{number}_{step}")
        con.execute(f"DROP TABLE IF EXISTS texts_{number}_{step}")
    return replace(group, source=f"pivoted_{number}")


def _terms(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """SQL relation that has the texts of the objects of a lane; only those if they are few."""
    row = con.execute(f"SELECT approx_count_distinct(o) * {_FEW} < count(*) FROM {view}").fetchone()
    if row is None or not row[0]:
        return "named_terms"
    return f"(FROM named_terms SEMI JOIN (SELECT DISTINCT o FROM {view}) d ON id = d.o)"


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
        if assignment.takes_all(source, lanes.rows(source.key)):
            lanes.forget(source.key)
            continue
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
