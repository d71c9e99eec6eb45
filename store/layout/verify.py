"""Checking that a store's files are what its manifests say."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from ontology import StoreError

from .integrity import fault
from .lock import LOCK
from .manifest import CURRENT, MANIFESTS, FileEntry, manifest_numbers, manifest_path
from .snapshot import StoredSnapshot, pinned_snapshot
from .tidy import DATA_FOLDERS, data_files


@dataclass(frozen=True, slots=True)
class Problem:
    """A damaged file and what is wrong with it."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What verify found.

    Attributes
    ----------
    snapshot : int
        The live one.
    files, bytes : int
        How much was checked, manifests aside.
    problems : tuple of Problem
        Empty if every file is as it was written.
    snapshots : int
        How many snapshots were checked.
    extra : tuple of str
        Files that belong to no snapshot: nobody reads them. A write under way or one that died
        leaves such files; ``vacuum`` removes those in the store's own folders.
    """

    snapshot: int
    files: int
    bytes: int
    problems: tuple[Problem, ...] = ()
    snapshots: int = 1
    extra: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every file is as it was written."""
        return not self.problems


def verify_store(root: Path, live: StoredSnapshot) -> VerifyReport:
    """Compare size, SHA-256 and rows of every file of every snapshot with its manifest."""
    problems: list[Problem] = []
    snapshots = [live]
    for number in manifest_numbers(root):
        if number < live.number:
            try:
                snapshots.append(pinned_snapshot(root, number))
            except StoreError as error:
                if manifest_path(root, number).exists():
                    said = error.why or error.what
                    problems.append(Problem(str(manifest_path(root, number)), said))
    entries: dict[str, FileEntry] = {}
    for snapshot in snapshots:
        for entry in snapshot.manifest.files:
            if entries.setdefault(entry.path, entry) != entry:
                where = str(manifest_path(root, snapshot.number))
                problems.append(Problem(where, f"it describes {entry.path} unlike another one"))
    for path, entry in entries.items():
        reason = fault(root / path, entry)
        if reason is None and not (root / path).resolve().is_relative_to(root):
            reason = "outside the store, behind a symbolic link"
        if reason is not None:
            problems.append(Problem(str(root / path), reason))
    return VerifyReport(
        live.number,
        len(entries),
        sum(entry.bytes for entry in entries.values()),
        tuple(problems),
        len(snapshots),
        tuple(map(str, _extra(root, entries.keys(), live.number))),
    )


def _extra(root: Path, known: Container[str], live: int) -> list[Path]:
    own = {CURRENT, LOCK, MANIFESTS, *DATA_FOLDERS}
    manifests = {manifest_path(root, number) for number in manifest_numbers(root) if number <= live}
    return sorted(
        [
            *(path for path in root.iterdir() if path.name not in own),
            *(path for path in (root / MANIFESTS).iterdir() if path not in manifests),
            *(p for p in data_files(root) if p.relative_to(root).as_posix() not in known),
        ]
    )
