"""What a write does to entity tables before it changes lanes.

A subject is a row of one table, or its triples with the table's predicates lie in lanes: rows of
a table that cannot join it go to lanes, and rows that are changed leave it for lanes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ..manifest import Manifest
from ..parts import PartWriter
from ..staging import Staging
from .forming import Formed
from .settle_formed import FormedSettling
from .settle_staged import settle_staged


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left to do.

    Attributes
    ----------
    manifest : Manifest
        With tables as they are after rows left them.
    formed : tuple of Formed
        Rows that join tables.
    moved : int
        Triples that are staged for lanes but not new to the store.
    removed : int
        Triples that lay in tables and are neither staged nor in the store any more.
    """

    manifest: Manifest
    formed: tuple[Formed, ...]
    moved: int = 0
    removed: int = 0


def settle(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    manifest: Manifest,
    formed: tuple[Formed, ...],
    deletes: Staging | None,
    inserts: Staging,
) -> Settled:
    """Find out which rows join tables and which leave them; ``inserts`` gets what lanes take."""
    refusing = FormedSettling(con, writer.root, manifest, inserts, drop_same=deletes is None)
    joining = _joining(refusing, formed)
    tables, moved, removed = [], 0, 0
    for table in manifest.tables:
        changed, staged, dropped = settle_staged(con, writer, table, deletes, inserts)
        tables.append(changed)
        moved, removed = moved + staged, removed + dropped
    after = manifest.with_tables(tables)
    refusing = replace(refusing, manifest=after, drop_same=False)
    joining = tuple(refusing.settle_dead(number, group) for number, group in enumerate(joining))
    return Settled(after, tuple(group for group in joining if group.rows), moved, removed)


def refuse(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    manifest: Manifest,
    formed: tuple[Formed, ...],
    staged: Staging,
) -> tuple[Formed, ...]:
    """The rows that can join tables where all other triples are staged; those get the rest."""
    refusing = FormedSettling(con, root, manifest, staged, drop_same=False)
    return tuple(group for group in _joining(refusing, formed) if group.rows)


def _joining(refusing: FormedSettling, formed: tuple[Formed, ...]) -> tuple[Formed, ...]:
    return tuple(refusing.settle(formed, number) for number in range(len(formed)))
