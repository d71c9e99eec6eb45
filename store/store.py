"""The store as users see it: one folder of Parquet that is loaded, updated and queried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import duckdb

from ontology import StoreError

from .engine.connection import connect
from .layout.durable import not_writable
from .layout.load import LoadReport, load_files
from .layout.manifest import (
    CURRENT,
    MANIFESTS,
    Manifest,
    current_number,
    make_current,
    read_manifest,
    write_manifest,
)
from .layout.sink import StoreSink
from .layout.snapshot import StoredSnapshot, pinned_snapshot
from .layout.transaction import LOCK_TIMEOUT_S, Transaction

_NAMED_FILES: Final = 3


class Store:
    """A store folder; open one with :meth:`create` or :meth:`open`.

    Threads may share a Store for reading; writes take their turn by a lock on the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: StoredSnapshot | None = None

    @classmethod
    def create(cls, path: str | Path) -> Self:
        """Make an empty store in a new or empty folder.

        Raises
        ------
        StoreError
            If the folder holds something already or cannot be written.
        """
        root = Path(path).resolve()
        _check_free(root)
        try:
            (root / MANIFESTS).mkdir(parents=True)
        except OSError as error:
            raise not_writable(root, error) from error
        created = datetime.now(UTC).isoformat(timespec="seconds")
        write_manifest(root, Manifest(0, None, created, "create"))
        make_current(root, 0)
        return cls(root)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store.

        Raises
        ------
        StoreError
            If the folder is not a store, or of a format this version does not know.
        """
        root = Path(path).resolve()
        read_manifest(root, current_number(root))
        return cls(root)

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._path

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return connect(folder=self._path)

    def snapshot(self, number: int | None = None) -> StoredSnapshot:
        """Pin and return the live snapshot, or an older one.

        Raises
        ------
        StoreError
            If the snapshot is not there any more.
        """
        if number is not None:
            return pinned_snapshot(self._path, number)
        if self._latest is None or self._latest.number != current_number(self._path):
            self._latest = pinned_snapshot(self._path)
        return self._latest

    def begin(
        self, theme: str | None = None, *, lock_timeout_s: float = LOCK_TIMEOUT_S
    ) -> StoreSink:
        """Start a write; use it as a context manager.

        Parameters
        ----------
        theme : str, optional
            What is written; ``history`` shows it.
        lock_timeout_s : float
            How long to wait for another writer.

        Raises
        ------
        StoreError
            If another writer does not finish in time, or the folder cannot be written.
        """
        label = f"write {theme}" if theme else "write"
        return StoreSink(lambda: self._transaction(lock_timeout_s), label)

    def load(
        self,
        files: str | Path | Iterable[str | Path],
        *,
        graph: str | None = None,
        format: str | None = None,
        skip_bad: bool = False,
    ) -> LoadReport:
        """Load RDF files, all of them or, if one fails, none.

        Parameters
        ----------
        files : path or iterable of paths
            ``.nt .nq .ttl .trig .rdf .xml .owl .n3 .jsonld``, each also with ``.gz``.
        graph : str, optional
            IRI of the graph that takes what the files say of their default graph.
        format : str, optional
            Extension or media type, instead of the files' own extension.
        skip_bad : bool
            Skip statements that do not parse and list them, instead of failing.

        Raises
        ------
        InputError
            If a file is missing or is not valid RDF, with file, line and column.
        """
        paths = [files] if isinstance(files, str | Path) else list(files)
        label = "load " + ", ".join(Path(path).name for path in paths[:_NAMED_FILES])
        sink = StoreSink(self._transaction, label)
        return load_files(sink, paths, graph=graph, format=format, skip_bad=skip_bad)

    def _transaction(self, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Transaction:
        return Transaction(self._path, self._connection.cursor(), lock_timeout_s=lock_timeout_s)


def _check_free(root: Path) -> None:
    if (root / CURRENT).exists():
        raise StoreError(
            "There is a store already",
            where=str(root),
            remedy="open it with Store.open, or choose another folder",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
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
