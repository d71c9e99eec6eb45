"""Writing that survives a crash: fsync of files and folders, atomic replacement."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ontology import StoreError


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


def not_writable(where: Path, error: OSError) -> StoreError:
    """The error for a store folder that the system refuses to write."""
    return StoreError(
        "The store cannot be written",
        where=str(where),
        why=error.strerror or str(error),
        remedy="check the folder's permissions and the free space; the store is unchanged",
    )
