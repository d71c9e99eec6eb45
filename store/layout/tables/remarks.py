"""What the user is told of tables: rows of which table, columns whose kind has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ontology import RDF_TYPE

from ..manifest import ColumnEntry, TableEntry
from .column_keys import Place
from .finishing import entry_places
from .formed import Formed


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


def drift_remarks(new: TableEntry, tables: Iterable[TableEntry]) -> Iterator[str]:
    """Say which columns of a new table are of another kind than in a table that is like it."""
    places = _columns(new)
    kinds = {(path, key.predicate): column for (path, key), column in places.items()}
    for table in tables:
        held = _columns(table)
        if table.views != new.views or 2 * len(places.keys() & held.keys()) < len(held):
            continue
        for (path, key), column in held.items():
            now = kinds.get((path, key.predicate))
            if (path, key) in places or now is None or key.predicate == RDF_TYPE:
                continue
            if now.key.lane is not key.lane:
                yield (
                    f"{column.name} was {key.lane} in the table {table.name} and is"
                    f" {now.key.lane} now: the new rows are in a table of their own, {new.name}"
                )


def _columns(table: TableEntry) -> dict[Place, ColumnEntry]:
    return dict(zip(entry_places(table), table.columns, strict=True))
