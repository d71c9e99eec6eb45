"""A ledger as it is after a run: rows seen again, rows new, triples that are stale."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import EntityBatch, Prints

from ...catalog import id_column
from ..counting import count
from ..lane_columns import COLUMNS
from ..manifest import FileEntry, LaneKey, LedgerEntry, Manifest
from ..parts import PartWriter
from ..quoting import listed_files, quoted
from ..spool import Spool, StagingFolder
from ..staging import Hasher, Staging
from ..tables.columns import lane_rows, part_paths
from .known import KnownRows
from .prints import lane_prints, triples_of

_FILES: Final = 8
"""Files of triples before they are folded to one."""

_HELD_BYTES: Final = 100 * 2**20


class LedgerDraft:
    """What a run finds out about its rows.

    Parameters
    ----------
    root : Path
        The store's folder.
    manifest : Manifest
        What the run began from.
    name : str
        Of the mapping.
    folder : StagingFolder
        Where what does not fit in memory waits.
    hasher : callable
        Ids of a NODE column.
    """

    def __init__(
        self, root: Path, manifest: Manifest, name: str, folder: StagingFolder, hasher: Hasher
    ) -> None:
        self._name = name
        self._hasher = hasher
        self._before = manifest.ledger(name)
        self._known = KnownRows(root, self._before)
        self._fresh: Spool[Literal["rows", "triples"]] = Spool(folder, _HELD_BYTES)
        self._predicates: set[str] = set()
        self._next = self._known.next_number
        self._current = np.empty(0, np.int64)

    @property
    def first_run(self) -> bool:
        """Whether the store has no record of an earlier run."""
        return self._before is None

    @property
    def disturbed(self) -> bool:
        """Whether rows have to be mapped again because triples were removed meanwhile."""
        return self._before is not None and self._before.disturbed

    def unknown(self, prints: Prints) -> npt.NDArray[np.bool_]:
        """Which rows were not in the last run."""
        return self._known.unknown(prints)

    def about(self, prints: Prints) -> None:
        """Take rows; what is added next is made of them."""
        self._current = np.arange(self._next, self._next + len(prints))
        self._next += len(prints)
        first, second = (pa.array(part) for part in prints.view(np.int64).T)
        numbers = pa.array(self._current)
        self._fresh.add("rows", pa.table({"n": numbers, "r0": first, "r1": second}))

    def add(self, con: duckdb.DuckDBPyConnection, batch: EntityBatch) -> None:
        """Take triples of the current rows."""
        if not len(self._current):
            return
        numbers = self._current if batch.rows is None else self._current[batch.rows]
        for predicate, at, triples in triples_of(con, batch, self._hasher):
            self._predicates.add(predicate)
            self._fresh.add("triples", triples.add_column(0, "n", pa.array(numbers[at])))

    def stage_stale(
        self, con: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest, deletes: Staging
    ) -> None:
        """Stage the triples that only rows made that are gone."""
        gone = self._known.gone
        if self._before is None or not self._before.triples or not len(gone):
            return
        con.register("gone_numbers", pa.table({"n": gone}))
        con.execute("CREATE OR REPLACE TEMP TABLE gone_rows AS FROM gone_numbers")
        con.unregister("gone_numbers")
        con.execute(
            "CREATE OR REPLACE TEMP TABLE stale AS SELECT DISTINCT s, h"
            f" FROM {_parquet(root, self._before.triples)} SEMI JOIN gone_rows USING (n)"
        )
        for claims in self._claims(con, root, manifest):
            con.execute(f"DELETE FROM stale WHERE h IN ({claims})")
        if count(con, "stale"):
            self._stage(con, root, manifest, deletes)
        con.execute("DROP TABLE stale")

    def _claims(
        self, con: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest
    ) -> Iterator[str]:
        """Prints of triples that rows still make, of this mapping or another one, as SQL."""
        for entry in manifest.ledgers:
            if entry.triples:
                rows = _parquet(root, (entry.rows,))
                left = "" if entry.name != self._name else " ANTI JOIN gone_rows USING (n)"
                yield (
                    f"SELECT h FROM {_parquet(root, entry.triples)}"
                    f" SEMI JOIN (FROM {rows}{left}) USING (n)"
                )
        if self._fresh.has("triples"):
            with self._fresh.exposed(con, "fresh_triples", "triples"):
                yield "SELECT h FROM fresh_triples"

    def _stage(
        self, con: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest, deletes: Staging
    ) -> None:
        stale = con.execute("SELECT h FROM stale").to_arrow_table().column("h").to_numpy()
        for key, query, files in _places(root, manifest, self._before):
            rows = con.execute(query, {"files": files}).to_arrow_table()
            if not rows.num_rows:
                continue
            wanted = np.isin(lane_prints(key, rows).view(np.int64), stale)
            found = rows.filter(pa.array(wanted)).cast(COLUMNS[key.lane].work)
            deletes.lanes.add(key, found)
            deletes.offered += found.num_rows

    def entry(self, con: duckdb.DuckDBPyConnection, writer: PartWriter) -> LedgerEntry:
        """Write the ledger; the one before is kept as it is where nothing changed."""
        before, gone = self._before, self._known.gone
        if before is not None and not before.disturbed and not len(gone) and not self._new:
            return before
        self._gather_rows(con, writer.root, gone)
        folder = f"ledgers/{hashlib.sha256(self._name.encode()).hexdigest()[:12]}"
        rows = writer.write(con, folder, "FROM ledger_rows ORDER BY r0", count(con, "ledger_rows"))
        kept = before.triples if before is not None and len(gone) < len(self._known.numbers) else ()
        triples = self._triples(con, writer, folder, kept)
        con.execute("DROP TABLE ledger_rows")
        predicates = self._predicates | {*(before.predicates if before and kept else ())}
        return LedgerEntry(self._name, rows, triples, tuple(sorted(predicates)))

    @property
    def _new(self) -> bool:
        return self._fresh.has("rows")

    def _gather_rows(self, con: duckdb.DuckDBPyConnection, root: Path, gone: object) -> None:
        con.execute("CREATE OR REPLACE TEMP TABLE ledger_rows (n BIGINT, r0 BIGINT, r1 BIGINT)")
        if self._before is not None:
            con.register("gone_numbers", pa.table({"n": gone}))
            con.execute(
                f"INSERT INTO ledger_rows SELECT n, r0, r1 FROM"
                f" {_parquet(root, (self._before.rows,))} ANTI JOIN gone_numbers USING (n)"
            )
            con.unregister("gone_numbers")
        if self._new:
            with self._fresh.exposed(con, "fresh_rows", "rows"):
                con.execute(
                    "INSERT INTO ledger_rows SELECT min(n), r0, r1 FROM fresh_rows GROUP BY r0, r1"
                )

    def _triples(
        self,
        con: duckdb.DuckDBPyConnection,
        writer: PartWriter,
        folder: str,
        kept: tuple[FileEntry, ...],
    ) -> tuple[FileEntry, ...]:
        files = kept
        if self._fresh.has("triples"):
            with self._fresh.exposed(con, "fresh_triples", "triples"):
                rows = count(con, "fresh_triples")
                files += (writer.write(con, folder, "FROM fresh_triples ORDER BY n", rows),)
        if len(files) <= _FILES:
            return files
        alive = f"{_parquet(writer.root, files)} SEMI JOIN ledger_rows USING (n)"
        con.execute(f"CREATE OR REPLACE TEMP TABLE alive AS FROM {alive}")
        rows = count(con, "alive")
        folded = writer.write(con, folder, "FROM alive ORDER BY n", rows)
        con.execute("DROP TABLE alive")
        return (folded,)


def _places(
    root: Path, manifest: Manifest, entry: LedgerEntry | None
) -> Iterator[tuple[LaneKey, str, list[str]]]:
    """Where a ledger's triples with a stale one's subject may lie: SQL of work rows, and files."""
    predicates = {*(entry.predicates if entry else ())}
    stale = "(SELECT s FROM stale)"
    for lane in manifest.lanes:
        if lane.key.predicate in predicates:
            reading = COLUMNS[lane.key.lane].reading
            query = f"SELECT {reading} FROM read_parquet($files) WHERE s IN {stale}"
            yield lane.key, query, [str(root / file.path) for file in lane.files]
    for table in manifest.tables:
        for column in table.columns:
            if column.key.predicate in predicates:
                test = f"{quoted(id_column(column.view))} IN {stale}"
                yield column.key, lane_rows(table, column, root, [test]), part_paths(table, root)


def _parquet(root: Path, files: tuple[FileEntry, ...]) -> str:
    return f"read_parquet({listed_files(root, files)})"
