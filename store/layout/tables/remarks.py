"""What the user is told of tables: rows of which table, columns whose kind has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import duckdb

from ontology import RDF_TYPE, Lane

from ...catalog import SUBJECT
from ..manifest import TableEntry
from ..quoting import quoted
from .column_keys import ColumnKey
from .finishing import entry_places
from .formed import Formed
from .settle_find import MAIN

Path = tuple[ColumnKey, ...]


def rows_remarks(formed: Iterable[Formed]) -> list[str]:
    """Say how many rows became rows of which table."""
    rows: Counter[str] = Counter()
    for group in formed:
        rows[group.entry.name] += group.rows
    return [
        f"{count:,} {'entity is a row' if count == 1 else 'entities are rows'} of the table {name}"
        for name, count in rows.items()
        if count
    ]


def left_remark(con: duckdb.DuckDBPyConnection, table: TableEntry) -> str:
    """Say how many rows, those ``demoted`` of ``hit_rows``, leave their table, and why."""
    found = con.execute(
        f"SELECT count(*), min({quoted(SUBJECT)}) FROM hit_rows"
        f" WHERE {MAIN} IN (SELECT id FROM demoted)"
    ).fetchone()
    rows, example = found or (0, "")
    some = "1 row leaves" if rows == 1 else f"{rows:,} rows leave"
    return (
        f"{some} the table {table.name}, for example {example}: a row cannot hold the further"
        " values that came, so all triples of theirs are kept as single triples"
    )


def drift_remarks(new: TableEntry, tables: Iterable[TableEntry]) -> Iterator[str]:
    """Say which columns of a new table are of another kind than in a table that is like it."""
    places = {*entry_places(new)}
    kinds = _kinds(new)
    for table in tables:
        held = {*entry_places(table)}
        if table.views != new.views or 2 * len(places & held) < len(held):
            continue
        for place, (name, was) in _kinds(table).items():
            now = kinds[place][1] if place in kinds else was
            if not now.keys() <= was.keys():
                yield (
                    f"{name} was {' and '.join(was)} in the table {table.name} and is"
                    f" {' and '.join(now)} now: the new rows are in a table of their own,"
                    f" {new.name}"
                )


def _kinds(table: TableEntry) -> dict[tuple[Path, str], tuple[str, dict[Lane, None]]]:
    """The first column's name and the kinds of objects of each predicate, by view."""
    found: dict[tuple[Path, str], tuple[str, dict[Lane, None]]] = {}
    for (path, key), column in zip(entry_places(table), table.columns, strict=True):
        if key.predicate != RDF_TYPE:
            found.setdefault((path, key.predicate), (column.name, {}))[1][key.lane] = None
    return found
