"""Staged rows of lanes that speak about subjects which are rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ...catalog import GRAPH, id_column
from ..counting import count
from ..lane_columns import COLUMNS, same_triple
from ..manifest import LaneKey, TableEntry
from ..parts import PartWriter
from ..quoting import quoted
from ..staging import Staging
from .columns import as_lane_rows
from .demote import demote, stage_rows
from .remarks import left_remark
from .settle_find import MAIN, find_rows, read_rows


def settle_staged(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    deletes: Staging | None,
    inserts: Staging,
) -> tuple[TableEntry, int, int]:
    """Let rows of a table become rows of lanes where staged rows change them.

    A staged triple that a row holds is taken out of ``inserts``; one that it does not hold, or
    that is to be deleted, demotes the row: its triples join ``inserts``, but for those of
    ``deletes``.

    Returns
    -------
    table : TableEntry
    moved, removed : int
        Triples that joined ``inserts``, and those that were to be deleted.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE hit_ids (id BIGINT)")
    for view in table.views:
        _want(con, table, view, deletes, inserts)
        find_rows(con, writer.root, table, view)
    if not read_rows(con, writer.root, table):
        return table, 0, 0
    con.execute("CREATE OR REPLACE TEMP TABLE demoted (id BIGINT)")
    if deletes is not None:
        for view, key in _keys(table, deletes):
            _demote_deleted(con, table, view, key, deletes)
    for view, key in _keys(table, inserts):
        _compare(con, table, view, key, inserts)
    if not count(con, "demoted"):
        return table, 0, 0
    if deletes is None:
        inserts.remarks.append(left_remark(con, table))
    changed = demote(con, writer, table)
    rows = f"(FROM hit_rows WHERE {MAIN} IN (SELECT id FROM demoted))"
    moved, removed = stage_rows(con, table, rows, inserts, deletes)
    con.execute("DROP TABLE hit_rows")
    return changed, moved, removed


def _keys(table: TableEntry, staged: Staging) -> Iterator[tuple[str, LaneKey]]:
    """Views with the staged lanes of their predicates."""
    for view in table.views:
        predicates = {column.key.predicate for column in table.columns if column.view == view}
        for key in staged.lanes.keys:
            if key.predicate in predicates:
                yield view, key


def _want(
    con: duckdb.DuckDBPyConnection,
    table: TableEntry,
    view: str,
    deletes: Staging | None,
    inserts: Staging,
) -> None:
    """Gather the subjects of staged rows with predicates of a view into ``wanted``."""
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (g BIGINT, s BIGINT)")
    for staged in (deletes, inserts):
        if staged is None:
            continue
        for held, key in _keys(table, staged):
            if held == view:
                with staged.lanes.exposed(con, "staged_rows", key):
                    con.execute("INSERT INTO wanted SELECT DISTINCT g, s FROM staged_rows")


def _stored(table: TableEntry, view: str, key: LaneKey) -> str | None:
    """SQL of the triples of a lane in ``hit_rows``, with the ``id`` of their rows."""
    queries = [
        f"SELECT {as_lane_rows(column, stored=False)}, {MAIN} AS id FROM hit_rows"
        f" WHERE {quoted(column.name)} IS NOT NULL"
        for column in table.columns
        if (column.view, column.key) == (view, key)
    ]
    if not queries:
        return None
    normal = COLUMNS[key.lane].normal
    return (
        f"(SELECT {normal}{'' if normal == '*' else ', id'} FROM ({' UNION ALL '.join(queries)}))"
    )


def _demote_deleted(
    con: duckdb.DuckDBPyConnection, table: TableEntry, view: str, key: LaneKey, deletes: Staging
) -> None:
    """Add to ``demoted`` the rows that hold a triple to be deleted."""
    stored = _stored(table, view, key)
    if stored is None:
        return
    with deletes.lanes.exposed(con, "staged_rows", key):
        con.execute(
            f"INSERT INTO demoted SELECT x.id FROM {stored} x SEMI JOIN"
            f" (SELECT {COLUMNS[key.lane].normal} FROM staged_rows) d"
            f" ON {same_triple(key.lane, 'x', 'd')}"
        )


def _compare(
    con: duckdb.DuckDBPyConnection, table: TableEntry, view: str, key: LaneKey, inserts: Staging
) -> None:
    """Add to ``demoted`` the rows that staged triples change; take out triples that rows hold."""
    said = f"(SELECT {COLUMNS[key.lane].normal} FROM staged_rows)"
    stored = _stored(table, view, key)
    same = same_triple(key.lane, "n", "x")
    with inserts.lanes.exposed(con, "staged_rows", key):
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE claimed AS SELECT n.*, c.id FROM {said} n JOIN"
            f" (SELECT {GRAPH} AS g, {quoted(id_column(view))} AS s, {MAIN} AS id FROM hit_rows"
            f" WHERE {MAIN} NOT IN (SELECT id FROM demoted)) c"
            " ON n.s = c.s AND n.g IS NOT DISTINCT FROM c.g"
        )
        if stored is None:
            con.execute("INSERT INTO demoted SELECT DISTINCT id FROM claimed")
            return
        con.execute(
            f"INSERT INTO demoted SELECT DISTINCT id FROM claimed n ANTI JOIN {stored} x ON {same}"
        )
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE held AS FROM claimed n SEMI JOIN {stored} x ON {same}"
        )
        if count(con, "held"):
            inserts.lanes.take(con, key, f"FROM {said} n ANTI JOIN held x ON {same}")
