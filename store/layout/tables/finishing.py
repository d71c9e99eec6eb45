"""From groups of rows to work rows of tables: which table, its columns' names, texts of nodes."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ontology import Lane

from ...catalog import GRAPH, SUBJECT, id_column, lex_column, zone_column
from ..manifest import ColumnEntry, LaneKey, TableEntry
from ..quoting import quoted
from ..spool import Spool
from .column_keys import ColumnKey, Group, Place, keys_of, places_of, without_gaps
from .columns import work_schema
from .formed import Formed
from .naming import column_names, table_name
from .shapes import MIN_OVERLAP


def table_of(
    con: duckdb.DuckDBPyConnection,
    group: Group,
    tables: Iterable[TableEntry],
    lanes: Spool[LaneKey],
) -> TableEntry:
    """The table of a group's rows: one that there is, if their columns are some of its.

    It must lack none of their triples: those of its other predicates may not be in staged lanes.
    """
    wanted = {*without_gaps(places_of(group.columns))}
    best: tuple[float, TableEntry] | None = None
    for table in tables:
        held = {*entry_places(table)}
        overlap = len(wanted & held) / len(held)
        fits = wanted <= held and overlap >= MIN_OVERLAP and (best is None or overlap > best[0])
        if fits and not _elsewhere(con, group, held - wanted, lanes):
            best = (overlap, table)
    return best[1] if best else _new_table(group)


def _elsewhere(
    con: duckdb.DuckDBPyConnection, group: Group, more: set[Place], lanes: Spool[LaneKey]
) -> bool:
    """Whether subjects of a group have triples in staged lanes that belong to more columns."""
    numbers = {(*path, key): number for number, (path, key) in enumerate(places_of(group.columns))}
    for path, missing in more:
        if path and path not in numbers:
            continue
        subject = f"i{numbers[path]}" if path else "s"
        for key in lanes.keys:
            if key.predicate == missing.predicate:
                with lanes.exposed(con, "staged_rows", key):
                    found = con.execute(
                        f"SELECT 1 FROM {group.source} r SEMI JOIN staged_rows l"
                        f" ON r.{subject} = l.s AND r.g IS NOT DISTINCT FROM l.g LIMIT 1"
                    ).fetchone()
                if found:
                    return True
    return False


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


def work_rows(
    con: duckdb.DuckDBPyConnection, number: int, group: Group, table: TableEntry
) -> Formed:
    """Make a temporary view of a group's rows as work rows of the table."""
    places = without_gaps(places_of(group.columns))
    numbers = {place: number for number, place in enumerate(places)}
    items = {SUBJECT: "t", id_column(SUBJECT): "s", GRAPH: "g"}
    for column, place in zip(table.columns, entry_places(table), strict=True):
        if place in numbers:
            items |= _items(column, numbers[place])
    con.register("work_schema", work_schema(table).empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE formed_{number}_empty AS FROM work_schema")
    con.unregister("work_schema")
    selected = ", ".join(f"{item} AS {quoted(column)}" for column, item in items.items())
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW formed_{number} AS FROM formed_{number}_empty"
        f" UNION ALL BY NAME SELECT {selected} FROM {group.source}"
    )
    held = tuple(rows.called(items) for rows in group.held)
    return Formed(table, f"formed_{number}", group.rows, held)


def _items(column: ColumnEntry, number: int) -> dict[str, str]:
    lane, name = column.key.lane, column.name
    items = {name: f"v{number}"}
    if lane is Lane.NODE:
        items[id_column(name)] = f"i{number}"
    elif lane not in (Lane.STRING, Lane.LANG):
        items[lex_column(name)] = f"l{number}"
    if lane is Lane.DATETIME:
        items[zone_column(name)] = f"z{number}"
    return items
