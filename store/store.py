"""The store as users see it: one folder of Parquet that is loaded, updated and queried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Self, get_args

import duckdb

from ontology import IRI, RDF_TYPE, BlankNode, StoreError, Term, Triple, UsageError

from .engine.connection import connect, naming_damage
from .layout.dump import dump_snapshot
from .layout.durable import not_writable, sync_folders
from .layout.geometries import (
    FEATURE_PATHS,
    FeatureGeometries,
    feature_geometries,
    read_geometries,
)
from .layout.ledger.sink import LedgerSink
from .layout.load import LoadReport, load_files
from .layout.lock import LOCK, WriterLock
from .layout.manifest import (
    CURRENT,
    MANIFESTS,
    Manifest,
    TablesPolicy,
    current_number,
    make_current,
    manifest_path,
    read_manifest,
    write_manifest,
)
from .layout.quads import QuadGatherer
from .layout.sink import StoreSink
from .layout.snapshot import StoredSnapshot, pinned_snapshot
from .layout.tidy import CompactReport, VacuumReport, compact, history, vacuum
from .layout.transaction import LOCK_TIMEOUT_S, Transaction
from .layout.update_load import Fetch, Sources
from .layout.verify import VerifyReport, verify_store

if TYPE_CHECKING:
    from .algebra import Inference
    from .explaining import Explanation
    from .results import Result

_NAMED_FILES: Final = 3
_WRITE_MEMORY: Final = "1GB"

Statement = Triple | tuple[IRI | BlankNode, IRI, Term, IRI | None]


class Store:
    """A store folder; open one with :meth:`create` or :meth:`open`.

    Threads may share a Store for reading; writes take their turn by a lock on the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: StoredSnapshot | None = None

    @classmethod
    def create(cls, path: str | Path, *, tables: TablesPolicy = "auto") -> Self:
        """Make an empty store in a new or empty folder.

        Parameters
        ----------
        path : path
        tables : {"auto", "always", "never"}
            When subjects become rows of entity tables: where it pays, wherever it can be, never.
            The answers are the same.

        Raises
        ------
        StoreError
            If the folder holds something already or cannot be written.
        UsageError
            If ``tables`` is none of these.
        """
        if tables not in get_args(TablesPolicy):
            raise UsageError(
                "There is no such choice of tables",
                where=repr(tables),
                why=f"it must be one of {', '.join(get_args(TablesPolicy))}",
                remedy="leave it out, or name one of them",
            )
        root = Path(path).resolve()
        _check_free(root)
        try:
            root.mkdir(parents=True, exist_ok=True)
            lock = WriterLock(root, LOCK_TIMEOUT_S)
            try:
                _check_free(root)
                _write_empty(root, tables)
            finally:
                lock.release()
        except OSError as error:
            raise not_writable(root, error) from error
        return cls(root)

    @classmethod
    def open(cls, path: str | Path, *, tables: TablesPolicy | None = None) -> Self:
        """Open a store.

        Parameters
        ----------
        path : path
        tables : {"auto", "always", "never"}, optional
            What the store must have been made with; it cannot be changed.

        Raises
        ------
        StoreError
            If the folder is not a store, or of a format this version does not know.
        UsageError
            If it was made with other ``tables``.
        """
        root = Path(path).resolve()
        manifest = read_manifest(root, current_number(root))
        if tables not in (None, manifest.policy):
            raise UsageError(
                "--tables cannot change a store that is there",
                where=str(path),
                why=f"it was made with --tables {manifest.policy}, {tables} was asked for",
                remedy="leave --tables (in Python tables=) out, or name a new store",
            )
        return cls(root)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the folder for itself."""
        return type(self).open, (self._path,)

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._path

    def snapshot(self, number: int | None = None) -> StoredSnapshot:
        """Pin and return the live snapshot, or an older one.

        Raises
        ------
        StoreError
            If the snapshot is not there any more.
        """
        latest = self._latest
        wanted = current_number(self._path) if number is None else number
        if latest is not None and latest.number == wanted and not latest.closed:
            return latest
        if number is not None:
            return pinned_snapshot(self._path, number, latest)
        self._latest = latest = pinned_snapshot(self._path, before=latest)
        return latest

    def begin(
        self,
        theme: str | None = None,
        *,
        updating: str | None = None,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> StoreSink:
        """Start a write; use it as a context manager.

        Parameters
        ----------
        theme : str, optional
            What is written; ``history`` shows it.
        updating : str, optional
            Name of a mapping: the sink keeps a ledger of the rows it is made of, and a second run
            of this name changes only what differs (``mapper.run_mapping`` into it).
        lock_timeout_s : float
            How long to wait for another writer.

        Raises
        ------
        StoreError
            If another writer does not finish in time, or the folder cannot be written.
        """
        label = f"write {theme}" if theme else "write"
        if updating is not None:
            return LedgerSink(lambda: self._transaction(lock_timeout_s), label, updating)
        return StoreSink(lambda: self._transaction(lock_timeout_s), label)

    def load(
        self,
        files: str | Path | Iterable[str | Path],
        *,
        graph: str | None = None,
        format: str | None = None,
        base_iri: str | None = None,
        skip_bad: bool = False,
        quarantine: str | Path | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LoadReport:
        """Load RDF files, all of them or, if one fails, none.

        Parameters
        ----------
        files : path or iterable of paths
            ``.nt .nq .ttl .trig .rdf .xml .owl .n3 .jsonld``, each also with ``.gz`` or
            ``.zst``.
        graph : str, optional
            IRI of the graph that takes what the files say of their default graph.
        format : str, optional
            Extension or media type, instead of the files' own extension.
        base_iri : str, optional
            What relative IRIs are resolved against, instead of each file's own ``file:`` IRI.
        skip_bad : bool
            Skip statements that do not parse and set them aside, instead of failing.
        quarantine : path, optional
            The file they are appended to; by default ``STORE.rejected`` beside the store.
        progress : callable, optional
            Told now and then how many triples were read so far.

        Raises
        ------
        InputError
            If a file is missing or is not valid RDF, with file, line and column.
        """
        paths = [files] if isinstance(files, str | Path) else list(files)
        label = "load " + ", ".join(Path(path).name for path in paths[:_NAMED_FILES])
        sink = StoreSink(self._transaction, label)
        aside = Path(quarantine or f"{self._path}.rejected") if skip_bad or quarantine else None
        return load_files(
            sink,
            paths,
            graph=graph,
            format=format,
            base_iri=base_iri,
            quarantine=aside,
            progress=progress,
        )

    def insert(self, triples: Iterable[Statement]) -> UpdateReport:
        """Add triples, or quads with the graph's IRI last, in one snapshot.

        Labels of blank nodes are taken as they are: they name nodes of the store.
        """
        return self._edit("insert", inserts=triples)

    def delete(self, triples: Iterable[Statement]) -> UpdateReport:
        """Remove triples, or quads with the graph's IRI last, in one snapshot."""
        return self._edit("delete", deletes=triples)

    def _edit(
        self,
        label: str,
        deletes: Iterable[Statement] = (),
        inserts: Iterable[Statement] = (),
    ) -> UpdateReport:
        with self._transaction() as transaction:
            staged = [transaction.staging(rows=rows) for rows in (False, True)]
            for staging, triples in zip(staged, (deletes, inserts), strict=True):
                gatherer = QuadGatherer(staging.add, label=str)
                for triple in triples:
                    gatherer.add_terms(*triple)
                gatherer.flush()
            change = transaction.apply(deletes=staged[0], inserts=staged[1])
            transaction.publish(label)
        return UpdateReport(change.added, change.removed)

    def update(
        self,
        text: str,
        *,
        base_iri: str | None = None,
        using_graphs: Sequence[str] = (),
        using_named_graphs: Sequence[str] = (),
        load_from: Iterable[str | Path] = (),
        fetch: Fetch | None = None,
        timeout: float | None = None,
        optimise: bool = True,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
        inference: Inference | None = None,
    ) -> UpdateReport:
        """Run a SPARQL 1.1 Update request; all its operations become one snapshot.

        Parameters
        ----------
        text : str
            At most 256 Mi characters; without its data blocks at most 1 MiB.
        base_iri : str, optional
            What relative IRIs are resolved against until ``BASE`` says otherwise.
        using_graphs, using_named_graphs : sequence of str
            IRIs of the dataset of every ``WHERE`` (SPARQL 1.1 Protocol, section 2.2.3).
        load_from : iterable of str or Path
            What ``LOAD`` may read: files, folders, beginnings of addresses. Nothing by default.
        fetch : callable, optional
            ``fetch(url, file, public_only)`` writes a document of the web into a file and
            returns its media type; ``federation.fetch_document`` is one.
        timeout : float, optional
            Seconds for all ``WHERE`` clauses together.
        optimise : bool
            False evaluates ``WHERE`` as written; the outcome is the same.
        lock_timeout_s : float
            How long to wait for another writer.
        inference : Inference, optional
            What counts in ``WHERE`` beside the asserted triples.

        Raises
        ------
        QuerySyntaxError
            With line and column.
        UnsupportedError
            For what queries do not support, and past a limit.
        StoreError
            If a graph to drop or copy does not exist, or one to create does; if another writer
            does not finish in time.
        UsageError
            If a document to load is not in an allowed place, or the dataset is given twice.
        DeadlineError
        """
        operations = _asking().operations(text, base_iri, using_graphs, using_named_graphs)
        select = _asking().selecting(timeout, optimise, inference)
        with self._transaction(lock_timeout_s) as transaction:
            sources = Sources(tuple(load_from), fetch)
            change = _asking().run_update(transaction, select, sources, operations)
            transaction.publish("update")
        return UpdateReport(change.added, change.removed)

    def query(self, text: str, *, as_of: int | None = None, **options: Any) -> Result:
        """Answer a SPARQL query over the live snapshot, or an older one.

        Parameters
        ----------
        text : str
        as_of : int, optional
            Number of an older snapshot.
        **options
            Of :func:`store.run_query`: ``timeout`` in seconds, ``optimise``, ``inference``, …

        Raises
        ------
        QuerySyntaxError, UnsupportedError, DeadlineError, StoreError
        """
        found: Result = _asking().run_query(self.snapshot(as_of), text, **options)
        return found

    def explain(self, text: str, *, as_of: int | None = None, **options: Any) -> Explanation:
        """Plan, passes, files and SQL of a query; ``str`` of it is for people."""
        found: Explanation = _asking().explain(self.snapshot(as_of), text, **options)
        return found

    def dump(self, path: str | Path, *, as_of: int | None = None) -> int:
        """Write every triple to a ``.nt`` or ``.nq`` file (also ``.gz``); return how many.

        Raises
        ------
        UsageError
            If the extension is another one, or ``.nt`` and there are named graphs.
        """
        snapshot = self.snapshot(as_of)
        _check_lanes(snapshot)
        with naming_damage():
            return dump_snapshot(_database().cursor(), snapshot, Path(path))

    def geometries(
        self,
        class_iri: str | None = None,
        graph: str | None = None,
        *,
        path: Sequence[str] | None = None,
    ) -> list[FeatureGeometries]:
        """Features with their geometries, one entry ``(ids, wkb, crs)`` a CRS.

        Parameters
        ----------
        class_iri : str, optional
            Only features of this class.
        graph : str, optional
            IRI of a named graph; the default graph if None.
        path : sequence of str, optional
            Predicates from the feature to the geometry literal; by default ``geo:hasGeometry``
            and those of every serialisation (``geo:asWKT``, ``geo:asGML`` …).
        """
        snapshot = self.snapshot()
        steps = {step for one in (FEATURE_PATHS if path is None else (path,)) for step in one}
        _check_lanes(snapshot, {RDF_TYPE, *steps})
        con = _database().cursor()
        with naming_damage():
            if path is None:
                return feature_geometries(con, snapshot, class_iri, graph)
            return read_geometries(con, snapshot, class_iri, graph, path)

    def verify(self) -> VerifyReport:
        """Check size, SHA-256 and rows of every file of every snapshot, and their manifests."""
        with pinned_snapshot(self._path) as live:
            return verify_store(self._path, live)

    def compact(self) -> CompactReport:
        """Fold small files, lane by lane, and sort them as a whole; answers stay the same."""
        with self._transaction() as transaction:
            return compact(transaction)

    def vacuum(self) -> VacuumReport:
        """Remove old snapshots that nobody reads, and the files that only they need."""
        self._latest = None
        lock = WriterLock(self._path, LOCK_TIMEOUT_S)
        try:
            return vacuum(self._path, read_manifest(self._path, current_number(self._path)))
        finally:
            lock.release()

    def history(self) -> tuple[Manifest, ...]:
        """The live snapshot and the older ones still there, newest first."""
        return history(self._path, self.snapshot().manifest)

    def _transaction(self, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Transaction:
        return Transaction(self._path, _database().cursor(), lock_timeout_s=lock_timeout_s)


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """Triples an update added and removed."""

    inserted: int
    deleted: int


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """The database writes run in: one for all stores, since opening one takes 0.2 s.

    It runs fixed statements only, never SQL made from a query. Its limit leaves room for what a
    write holds beside it in Arrow.
    """
    return connect(folder=Path(Path.cwd().anchor), memory_limit=_WRITE_MEMORY)


def _check_lanes(snapshot: StoredSnapshot, predicates: Collection[str] | None = None) -> None:
    lanes = [lane for lane in snapshot.lanes if predicates is None or lane.predicate in predicates]
    files = {file.path for lane in lanes for file in lane.files}
    tables = (lane.place.table for lane in lanes if lane.place is not None)
    files |= {table.deleted for table in tables if table.deleted is not None}
    snapshot.check_files(sorted(files), dictionary=True)


def _write_empty(root: Path, tables: TablesPolicy) -> None:
    (root / MANIFESTS).mkdir(exist_ok=True)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    write_manifest(root, Manifest(0, None, created, "create", policy=tables))
    make_current(root, 0)
    with suppress(PermissionError):
        sync_folders([root.parent])


def _check_free(root: Path) -> None:
    if (root / CURRENT).exists():
        raise StoreError(
            "There is a store already",
            where=str(root),
            remedy="open it with Store.open, or choose another folder",
        )
    if root.exists() and not (root.is_dir() and _holds_nothing(root)):
        raise StoreError(
            "A store needs a new or empty folder",
            where=str(root),
            why="something else lies there",
            remedy="choose another folder",
        )
    if set(str(root)) & set("*?["):
        raise StoreError(
            "A store's path must not contain *, ? or [",
            where=str(root),
            why="the engine reads them as wildcards",
            remedy="choose another folder",
        )


def _holds_nothing(root: Path) -> bool:
    """Whether a folder is empty but for what an attempt to make a store may have left."""
    first = manifest_path(root, 0).name
    left = {LOCK, MANIFESTS, f"{CURRENT}.tmp", first, f"{first}.tmp"}
    return {path.name for path in (*root.iterdir(), *(root / MANIFESTS).glob("*"))} <= left


def _asking() -> ModuleType:
    """What needs the engine of queries: a load does without."""
    return import_module(".asking", __package__)
