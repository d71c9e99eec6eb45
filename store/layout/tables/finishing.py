"""From groups of rows to work rows of tables: which table, its columns' names, texts of nodes."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ontology import Lane

from ...catalog import GRAPH, SUBJECT, id_column, lex_column, zone_column
from ..manifest import ColumnEntry, TableEntry
from .column_keys import Cell, ColumnKey, Group, keys_of
from .columns import quoted, work_schema
from .naming import column_names, table_name
from .shapes import MIN_OVERLAP

Place = tuple[tuple[ColumnKey, ...], ColumnKey]
"""A column: the columns that lead to its view, and what it holds."""


def table_of(group: Group, tables: Iterable[TableEntry]) -> TableEntry:
    """The table of a group's rows: one the store has, if their columns are some of its."""
    wanted = {*_places(group)}
    best: tuple[float, TableEntry] | None = None
    for table in tables:
        held = {*entry_places(table)}
        overlap = len(wanted & held) / len(held)
        if wanted <= held and overlap >= MIN_OVERLAP and (best is None or overlap > best[0]):
            best = (overlap, table)
    return best[1] if best else _new_table(group)


def _places(group: Group) -> tuple[Place, ...]:
    return tuple((_path(group.columns, cell.view), cell.key) for cell in group.columns)


def _path(columns: tuple[Cell, ...], view: int | None) -> tuple[ColumnKey, ...]:
    if view is None:
        return ()
    return (*_path(columns, columns[view].view), columns[view].key)


def entry_places(table: TableEntry) -> tuple[Place, ...]:
    """Where each column of a table stands."""
    keys = dict(zip((column.name for column in table.columns), keys_of(table.columns), strict=True))
    views = {column.name: column.view for column in table.columns}

    def path(view: str) -> tuple[ColumnKey, ...]:
        return () if view == SUBJECT else (*path(views[view]), keys[view])

    return tuple((path(views[name]), key) for name, key in keys.items())


def _new_table(group: Group) -> TableEntry:
    names = column_names(group.columns)
    columns = tuple(
        ColumnEntry(
            name,
            cell.key.lane_key,
            view=SUBJECT if cell.view is None else names[cell.view],
            lang=cell.key.lang or None,
        )
        for name, cell in zip(names, group.columns, strict=True)
    )
    linking = {cell.view for cell in group.columns} - {None}
    views = (SUBJECT, *(name for number, name in enumerate(names) if number in linking))
    entry = TableEntry("", views, columns)
    return TableEntry(table_name(group.theme, entry.shape), views, columns)


def write_work_rows(
    con: duckdb.DuckDBPyConnection, name: str, group: Group, table: TableEntry
) -> None:
    """Make a temporary table of a group's rows, with the columns of the table's work rows."""
    numbers = {place: number for number, place in enumerate(_places(group))}
    items = {SUBJECT: "t.text", id_column(SUBJECT): "r.s", GRAPH: "r.g"}
    joins = ["JOIN named_terms t ON t.id = r.s"]
    for column, place in zip(table.columns, entry_places(table), strict=True):
        number = numbers.get(place)
        if number is None:
            continue
        items |= _items(column, number)
        if column.key.lane is Lane.NODE:
            joins.append(f"LEFT JOIN named_terms n{number} ON n{number}.id = r.i{number}")
    schema = work_schema(table)
    con.register("work_schema", schema.empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM work_schema")
    con.unregister("work_schema")
    selected = ", ".join(f"{item} AS {quoted(column)}" for column, item in items.items())
    con.execute(
        f"INSERT INTO {name} BY NAME SELECT {selected} FROM {group.source} r {' '.join(joins)}"
    )


def _items(column: ColumnEntry, number: int) -> dict[str, str]:
    lane, name = column.key.lane, column.name
    if lane is Lane.NODE:
        return {name: f"n{number}.text", id_column(name): f"r.i{number}"}
    items = {name: f"r.v{number}"}
    if lane is Lane.DATETIME:
        items[zone_column(name)] = f"r.z{number}"
    if lane not in (Lane.STRING, Lane.LANG):
        items[lex_column(name)] = f"r.l{number}"
    return items
