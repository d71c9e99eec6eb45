"""Which of the staged rows become rows of entity tables."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import duckdb

from ..manifest import Manifest
from ..staging import Staging
from .characteristic_sets import assign_subjects
from .finishing import table_of, work_rows
from .formed import Formed
from .pivot import leave_rest, pivoted
from .remarks import drift_remarks
from .shapes import Limits
from .sources import open_sources
from .themes import themes
from .views import with_views
from .wide_groups import subjects_of, wide_groups

__all__ = ["LIMITS", "Formed", "form_tables"]

LIMITS: Final = MappingProxyType({"auto": Limits(1_000, 2), "always": Limits(1, 1)})
"""What makes a table, by policy."""


def form_tables(
    con: duckdb.DuckDBPyConnection, staged: Staging, manifest: Manifest
) -> tuple[Formed, ...]:
    """Take subjects that share predicates out of the staged lanes, as rows of tables.

    Reads the texts of nodes from ``named_terms``, which :func:`..dictionary.add_terms` leaves.
    """
    limits = LIMITS.get(manifest.policy)
    if limits is None:
        return ()
    groups = list(wide_groups(con, staged, limits))
    sources = open_sources(con, staged.lanes, limits.subjects)
    assignment = None
    if sources:
        assignment = assign_subjects(con, sources, limits, subjects_of(groups))
        assignment = with_views(con, assignment, limits)
        groups += pivoted(con, assignment, themes(con, assignment))
    formed: list[Formed] = []
    for number, group in enumerate(groups):
        tables = (*manifest.tables, *(known.entry for known in formed))
        entry = table_of(con, group, tables, staged.lanes)
        formed.append(Formed(entry, work_rows(con, number, group, entry), group.rows))
        if all(entry.name != table.name for table in tables):
            staged.remarks += drift_remarks(entry, manifest.tables)
    if assignment is not None:
        leave_rest(con, staged.lanes, assignment)
    return tuple(formed)
