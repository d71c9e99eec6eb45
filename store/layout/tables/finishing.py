"""From groups of rows to work rows of tables: which table, its columns' names, texts of nodes."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ontology import Lane

from ...catalog import GRAPH, SUBJECT, id_column, lex_column, zone_column
from ..manifest import ColumnEntry, TableEntry
from .column_keys import ColumnKey, Group, Place, keys_of, places_of
from .columns import quoted, work_schema
from .naming import column_names, table_name
from .shapes import MIN_OVERLAP


def table_of(group: Group, tables: Iterable[TableEntry]) -> TableEntry:
    """The table of a group's rows: one the store has, if their columns are some of its."""
    wanted = {*places_of(group.columns)}
    best: tuple[float, TableEntry] | None = None
    for table in tables:
        held = {*entry_places(table)}
        overlap = len(wanted & held) / len(held)
        if wanted <= held and overlap >= MIN_OVERLAP and (best is None or overlap > best[0]):
            best = (overlap, table)
    return best[1] if best else _new_table(group)


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
    """Make a temporary table or view of a group's rows as work rows of the table."""
    numbers = {place: number for number, place in enumerate(places_of(group.columns))}
    items = {SUBJECT: "r.t" if group.texts else "t.text", id_column(SUBJECT): "r.s", GRAPH: "r.g"}
    joins = [] if group.texts else ["JOIN named_terms t ON t.id = r.s"]
    for column, place in zip(table.columns, entry_places(table), strict=True):
        number = numbers.get(place)
        if number is None:
            continue
        items |= _items(column, number, group.texts)
        if column.key.lane is Lane.NODE and not group.texts:
            joins.append(f"LEFT JOIN named_terms n{number} ON n{number}.id = r.i{number}")
    con.register("work_schema", work_schema(table).empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_empty AS FROM work_schema")
    con.unregister("work_schema")
    selected = ", ".join(f"{item} AS {quoted(column)}" for column, item in items.items())
    con.execute(
        f"CREATE OR REPLACE TEMP {'VIEW' if group.texts else 'TABLE'} {name} AS"
        f" FROM {name}_empty UNION ALL BY NAME"
        f" SELECT {selected} FROM {group.source} r {' '.join(joins)}"
    )


def _items(column: ColumnEntry, number: int, texts: bool) -> dict[str, str]:
    lane, name = column.key.lane, column.name
    if lane is Lane.NODE:
        text = f"r.v{number}" if texts else f"n{number}.text"
        return {name: text, id_column(name): f"r.i{number}"}
    items = {name: f"r.v{number}"}
    if lane is Lane.DATETIME:
        items[zone_column(name)] = f"r.z{number}"
    if lane not in (Lane.STRING, Lane.LANG):
        items[lex_column(name)] = f"r.l{number}"
    return items
