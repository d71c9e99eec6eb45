"""Whether a data file is still what was written: by time and size, and by its bytes where in doubt.

A file whose size and time of change are those noted when it was written is taken as whole. Any
other, of a store that was copied or a file that was altered, is read once a process and compared
by SHA-256. Only ``verify`` reads every file.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ontology import StoreError

from .manifest import FileEntry

INDEX_ROWS: Final = b"rows"
"""Metadata of an index file: how many rows its part has."""

_REMEMBERED: Final = 100_000

_State = tuple[int, int, int]
_whole: OrderedDict[str, _State] = OrderedDict()
"""Files compared by their bytes, and their inode, size and time then."""


def check_whole(root: Path, entries: Iterable[FileEntry]) -> None:
    """Check the files a query is about to read.

    Raises
    ------
    StoreError
        Naming the first that is missing, truncated or altered.
    """
    for entry in entries:
        path = f"{root}/{entry.path}"
        try:
            found = os.stat(path)
        except OSError as error:
            raise damaged(path, error.strerror or str(error)) from error
        if (found.st_size, found.st_mtime_ns) == (entry.bytes, entry.changed_ns):
            continue
        state = (found.st_ino, found.st_size, found.st_mtime_ns)
        if _whole.get(path) == state:
            continue
        reason = fault(Path(path), entry)
        if reason is not None:
            raise damaged(path, reason)
        _whole[path] = state
        while len(_whole) > _REMEMBERED:
            _whole.popitem(last=False)


def fault(path: Path, entry: FileEntry) -> str | None:
    """What is wrong with a file, None if it is as it was written."""
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            return f"{size} bytes, written with {entry.bytes}"
        with path.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != entry.sha256:
                return "its bytes are not those written (SHA-256 differs)"
        rows = _rows(path)
    except FileNotFoundError:
        return "missing"
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
        return f"unreadable: {error}"
    return None if rows == entry.rows else f"{rows} rows, written with {entry.rows}"


def _rows(path: Path) -> int:
    """Rows of a Parquet file, or of the part that an index is of."""
    if path.suffix != ".arrow":
        return int(pq.read_metadata(path).num_rows)
    with pa.memory_map(str(path)) as source:
        return int(pa.ipc.open_file(source).schema.metadata[INDEX_ROWS])


def damaged(path: str | Path, reason: str) -> StoreError:
    """The error for a file of the store that cannot be relied on."""
    return StoreError(
        "A file of the store is missing or damaged",
        where=str(path),
        why=reason,
        remedy="run `geoloom verify` and restore the file from a copy, or load again",
    )
