"""Which rows of a snapshot's files may hold which nodes, by the indexes beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .index_files import Ints, PartIndex, index_rows, open_index
from .integrity import check_whole, damaged
from .manifest import FileEntry, Manifest
from .parts import GROUP_ROWS

_NONE: Final = np.empty(0, np.int64)

_MANY: Final = 4
"""Rows that are this part of a file or more are not worth being told apart."""


class NodeRows:
    """Opens indexes when they are asked and keeps them open.

    Files of less than a row group have none; theirs is made in memory.

    Parameters
    ----------
    root : Path
        The store's folder.
    manifest : Manifest
    before : NodeRows, optional
        Of an older snapshot: what it has open need not be opened again.
    """

    def __init__(self, root: Path, manifest: Manifest, before: NodeRows | None = None) -> None:
        self._root = root
        lanes = ((file, file.index) for lane in manifest.lanes for file in lane.files)
        parts = ((part.file, part.index) for table in manifest.tables for part in table.parts)
        self._files: dict[Path, tuple[FileEntry, FileEntry | None]] = {
            root / file.path: (file, index) for file, index in (*lanes, *parts)
        }
        self._open: dict[tuple[Path, str], PartIndex] = {}
        if before is not None:
            held = before._open.items()
            self._open |= {key: index for key, index in held if key[0] in self._files}

    def rows_of(
        self, files: Iterable[Path], column: str, nodes: Sequence[int]
    ) -> Mapping[Path, Ints]:
        """Rows of those files that may hold one of some nodes in a column, ascending.

        No row that does is missing; rarely, there is one that holds another node.

        A file with many such rows, or whose index does not know, is not in the answer.

        Raises
        ------
        StoreError
            If an index is missing or damaged.
        """
        ids = np.array(nodes, np.int64)
        found: dict[Path, Ints] = {}
        for path in files:
            index = self._index(path, column)
            if index is None or column not in index:
                continue
            if not index.may_hold(column, ids):
                found[path] = _NONE
            elif index.count_of(column, ids) * _MANY < index.rows:
                _, rows = index.rows_of(column, ids)
                found[path] = np.sort(rows)
        return found

    def _index(self, path: Path, column: str) -> PartIndex | None:
        file, entry = self._files[path]
        if entry is None:
            return self._made(path, file, column) if file.rows < GROUP_ROWS else None
        check_whole(self._root, [entry])
        key = (path, "")
        if key not in self._open:
            self._open[key] = open_index(self._root, entry)
        return self._open[key]

    def _made(self, path: Path, file: FileEntry, column: str) -> PartIndex:
        check_whole(self._root, [file])
        key = (path, column)
        if key not in self._open:
            try:
                ids = pq.read_table(path, columns=[column], use_threads=False).column(column)
            except (OSError, KeyError, pa.ArrowException) as error:
                raise damaged(path, str(error)) from error
            self._open[key] = index_rows(path, {column: ids})
        return self._open[key]
