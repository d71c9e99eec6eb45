"""A pinned, read-only view of one snapshot: what the planner asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ontology import StoreError, node_ids

from ..catalog import CharacteristicSets, EntityTable, LaneFile, LaneTable
from .index_files import Ints
from .integrity import check_whole, damaged
from .lock import Pin
from .manifest import FileEntry, LaneEntry, Manifest, current_number, manifest_path, read_manifest
from .node_rows import NodeRows
from .tables.catalog import column_lanes, entity_table

REMEMBERED: Final = 4096
"""Nodes a snapshot remembers the ids of."""


class StoredSnapshot:
    """Implements :class:`store.catalog.Snapshot`; pinned while referenced or until closed.

    Parameters
    ----------
    root : Path
        The store's folder.
    manifest : Manifest
    pin : Pin, optional
        Spares the snapshot's files from vacuum.
    before : StoredSnapshot, optional
        Another one of the store; what it has open of files that both have is shared.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        pin: Pin | None = None,
        before: StoredSnapshot | None = None,
    ) -> None:
        self._root = root
        self.manifest = manifest
        self._pin = pin
        self._groups: dict[Path, _SortedFile] = {}
        opened: NodeRows | None = None
        if before is not None:
            terms = {root / file.path for file in manifest.terms}
            self._groups = {path: file for path, file in before._groups.items() if path in terms}
            opened = before._nodes
        self._nodes: NodeRows = NodeRows(root, manifest, opened)
        self._asked: dict[str, int | None] = {}

    @property
    def root(self) -> Path:
        """The store's folder."""
        return self._root

    @property
    def number(self) -> int:
        """Number of the manifest this snapshot is."""
        return self.manifest.number

    @cached_property
    def lanes(self) -> tuple[LaneTable, ...]:
        """Every lane of every predicate, columns of entity tables included."""
        lanes = tuple(self._lane_table(entry) for entry in self.manifest.lanes)
        return (*lanes, *self._column_lanes)

    @cached_property
    def tables(self) -> tuple[EntityTable, ...]:
        """Every entity table."""
        return tuple(entity_table(self._root, entry) for entry in self.manifest.tables)

    @property
    def _column_lanes(self) -> Iterator[LaneTable]:
        for entry, table in zip(self.manifest.tables, self.tables, strict=True):
            yield from column_lanes(entry, table)

    @property
    def sets(self) -> CharacteristicSets | None:
        """Which predicates occur together, None if that was not measured."""
        return self.manifest.sets

    @cached_property
    def dictionary(self) -> tuple[Path, ...]:
        """Parquet files (id, text, blank), each sorted by id."""
        return tuple(self._root / file.path for file in self.manifest.terms)

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs."""
        return self.manifest.graphs

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefixes remembered from loads."""
        return self.manifest.prefixes

    @property
    def notes(self) -> Mapping[str, Any]:
        """What writers noted: provenance, completeness of links."""
        return self.manifest.notes

    def known(self, nodes: Sequence[str]) -> Mapping[str, int]:
        """Ids of those nodes that the dictionary holds, by id and text.

        Reads one row group (8 k terms) per node and dictionary file at most; the last
        :data:`REMEMBERED` answers are remembered.

        Raises
        ------
        StoreError
            If a dictionary file is missing or damaged.
        """
        new = [node for node in dict.fromkeys(nodes) if node not in self._asked]
        found = self._looked_up(new) if new else {}
        answers = {node: found.get(node, self._asked.get(node)) for node in nodes}
        while len(self._asked) + len(new) > REMEMBERED and self._asked:
            self._asked.pop(next(iter(self._asked)), None)
        self._asked.update((node, found.get(node)) for node in new[:REMEMBERED])
        return {node: id_ for node, id_ in answers.items() if id_ is not None}

    def rows_of(
        self, files: Iterable[Path], column: str, nodes: Sequence[int]
    ) -> Mapping[Path, Ints]:
        """Numbers of the rows of files that may hold one of some nodes, where that is known.

        Raises
        ------
        StoreError
            If an index is missing or damaged.
        """
        return self._nodes.rows_of(files, column, nodes)

    def check_files(self, lane_files: Iterable[Path], *, dictionary: bool) -> None:
        """Check that files about to be read are those written.

        Raises
        ------
        StoreError
            Naming a file that is missing, truncated or altered.
        """
        check_whole(self._root, [self._entries[path] for path in lane_files])
        if dictionary:
            check_whole(self._root, self.manifest.terms)

    @cached_property
    def _entries(self) -> Mapping[Path, FileEntry]:
        return {self._root / entry.path: entry for entry in self.manifest.files}

    def _looked_up(self, nodes: Sequence[str]) -> dict[str, int]:
        wanted = dict(zip(nodes, node_ids(pa.array(nodes, pa.string())).tolist(), strict=True))
        ids = np.unique(np.fromiter(wanted.values(), np.int64))
        found: dict[str, int] = {}
        check_whole(self._root, self.manifest.terms)
        for path in self.dictionary:
            if path not in self._groups:
                self._groups[path] = _SortedFile(path)
            found |= self._groups[path].texts_of(ids)
        return {node: id_ for node, id_ in wanted.items() if found.get(node) == id_}

    def _lane_table(self, entry: LaneEntry) -> LaneTable:
        return LaneTable(
            predicate=entry.key.predicate,
            lane=entry.key.lane,
            files=tuple(
                LaneFile(self._root / f.path, f.rows, f.box, f.largest) for f in entry.files
            ),
            rows=entry.rows,
            crs=entry.key.crs or None,
            has_lexical=entry.has_lexical,
            has_graphs=entry.has_graphs,
            distinct_subjects=entry.distinct_subjects,
            distinct_objects=entry.distinct_objects,
            statistics=entry.statistics,
            datatype=entry.key.datatype or None,
            systems=entry.systems,
            has_until=entry.has_until,
        )

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called on a pinned snapshot."""
        return self._pin is not None and not self._pin.release.alive

    def close(self) -> None:
        """Let vacuum have the files this snapshot alone needs.

        Only for who uses it alone: until the next write a store gives all of its callers the
        same live one, and its end unpins it anyway.
        """
        if self._pin is not None:
            self._pin.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _SortedFile:
    """A dictionary file and the id range of each of its row groups."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._metadata = pq.read_metadata(path)
        except (OSError, pa.ArrowException) as error:
            raise damaged(self._path, str(error)) from error
        groups = range(self._metadata.num_row_groups)
        ranges = [self._metadata.row_group(group).column(0).statistics for group in groups]
        self._least = np.array([r.min for r in ranges], np.int64)
        self._greatest = np.array([r.max for r in ranges], np.int64)

    def texts_of(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, int]:
        """Texts in this file that have one of the (sorted) ids."""
        first = np.searchsorted(ids, self._least)
        beyond = np.searchsorted(ids, self._greatest, side="right")
        groups = np.flatnonzero(beyond > first).tolist()
        if not groups:
            return {}
        try:
            with pq.ParquetFile(self._path, metadata=self._metadata) as file:
                return dict(self._hits(file, groups, ids))
        except (OSError, pa.ArrowException) as error:
            raise damaged(self._path, str(error)) from error

    def _hits(
        self, file: pq.ParquetFile, groups: Sequence[int], ids: np.ndarray[Any, np.dtype[np.int64]]
    ) -> Iterator[tuple[str, int]]:
        """Text and id of the hits; texts, the larger part, are read only where an id is."""
        for group in groups:
            held = file.read_row_group(group, columns=["id"], use_threads=False).column("id")
            at = np.flatnonzero(np.isin(held.to_numpy(), ids))
            if len(at):
                texts = file.read_row_group(group, columns=["text"], use_threads=False)
                hits = texts.column("text").take(pa.array(at)).to_pylist()
                yield from zip(hits, held.to_numpy()[at].tolist(), strict=True)


def pinned_snapshot(
    root: Path, number: int | None = None, before: StoredSnapshot | None = None
) -> StoredSnapshot:
    """Open the live snapshot, or an older one, and pin it; ``before`` is one opened already.

    Raises
    ------
    StoreError
        If the folder is not a store, or the snapshot is not there any more.
    """
    live = current_number(root)
    while True:
        wanted = live if number is None else number
        try:
            if wanted > live:
                raise FileNotFoundError(manifest_path(root, wanted))
            pin = Pin(manifest_path(root, wanted))
        except FileNotFoundError as error:
            moved = current_number(root)
            if number is None and moved != live:
                live = moved
                continue
            raise StoreError(
                f"The store has no snapshot {wanted}",
                where=str(root),
                why=f"it was vacuumed or never made; the live one is {live}",
                remedy="leave --as-of out, or list what is there with `geoloom history`",
            ) from error
        except OSError as error:
            raise StoreError(
                "A snapshot of the store cannot be opened",
                where=str(manifest_path(root, wanted)),
                why=error.strerror or str(error),
                remedy="check its permissions, and that the file system has locks (flock)",
            ) from error
        return StoredSnapshot(root, read_manifest(root, wanted), pin, before)
