"""Keeping a store small: compact folds files, vacuum removes what no snapshot needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ontology import StoreError

from .lock import remove_unpinned
from .manifest import (
    MANIFESTS,
    Manifest,
    manifest_numbers,
    manifest_path,
    read_manifest,
)
from .spool import STAGING_PREFIX
from .transaction import Transaction

DATA_FOLDERS: Final = ("lanes", "tables", "terms", "ledgers")


@dataclass(frozen=True, slots=True)
class CompactReport:
    """What compact did.

    Attributes
    ----------
    files_before, files_after : int
        Data files of the live snapshot.
    rows_formed : int
        Subjects whose triples lay in lanes and are rows of entity tables now.
    rows_dropped : int
        Deleted rows that tables still had.
    tables : int
        Entity tables there are now.
    """

    files_before: int
    files_after: int
    rows_formed: int = 0
    rows_dropped: int = 0
    tables: int = 0


@dataclass(frozen=True, slots=True)
class VacuumReport:
    """What vacuum removed, and the snapshots it spared because somebody reads them."""

    snapshots_removed: int
    files_removed: int
    bytes_freed: int
    pinned: tuple[int, ...] = ()


def compact(transaction: Transaction) -> CompactReport:
    """Fold what is worn or in pieces, and make rows of entity tables of subjects in lanes.

    Deleted rows of tables, small parts, lanes and the dictionary of more files than their rows
    need are written anew; so are lanes that an older geoloom wrote without statistics.
    """
    before = transaction.manifest
    formed = transaction.reorganise()
    after = transaction.publish("compact")
    return CompactReport(
        files_before=len(before.files),
        files_after=len(after.files),
        rows_formed=formed,
        rows_dropped=sum(part.deleted for table in before.tables for part in table.parts),
        tables=len(after.tables),
    )


def vacuum(root: Path, live: Manifest) -> VacuumReport:
    """Remove every snapshot but the live one and the pinned ones, and files none of them needs.

    The caller holds the writer lock.
    """
    removed, pinned = 0, []
    kept = [live]
    for number in manifest_numbers(root):
        if number == live.number:
            continue
        if remove_unpinned(manifest_path(root, number)):
            removed += 1
        elif number < live.number:
            pinned.append(number)
            kept.append(read_manifest(root, number))
    needed = {root / entry.path for manifest in kept for entry in manifest.files}
    unneeded = [path for path in data_files(root) if path not in needed]
    freed = sum(path.stat().st_size for path in unneeded)
    for path in unneeded:
        path.unlink()
    _remove_leftovers(root)
    return VacuumReport(removed, len(unneeded), freed, tuple(pinned))


def data_files(root: Path) -> Iterator[Path]:
    """Every file in the folders of data, whether a snapshot needs it or not."""
    for folder in DATA_FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.is_file():
                yield path


def _remove_leftovers(root: Path) -> None:
    """Remove staging folders and drafts of dead writers, and folders left empty."""
    for path in root.glob(f"{STAGING_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in (*root.glob("*.tmp"), *(root / MANIFESTS).glob("*.tmp")):
        path.unlink(missing_ok=True)
    folders = [p for folder in DATA_FOLDERS for p in (root / folder).rglob("*") if p.is_dir()]
    for folder in sorted(folders, key=lambda path: -len(path.parts)):
        if not any(folder.iterdir()):
            folder.rmdir()


def history(root: Path, live: Manifest) -> tuple[Manifest, ...]:
    """The live snapshot and the older ones that are still there, newest first."""
    older = [number for number in manifest_numbers(root) if number < live.number]
    found = (_unless_removed(root, number) for number in reversed(older))
    return (live, *(manifest for manifest in found if manifest is not None))


def _unless_removed(root: Path, number: int) -> Manifest | None:
    """The manifest of a snapshot, None if a vacuum has removed it meanwhile."""
    try:
        return read_manifest(root, number)
    except StoreError:
        if manifest_path(root, number).exists():
            raise
        return None
