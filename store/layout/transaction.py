"""One write: changes worked out beside the live snapshot, then made live at once or dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from ontology import GeoloomError, StoreError, give_back, node_ids

from ..engine.connection import naming_damage
from .characteristic_statistics import with_sets
from .dictionary import add_terms, check_terms
from .durable import not_writable, sync_folders
from .folding import Folding
from .graph_rows import clear_graph, copied_rows, stage_graph
from .integrity import check_whole
from .lane_files import LaneChange, change_lane, new_lane, prepare_rows
from .ledger.draft import LedgerDraft
from .lock import WriterLock
from .manifest import (
    LaneKey,
    Manifest,
    current_number,
    make_current,
    read_manifest,
    write_manifest,
)
from .parts import PartWriter
from .snapshot import StoredSnapshot
from .spool import StagingFolder
from .staging import Hasher, Preparation, Staging
from .tables.demote import with_parts
from .tables.fold_lanes import form_stored
from .tables.forming import Formed, form_tables
from .tables.remarks import rows_remarks
from .tables.settle import settle
from .tables.write import append_rows

LOCK_TIMEOUT_S: Final = 30.0

_DRAFTS: Final = count(1)

_ROUNDS: Final = 8
"""How often at most ``compact`` looks for rows in what is left in lanes."""


@dataclass(frozen=True, slots=True)
class Change:
    """Triples a transaction added and removed."""

    added: int = 0
    removed: int = 0

    def __add__(self, other: Change) -> Change:
        return Change(self.added + other.added, self.removed + other.removed)


class Transaction:
    """Holds the writer lock from construction until :meth:`publish` or :meth:`rollback`.

    Parameters
    ----------
    root : Path
        The store's folder.
    con : duckdb.DuckDBPyConnection
        A cursor of its own: work tables are temporary tables in it.
    hasher : callable
        Ids of a NODE column; another one only in tests of collisions.
    lock_timeout_s : float
        How long to wait for another writer.
    """

    def __init__(
        self,
        root: Path,
        con: duckdb.DuckDBPyConnection,
        *,
        hasher: Hasher = node_ids,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        self._root = root
        self._con = con
        self._hasher = hasher
        self._lock = WriterLock(root, lock_timeout_s)
        try:
            self._base = read_manifest(root, current_number(root))
        except StoreError:
            self._lock.release()
            raise
        self._manifest = self._base
        self._writer = PartWriter(root, self._base.number + 1)
        self._folder = StagingFolder(root)
        self._published = False
        self._held = False
        self._disturbing = False

    @property
    def manifest(self) -> Manifest:
        """The snapshot as changed so far."""
        return self._manifest

    def snapshot(self) -> StoredSnapshot:
        """The changed snapshot for queries inside this transaction; its number is negative."""
        return StoredSnapshot(self._root, replace(self._manifest, number=-next(_DRAFTS)))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a part of the work publish or roll back without ending the whole."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def staging(self, *, rows: bool = True) -> Staging:
        """Start gathering what to add or, without ``rows`` of entities, to remove."""
        keep = rows and self._manifest.policy != "never"
        return Staging(self._folder, self._hasher, rows=keep)

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection its work tables are in."""
        return self._con

    def draft(self, name: str, inserts: Staging) -> LedgerDraft:
        """Begin a new ledger of a mapping, from the one the store has."""
        return LedgerDraft(self._root, self._manifest, name, inserts.folder, self._hasher)

    def apply(self, *, deletes: Staging | None = None, inserts: Staging | None = None) -> Change:
        """Remove rows, then add rows (SPARQL 1.1 Update, section 3.1.3).

        Raises
        ------
        StoreError
            If two terms share an id, or a file of the store is damaged.
        """
        change = self._applied(deletes, inserts)
        self._disturbing |= change.removed > 0
        return change

    def apply_drafted(self, draft: LedgerDraft, inserts: Staging | None) -> Change:
        """Remove what only rows said that are gone, add what new rows say, keep the ledger."""
        deletes = self.staging(rows=False)
        with naming_damage():
            check_whole(self._root, (file for one in self._manifest.ledgers for file in one.files))
            draft.stage_stale(self._con, self._root, self._manifest, deletes)
        change = self._applied(deletes if deletes.offered else None, inserts)
        entry = draft.entry(self._con, self._writer)
        self._manifest = self._manifest.with_ledger(entry)
        return change

    def _applied(self, deletes: Staging | None, inserts: Staging | None) -> Change:
        with naming_damage():
            terms = self._manifest.terms
            check_whole(self._root, terms)
            if deletes is not None:
                check_terms(self._con, self._writer, terms, deletes)
            if inserts is not None:
                give_back()
                writing = add_terms(self._con, self._writer, terms, inserts)
                graphs = {*self._manifest.graphs, *inserts.graphs}
                self._manifest = replace(self._manifest, graphs=tuple(sorted(graphs)))
                try:
                    formed = form_tables(self._con, inserts, self._manifest)
                    return self._change(deletes, inserts, formed)
                finally:
                    self._manifest = replace(self._manifest, terms=writing())
            return self._change(deletes, inserts, ())

    def _change(
        self, deletes: Staging | None, inserts: Staging | None, formed: tuple[Formed, ...]
    ) -> Change:
        """Change lanes and tables; ``formed`` may claim subjects that the store has otherwise."""
        if not formed and not self._manifest.tables:
            return self._change_lanes(deletes, inserts)
        inserts = inserts or self.staging()
        settled = settle(self._con, self._writer, self._manifest, formed, deletes, inserts)
        self._manifest = settled.manifest
        change = self._change_lanes(deletes, inserts) + self._append(settled.formed)
        inserts.remarks += rows_remarks(settled.formed)
        return change + Change(-settled.moved, settled.removed)

    def _append(self, formed: Iterable[Formed]) -> Change:
        """Write rows of entity tables; their subjects are in no table and no lane of theirs."""
        added = 0
        for group in formed:
            new = replace(group.entry, parts=(), deleted=None)
            before = self._manifest.table(group.entry.name) or new
            after = append_rows(
                self._con, self._writer, before, group.source, self._manifest.graphs, group.held
            )
            added += after.triples - before.triples
            self._manifest = self._manifest.with_tables([after])
        return Change(added=added)

    def _change_lanes(self, deletes: Staging | None, inserts: Staging | None) -> Change:
        keys = dict.fromkeys(inserts.lanes.keys if inserts else ())
        stored = {entry.key for entry in self._manifest.lanes}
        keys |= dict.fromkeys(
            key for key in (deletes.lanes.keys if deletes else ()) if key in stored
        )
        changes: dict[LaneKey, LaneChange] = {}
        for key in keys:
            entry = self._manifest.lane(key)
            if entry is None and inserts is not None:
                changes[key] = new_lane(self._con, self._writer, key, inserts.lanes)
                continue
            check_whole(self._root, () if entry is None else entry.files)
            for table, staged in (("deletes", deletes), ("inserts", inserts)):
                prepare_rows(self._con, table, key)
                if staged is not None:
                    staged.lanes.load_into(self._con, table, key)
            changes[key] = change_lane(self._con, self._writer, key, entry)
        return self._adopt(changes)

    def create(self, graph: str) -> None:
        """Record a named graph; it exists from now on, with triples or without."""
        if graph in self._manifest.graphs:
            return
        named, staged = Preparation(self._hasher), self.staging()
        named.distinct_nodes(pa.array([graph]))
        named.graphs.add(graph)
        staged.take(named)
        self.apply(inserts=staged)

    def forget(self, graphs: Iterable[str]) -> None:
        """Let named graphs no longer exist; they have no triples any more."""
        kept = tuple(graph for graph in self._manifest.graphs if graph not in {*graphs})
        self._manifest = replace(self._manifest, graphs=kept)

    def clear(self, graph: str | None) -> Change:
        """Remove every triple of a named graph, or of the default graph if None."""
        wanted = self._graph_id(graph)
        if graph is not None and wanted is None:
            return Change()
        self._disturbing = True
        with naming_damage():
            removed = self._clear_tables(graph)
            return removed + self._adopt(
                {
                    entry.key: clear_graph(self._con, self._writer, entry, wanted)
                    for entry in self._manifest.lanes
                }
            )

    def _clear_tables(self, graph: str | None) -> Change:
        """Drop the parts of a graph."""
        before, changed = self._manifest.tables, []
        for table in before:
            parts = [part for part in table.parts if part.graph != graph]
            changed.append(with_parts(self._con, self._writer, table, parts))
        self._manifest = self._manifest.with_tables(changed)
        pairs = zip(before, changed, strict=True)
        return Change(removed=sum(old.triples - new.triples for old, new in pairs))

    def clear_all(self) -> Change:
        """Remove every triple; named graphs stay, empty."""
        removed = self._manifest.triples
        self._manifest = replace(self._manifest, lanes=(), tables=())
        self._disturbing = True
        return Change(removed=removed)

    def add_graph(self, source: str | None, target: str | None) -> Change:
        """Add every triple of one graph to another one; None is the default graph."""
        if target is not None:
            self.create(target)
        taken, given = self._graph_id(source), self._graph_id(target)
        if source is not None and taken is None:
            return Change()
        with naming_damage():
            staged = self.staging()
            for entry in self._manifest.lanes:
                stage_graph(self._con, self._root, entry, staged, taken, given)
            formed = tuple(
                copied_rows(self._con, self._root, table, source, given)
                for table in self._manifest.tables
                if any(part.graph == source for part in table.parts)
            )
            return self._change(None, staged, formed)

    def _graph_id(self, graph: str | None) -> int | None:
        return None if graph is None else self.snapshot().known([graph]).get(graph)

    def reorganise(self) -> int:
        """Write anew what is worn or in pieces; returns how many subjects became rows of tables."""
        folding = Folding(self._con, self._writer)
        with naming_damage():
            self._manifest = folding.tables(self._manifest)
            rows = 0 if self._manifest.policy == "never" else self._form_stored()
            self._manifest = folding.rest(folding.tables(self._manifest))
        if self._manifest.triples != self._base.triples:
            raise GeoloomError(
                "Compacting would have changed the store's triples; nothing was written",
                where=str(self._root),
                why=f"{self._base.triples:,} triples became {self._manifest.triples:,}",
                remedy="report this; the store is as it was, and need not be compacted",
            )
        return rows

    def _form_stored(self) -> int:
        """Make rows of subjects in lanes; what is left over may make tables of its own."""
        rows = 0
        for _ in range(_ROUNDS):
            self._manifest, formed = form_stored(
                self._con, self._writer, self._manifest, self.staging()
            )
            if not formed:
                break
            self._append(formed)
            rows += sum(group.rows for group in formed)
        return rows

    def _adopt(self, changes: Mapping[LaneKey, LaneChange]) -> Change:
        self._manifest = self._manifest.with_lanes(
            {key: change.entry for key, change in changes.items()}
        )
        return sum((Change(c.added, c.removed) for c in changes.values()), Change())

    def publish(
        self,
        label: str,
        *,
        notes: Mapping[str, Any] | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Make the changes live, durably and at once; without any, nothing is written.

        Should the last step, the replacement of CURRENT, fail, the new files stay: it may have
        happened.

        Raises
        ------
        StoreError
            If another snapshot became live meanwhile, or the folder cannot be written.
        """
        if not self._held and self._manifest != self._base:
            with naming_damage():
                self._manifest = Folding(self._con, self._writer).small(self._manifest)
        base, changed = self._base, self._manifest
        final = replace(
            changed.disturbed() if self._disturbing else changed,
            notes={**changed.notes, **(notes or {})},
            prefixes={**(prefixes or {}), **changed.prefixes},
        )
        if self._held:
            self._manifest = final
            return final
        try:
            if final == base:
                self._writer.discard()
                return base
            final = replace(
                with_sets(self._con, self._root, final),
                number=base.number + 1,
                parent=base.number,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                label=label,
            )
            self._drop_unused(final)
            sync_folders(self._writer.folders)
            self._check_parent()
            write_manifest(self._root, final)
            self._published = True
            make_current(self._root, final.number)
        except OSError as error:
            raise not_writable(self._root, error) from error
        finally:
            self.rollback()
        return final

    def _check_parent(self) -> None:
        live = current_number(self._root)
        if live != self._base.number:
            raise StoreError(
                "The store changed while this write was under way",
                where=str(self._root),
                why=f"it began from snapshot {self._base.number}, now {live} is live",
                remedy="run the write again; nothing of it was kept",
            )

    def _drop_unused(self, final: Manifest) -> None:
        used = {self._root / file.path for file in final.files}
        for path in self._writer.written:
            if path not in used:
                path.unlink(missing_ok=True)
        self._writer.written[:] = [path for path in self._writer.written if path in used]

    def rollback(self) -> None:
        """Drop the changes and give the lock back; after publish it does nothing."""
        if self._held or not self._lock.release.alive:
            return
        if not self._published:
            with suppress(OSError):
                self._writer.discard()
        self._folder.remove()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rollback()
