"""The Parquet columns of an entity table, and its columns read as rows of lanes.

See :class:`store.catalog.EntityTable` for what they hold. A *work row* of a table has the columns
that make its triples these triples (:func:`work_schema`): geometries as WKB, no boxes. Writing
derives the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from ontology import ARROW_TYPES, Lane

from ...catalog import GRAPH, SUBJECT, id_column, lex_column, zone_column
from ..manifest import ColumnEntry, TableEntry
from ..quoting import quoted, quoted_text

_WITHOUT_LEXICAL = frozenset({Lane.NODE, Lane.STRING, Lane.LANG})


def work_schema(table: TableEntry) -> pa.Schema:
    """The columns of a table's work rows, in the order of its files."""
    fields = [(SUBJECT, pa.string())]
    fields += [(column.name, ARROW_TYPES[column.key.lane]) for column in table.columns]
    for column in table.columns:
        fields += _beside(column)
    fields += [(id_column(SUBJECT), pa.int64()), (GRAPH, pa.int64())]
    return pa.schema(fields)


def _beside(column: ColumnEntry) -> Iterator[tuple[str, pa.DataType]]:
    lane = column.key.lane
    if lane is Lane.NODE:
        yield id_column(column.name), pa.int64()
    if lane is Lane.DATETIME:
        yield zone_column(column.name), pa.int16()
    if lane not in _WITHOUT_LEXICAL:
        yield lex_column(column.name), pa.string()


def as_work_rows(table: TableEntry) -> str:
    """SELECT items that turn rows of a table's files into its work rows."""
    shapes = {column.name for column in table.columns if column.key.lane is Lane.GEOMETRY}
    names = work_schema(table).names
    return ", ".join(
        f"ST_AsWKB({quoted(name)}) AS {quoted(name)}" if name in shapes else quoted(name)
        for name in names
    )


def as_lane_rows(column: ColumnEntry, *, stored: bool = True) -> str:
    """SELECT items that turn rows of a table's files into work rows of a lane.

    They are those of ``COLUMNS[lane].work``; select only rows where the column is not null.
    Unless ``stored``, the rows are work rows of the table.
    """
    subject, ids = quoted(column.view), quoted(id_column(column.view))
    items = (
        f"{GRAPH} AS g",
        f"{ids} AS s",
        f"starts_with({subject}, '_:') AS s_blank",
        object_items(column, stored=stored),
    )
    return ", ".join(items)


def object_items(column: ColumnEntry, *, stored: bool = True) -> str:
    """Those of :func:`as_lane_rows` that are the object."""
    name, lane = quoted(column.name), column.key.lane
    items = []
    lex = f"{quoted(lex_column(column.name))} AS lex"
    match lane:
        case Lane.NODE:
            items.append(f"{quoted(id_column(column.name))} AS o")
            items.append(f"starts_with({name}, '_:') AS o_blank")
        case Lane.STRING:
            items.append(f"{name} AS o")
        case Lane.LANG:
            items += [f"{name} AS o", f"{quoted_text(column.lang or '')} AS lang"]
        case Lane.GEOMETRY:
            items += [f"ST_AsWKB({name}) AS wkb" if stored else f"{name} AS wkb", lex]
        case Lane.DATETIME:
            items += [f"{name} AS o", f"{quoted(zone_column(column.name))} AS zone", lex]
        case _:
            items += [f"{name} AS o", lex]
    return ", ".join(items)


def alive(table: TableEntry, root: Path) -> str:
    """SQL condition that a row of a table's files is not deleted."""
    if table.deleted is None:
        return "true"
    path = quoted_text(root / table.deleted.path)
    return f"{quoted(id_column(SUBJECT))} NOT IN (SELECT id FROM read_parquet({path}))"


def part_paths(table: TableEntry, root: Path) -> list[str]:
    """Paths of a table's parts."""
    return [str(root / part.file.path) for part in table.parts]


def lane_rows(table: TableEntry, column: ColumnEntry, root: Path, where: Sequence[str] = ()) -> str:
    """A SELECT of a column's live triples as work rows of its lane; reads ``$files``."""
    tests = [f"{quoted(column.name)} IS NOT NULL", alive(table, root), *where]
    return f"SELECT {as_lane_rows(column)} FROM read_parquet($files) WHERE {' AND '.join(tests)}"
