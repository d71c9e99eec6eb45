"""Which of the staged rows become rows of entity tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import duckdb

from ..manifest import Manifest
from ..staging import Staging
from .characteristic_sets import ASSIGNED, Assignment, assign_subjects
from .column_keys import Group
from .finishing import entry_places, table_of, work_rows
from .formed import Formed
from .pivot import leave_rest, pivoted
from .remarks import drift_remarks
from .shapes import Limits
from .sources import close_sources, open_sources
from .themes import themes
from .views import drop_tables, with_views
from .wide_groups import subjects_of, wide_groups

__all__ = ["LIMITS", "Formed", "form_tables"]

LIMITS: Final = MappingProxyType({"auto": Limits(1_000, 2), "always": Limits(1, 1)})
"""What makes a table, by policy."""


def form_tables(
    con: duckdb.DuckDBPyConnection, staged: Staging, manifest: Manifest, *, joining: bool = False
) -> tuple[Formed, ...]:
    """Take subjects that share predicates out of what is staged, as rows of tables.

    Reads the texts of nodes from ``named_terms``, which :func:`..dictionary.add_terms` leaves.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    staged : Staging
    manifest : Manifest
    joining : bool
        Whether few subjects, too, join a table the store has.
    """
    limits = LIMITS.get(manifest.policy)
    if limits is None:
        return ()
    if joining:
        known = tuple(frozenset(entry_places(table)) for table in manifest.tables)
        limits = replace(limits, known=known)
    groups = list(wide_groups(con, staged, limits))
    sources = open_sources(con, staged.lanes, limits.least)
    if not sources:
        return tuple(_formed(con, staged, manifest, groups))
    assignment = assign_subjects(con, sources, limits, subjects_of(groups))
    assignment = with_views(con, assignment, limits)
    found = pivoted(con, assignment, themes(con, assignment))
    if joining:
        assignment, found = _joining(con, staged, manifest, limits, assignment, found)
    groups += found
    formed = tuple(_formed(con, staged, manifest, groups))
    leave_rest(con, staged.lanes, assignment)
    close_sources(con, sources)
    con.execute(f"DROP TABLE {ASSIGNED}")
    return formed


def _joining(
    con: duckdb.DuckDBPyConnection,
    staged: Staging,
    manifest: Manifest,
    limits: Limits,
    assignment: Assignment,
    groups: tuple[Group, ...],
) -> tuple[Assignment, tuple[Group, ...]]:
    """Leave small groups in lanes that no table of the store takes after all."""
    kept, rows = [], [*assignment.rows]
    for table, group in zip(assignment.roots, groups, strict=True):
        small = group.rows < limits.subjects or len(group.columns) < limits.columns
        entry = table_of(con, group, manifest.tables, staged.lanes)
        if small and manifest.table(entry.name) is None:
            parts = {*assignment.places(table).values()}
            drop_tables(con, parts)
            for part in parts:
                rows[part] = 0
        else:
            kept.append(group)
    return replace(assignment, rows=tuple(rows)), tuple(kept)


def _formed(
    con: duckdb.DuckDBPyConnection, staged: Staging, manifest: Manifest, groups: Iterable[Group]
) -> Iterator[Formed]:
    tables = list(manifest.tables)
    for number, group in enumerate(groups):
        entry = table_of(con, group, tables, staged.lanes)
        if all(entry.name != table.name for table in tables):
            staged.remarks += drift_remarks(entry, manifest.tables)
            tables.append(entry)
        yield work_rows(con, number, group, entry)
