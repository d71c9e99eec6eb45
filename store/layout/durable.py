"""Writing that survives a crash: fsync of files and folders, atomic replacement."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb

from ontology import StoreError

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL: Final = re.compile("No space left|File too large|Disk quota", re.IGNORECASE)


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folders(folders: Iterable[Path]) -> None:
    """Force the entries of folders to the disk, so that new names in them survive."""
    for folder in folders:
        sync_file(folder)


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that readers see the old text or the new one, never a part.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    draft = path.with_name(path.name + ".tmp")
    try:
        with draft.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(draft, path)
        sync_file(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise not_writable(path.parent, error) from error


def seal(path: Path) -> tuple[int, str]:
    """Force a finished file to the disk and return its size in bytes and SHA-256."""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        os.fsync(handle.fileno())
    return path.stat().st_size, digest


def not_writable(where: Path, error: OSError | duckdb.IOException) -> StoreError:
    """The error for a store folder that the system refuses to write."""
    strerror = error.strerror if isinstance(error, OSError) else None
    why = strerror or str(error).splitlines()[0]
    full = _FULL.search(why) is not None or getattr(error, "errno", None) in _NO_ROOM
    if not full:
        remedy = "check the folder's permissions and the free space; the store is unchanged"
        return StoreError("The store cannot be written", where=str(where), why=why, remedy=remedy)
    return StoreError(
        "The store cannot be written: its disk is full",
        where=str(where),
        why=f"{why}; {_free(where)} on the disk mounted at {_mount(where)}",
        remedy="free some space there (`geoloom vacuum` removes old snapshots) and run this again;"
        " the store is unchanged",
    )


def _free(where: Path) -> str:
    with suppress(OSError):
        return f"{shutil.disk_usage(_mount(where)).free:,} bytes are free"
    return "it is not known how many bytes are free"


def _mount(where: Path) -> Path:
    """The folder that the disk of a path is mounted at."""
    return next((path for path in (where, *where.parents) if path.is_mount()), where)
