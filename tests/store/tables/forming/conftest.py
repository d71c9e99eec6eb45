from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ontology import EntityBatch
from store.catalog import GRAPH, id_column
from store.engine.connection import connect
from store.layout.lane_columns import COLUMNS
from store.layout.manifest import LaneKey, Manifest, TablesPolicy
from store.layout.quoting import quoted
from store.layout.spool import StagingFolder
from store.layout.staging import Staging
from store.layout.tables.columns import as_lane_rows
from store.layout.tables.forming import Formed, form_tables

Triples = dict[LaneKey, set[tuple[Any, ...]]]


class Forming:
    """Forms tables of batches, and reads everything back as rows of lanes."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._con = con
        self._folder = folder

    def staged(self, batches: Iterable[EntityBatch], *, rows: bool = True) -> Staging:
        staging = Staging(StagingFolder(self._folder), rows=rows)
        for batch in batches:
            staging.add(batch)
        return staging

    def form(
        self, staging: Staging, policy: TablesPolicy = "always", before: Iterable[Formed] = ()
    ) -> tuple[Formed, ...]:
        if staging.terms.has("terms"):
            with staging.terms.exposed(self._con, "staged_terms", "terms"):
                self._con.execute(
                    "CREATE OR REPLACE TEMP TABLE named_terms AS"
                    " SELECT DISTINCT id, text, blank FROM staged_terms"
                )
        tables = tuple(formed.entry for formed in before)
        manifest = Manifest(0, None, "", "", tables=tables, policy=policy)
        return form_tables(self._con, staging, manifest)

    def in_lanes(self, staging: Staging) -> Triples:
        """What the staged lanes hold."""
        found: Triples = {}
        for key in staging.lanes.keys:
            with staging.lanes.exposed(self._con, "held", key):
                names = ", ".join(COLUMNS[key.lane].names)
                rows = self._con.execute(f"SELECT {names} FROM held").fetchall()
            found.setdefault(key, set()).update(rows)
        return found

    def in_tables(self, formed: Iterable[Formed]) -> Triples:
        """What the rows of tables hold; no triple may stand in two cells."""
        found: Triples = {}
        for group in formed:
            for column in group.entry.columns:
                rows = self._con.execute(
                    f"SELECT {as_lane_rows(column, stored=False)} FROM {group.source}"
                    f" WHERE {quoted(column.name)} IS NOT NULL"
                ).fetchall()
                held = found.setdefault(column.key, set())
                assert len({*rows}) == len(rows)
                assert not held & {*rows}
                held.update(rows)
        return found

    def subjects(self, formed: Iterable[Formed]) -> list[tuple[Any, Any, frozenset[str]]]:
        """Graph, id and predicates of every subject of every view."""
        found = []
        for group in formed:
            for view in group.entry.views:
                predicates = frozenset(
                    c.key.predicate for c in group.entry.columns if c.view == view
                )
                ids = quoted(id_column(view))
                rows = self._con.execute(
                    f"SELECT {GRAPH}, {ids} FROM {group.source} WHERE {ids} IS NOT NULL"
                ).fetchall()
                found += [(g, s, predicates) for g, s in rows]
        return found

    def rows(self, formed: Formed) -> list[dict[str, Any]]:
        """The work rows of one table, by column."""
        relation = self._con.execute(f"FROM {formed.source}")
        found: list[dict[str, Any]] = relation.to_arrow_table().to_pylist()
        return found


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect(folder=tmp_path_factory.mktemp("forming"))
    yield con
    con.close()


@pytest.fixture
def forming(database: duckdb.DuckDBPyConnection, tmp_path: Path) -> Forming:
    return Forming(database, tmp_path)
