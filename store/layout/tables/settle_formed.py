"""Rows about to join a table whose subjects the store already knows otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from ontology import Lane

from ...catalog import GRAPH, SUBJECT, id_column
from ..counting import count
from ..index_files import Ints
from ..integrity import check_whole
from ..manifest import LaneEntry, Manifest, TableEntry
from ..quoting import listed_files, quoted
from ..staging import Staging
from .columns import alive, as_work_rows, work_schema
from .demote import stage_rows
from .forming import Formed
from .settle_find import MAIN, few_ids, files_with, subject_rows

_HERE: Final = "here"
_ELSEWHERE: Final = "elsewhere"
_LANES: Final = "lanes"
_SHARED: Final = "shared"


@dataclass(frozen=True, slots=True)
class FormedSettling:
    """Sends rows back to lanes that must not join their table.

    Those are rows with a subject that is one of another row of the graph, alive or deleted, or
    that has triples of the table's predicates in lanes, stored or staged.

    Attributes
    ----------
    con : duckdb.DuckDBPyConnection
    root : Path
    manifest : Manifest
    inserts : Staging
        What else is written; rows sent back join it, and remarks about them.
    drop_same : bool
        Whether rows that are stored alike already are forgotten.
    """

    con: duckdb.DuckDBPyConnection
    root: Path
    manifest: Manifest
    inserts: Staging
    drop_same: bool

    def settle(self, groups: tuple[Formed, ...], number: int) -> Formed:
        """Return what is left of one of the groups of rows of a write."""
        formed, refused = groups[number], f"refused_{number}"
        self._begin(refused)
        for view in formed.entry.views:
            self._refuse(formed, view, refused)
            self._refuse_shared(groups, number, view, refused)
        self._refuse_deleted(formed, refused)
        return self._send_back(formed, refused)

    def settle_dead(self, number: int, formed: Formed) -> Formed:
        """Return the rows that are not dead at once, now that ``manifest`` is that to be."""
        refused = f"refused_at_last_{number}"
        self._begin(refused)
        self._refuse_deleted(formed, refused)
        return self._send_back(formed, refused)

    def _begin(self, refused: str) -> None:
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {refused} (id BIGINT, g BIGINT, reason VARCHAR)"
        )

    def _send_back(self, formed: Formed, refused: str) -> Formed:
        if not count(self.con, refused):
            return formed
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE refused_rows AS SELECT f.* FROM {formed.source} f"
            f" SEMI JOIN {refused} r ON {_same_row('f', 'r')}"
        )
        rows = count(self.con, "refused_rows")
        self._remark(refused)
        if self.drop_same and formed.entry.parts:
            self._drop_same(formed.entry)
        stage_rows(self.con, formed.entry, "refused_rows", self.inserts)
        self.con.execute("DROP TABLE refused_rows")
        self.con.execute(
            f"CREATE OR REPLACE TEMP VIEW left_by_{refused} AS SELECT f.* FROM {formed.source} f"
            f" ANTI JOIN {refused} r ON {_same_row('f', 'r')}"
        )
        return replace(formed, source=f"left_by_{refused}", rows=formed.rows - rows, held=())

    def _refuse(self, formed: Formed, view: str, refused: str) -> None:
        column = quoted(id_column(view))
        wanted = f"SELECT {column} AS s FROM {formed.source} WHERE {column} IS NOT NULL"
        ids = few_ids(self.con, wanted) if self.manifest.tables or self.manifest.lanes else None
        for taken, reason in self._taken(formed.entry, view, ids):
            self.con.execute(
                f"INSERT INTO {refused} SELECT {MAIN}, {GRAPH}, '{reason}' FROM {formed.source} f"
                f" SEMI JOIN ({taken}) t ON f.{column} = t.s AND f.{GRAPH} IS NOT DISTINCT FROM t.g"
            )

    def _refuse_shared(
        self, groups: tuple[Formed, ...], number: int, view: str, refused: str
    ) -> None:
        """Refuse rows a subject of which is one of a row of another group, too."""
        for other in (group for place, group in enumerate(groups) if place != number):
            for theirs in other.entry.views:
                if view == theirs == SUBJECT:
                    continue
                ours, column = quoted(id_column(view)), quoted(id_column(theirs))
                self.con.execute(
                    f"INSERT INTO {refused} SELECT {MAIN}, {GRAPH}, '{_SHARED}'"
                    f" FROM {groups[number].source} f SEMI JOIN {other.source} o"
                    f" ON f.{ours} = o.{column} AND f.{GRAPH} IS NOT DISTINCT FROM o.{GRAPH}"
                )

    def _taken(self, entry: TableEntry, view: str, ids: Ints | None) -> Iterator[tuple[str, str]]:
        """SQL of graphs and subjects that cannot be subjects of a view, and why they cannot."""
        for table in self.manifest.tables:
            for column, parts in subject_rows(self.root, table, ids):
                files = [part.file for part in parts]
                check_whole(self.root, files)
                yield (
                    f"SELECT {GRAPH} AS g, {quoted(column)} AS s"
                    f" FROM read_parquet({listed_files(self.root, files)})",
                    _HERE if table.name == entry.name else _ELSEWHERE,
                )
        predicates = {column.key.predicate for column in entry.columns if column.view == view}
        for lane in self.manifest.lanes:
            if lane.key.predicate in predicates and (query := self._of_lane(lane, ids)):
                yield query, _LANES
        for key in self.inserts.lanes.keys:
            if key.predicate in predicates:
                with self.inserts.lanes.exposed(self.con, "staged_rows", key):
                    yield "SELECT g, s FROM staged_rows", _LANES

    def _of_lane(self, lane: LaneEntry, ids: Ints | None) -> str | None:
        files = files_with(self.root, lane.files, "s", ids)
        if not files:
            return None
        check_whole(self.root, files)
        return f"SELECT g, s FROM read_parquet({listed_files(self.root, files)})"

    def _refuse_deleted(self, formed: Formed, refused: str) -> None:
        """Refuse rows that would be dead at once: their table has the id as that of a dead row."""
        table = self.manifest.table(formed.entry.name)
        if table is None or table.deleted is None:
            return
        check_whole(self.root, [table.deleted])
        self.con.execute(
            f"INSERT INTO {refused} SELECT {MAIN}, {GRAPH}, '{_HERE}' FROM {formed.source} WHERE"
            f" {MAIN} IN (SELECT id FROM read_parquet({listed_files(self.root, [table.deleted])}))"
        )

    def _drop_same(self, entry: TableEntry) -> None:
        """Forget refused rows that the table holds just so."""
        names = work_schema(entry).names
        shapes = {c.name for c in entry.columns if c.key.lane is Lane.GEOMETRY}
        normal = ", ".join(
            f"ST_AsWKB(ST_GeomFromWKB({quoted(n)})) AS {quoted(n)}" if n in shapes else quoted(n)
            for n in names
        )
        same = " AND ".join(
            f"n.{quoted(name)} IS NOT DISTINCT FROM t.{quoted(name)}" for name in names
        )
        files = listed_files(self.root, [part.file for part in entry.parts])
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE refused_rows AS FROM"
            f" (SELECT {normal} FROM refused_rows) n ANTI JOIN"
            f" (SELECT {as_work_rows(entry)} FROM read_parquet({files})"
            f" WHERE {alive(entry, self.root)}) t ON n.{MAIN} = t.{MAIN} AND {same}"
        )

    def _remark(self, refused: str) -> None:
        found = self.con.execute(
            f"SELECT count(DISTINCT id), min(id) FROM {refused} WHERE reason = '{_ELSEWHERE}'"
        ).fetchone()
        if not found or not found[0]:
            return
        name = self.con.execute(
            f"SELECT iri FROM refused_rows WHERE {MAIN} = $id", {"id": found[1]}
        ).fetchone()
        self.inserts.remarks.append(
            f"two tables claim {found[0]:,} subjects, for example {name[0] if name else found[1]}:"
            " they are in rows of another table already, and what is new is kept as single triples"
        )


def _same_row(row: str, refused: str) -> str:
    return f"{row}.{MAIN} = {refused}.id AND {row}.{GRAPH} IS NOT DISTINCT FROM {refused}.g"
