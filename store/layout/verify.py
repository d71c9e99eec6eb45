"""Checking that a store's files are what its manifest says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .manifest import FileEntry, Manifest


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
    files, bytes : int
        How much was checked.
    problems : tuple of Problem
        Empty if every file is as it was written.
    """

    snapshot: int
    files: int
    bytes: int
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every file is as it was written."""
        return not self.problems


def verify_files(root: Path, manifest: Manifest) -> VerifyReport:
    """Compare size, SHA-256 and rows of every file of a snapshot with its manifest."""
    problems = []
    for entry in manifest.files:
        reason = _fault(root / entry.path, entry)
        if reason is not None:
            problems.append(Problem(str(root / entry.path), reason))
    size = sum(entry.bytes for entry in manifest.files)
    return VerifyReport(manifest.number, len(manifest.files), size, tuple(problems))


def _fault(path: Path, entry: FileEntry) -> str | None:
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            return f"{size} bytes, written with {entry.bytes}"
        with path.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != entry.sha256:
                return "its bytes are not those written (SHA-256 differs)"
        rows = pq.read_metadata(path).num_rows
    except FileNotFoundError:
        return "missing"
    except (OSError, pa.ArrowException) as error:
        return f"unreadable: {error}"
    return None if rows == entry.rows else f"{rows} rows, written with {entry.rows}"
