"""The manifest: which files make up one snapshot of a store (design section 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ontology import SEED, Lane, StoreError

from ..catalog import BoxGrid, LaneStatistics
from .durable import replace_text

FORMAT: Final = 1
"""Version of the folder layout; a reader refuses any newer one."""

CURRENT: Final = "CURRENT"
MANIFESTS: Final = "manifests"

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, order=True)
class LaneKey:
    """What the files of one lane have in common; ``crs`` is an IRI, for geometry."""

    predicate: str
    lane: Lane
    crs: str = ""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One immutable Parquet file; ``path`` is relative to the store, ``box`` in the lane's CRS."""

    path: str
    rows: int
    bytes: int
    sha256: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """Files and statistics of one lane; distinct counts of large lanes are estimates."""

    key: LaneKey
    files: tuple[FileEntry, ...]
    has_lexical: bool = False
    has_graphs: bool = False
    distinct_subjects: int | None = None
    distinct_objects: int | None = None
    least: float | str | None = None
    greatest: float | str | None = None
    statistics: LaneStatistics | None = None

    @property
    def rows(self) -> int:
        """Triples in the lane."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot: everything a reader needs to know of the store.

    Attributes
    ----------
    number, parent : int
        Snapshots are numbered from 0; the parent is the one this was made from.
    created : str
        ISO time in UTC.
    label : str
        What made the snapshot, for ``history``.
    notes : mapping
        Free JSON: provenance, completeness of links.
    """

    number: int
    parent: int | None
    created: str
    label: str
    seed: int = SEED
    lanes: tuple[LaneEntry, ...] = ()
    terms: tuple[FileEntry, ...] = ()
    graphs: tuple[str, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every data file of the snapshot."""
        return (*self.terms, *(file for lane in self.lanes for file in lane.files))

    @property
    def triples(self) -> int:
        """Triples in the snapshot, over all graphs."""
        return sum(lane.rows for lane in self.lanes)

    def lane(self, key: LaneKey) -> LaneEntry | None:
        """Return the entry of a lane, None if the snapshot has no such triples."""
        return next((entry for entry in self.lanes if entry.key == key), None)

    def with_lanes(self, changed: Mapping[LaneKey, LaneEntry | None]) -> Manifest:
        """Return the manifest with lanes replaced; None removes one."""
        entries = {entry.key: entry for entry in self.lanes}
        entries |= {key: entry for key, entry in changed.items() if entry is not None}
        gone = {key for key, entry in changed.items() if entry is None}
        kept = sorted((entry for key, entry in entries.items() if key not in gone), key=_order)
        return replace(self, lanes=tuple(kept))


def _order(entry: LaneEntry) -> LaneKey:
    return entry.key


def manifest_path(root: Path, number: int) -> Path:
    """Where the manifest of a snapshot lies."""
    return root / MANIFESTS / f"{number:06d}.json"


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Write a manifest durably; it is not live until CURRENT names it."""
    document = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    replace_text(manifest_path(root, manifest.number), text + "\n")


def make_current(root: Path, number: int) -> None:
    """Make a snapshot the live one, atomically."""
    replace_text(root / CURRENT, f"{number}\n")


def current_number(root: Path) -> int:
    """Return the number of the live snapshot.

    Raises
    ------
    StoreError
        If the folder is not a store.
    """
    try:
        return int((root / CURRENT).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise StoreError(
            "This is not a geoloom store",
            where=str(root),
            why=f"its file {CURRENT} is missing or unreadable",
            remedy="check the path, or make a store with `geoloom load STORE FILE`",
        ) from error


def read_manifest(root: Path, number: int) -> Manifest:
    """Read the manifest of a snapshot.

    Raises
    ------
    StoreError
        If it is missing, damaged, or of a newer format.
    """
    path = manifest_path(root, number)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version = document["format"]
        if version == FORMAT:
            return _decode(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "A manifest of the store is missing or damaged",
            where=str(path),
            why=f"{type(error).__name__}: {error}",
            remedy="restore it from a copy, or open an older snapshot with --as-of",
        ) from error
    raise StoreError(
        "The store is of a format this geoloom does not know",
        where=str(path),
        why=f"format {version}, this version reads {FORMAT}",
        remedy="upgrade geoloom (pip install -U geoloom)",
    )


def _decode(document: dict[str, Any]) -> Manifest:
    fields = {name: value for name, value in document.items() if name != "format"}
    fields["lanes"] = tuple(_lane_entry(item) for item in document["lanes"])
    fields["terms"] = tuple(_file_entry(item) for item in document["terms"])
    fields["graphs"] = tuple(document["graphs"])
    return Manifest(**fields)


def _lane_entry(item: dict[str, Any]) -> LaneEntry:
    key = item["key"]
    files = tuple(_file_entry(entry) for entry in item["files"])
    lane_key = LaneKey(key["predicate"], Lane(key["lane"]), key["crs"])
    measured = _statistics(item.get("statistics"))
    return LaneEntry(**{**item, "key": lane_key, "files": files, "statistics": measured})


def _statistics(item: dict[str, Any] | None) -> LaneStatistics | None:
    if item is None:
        return None
    pairs = {name: tuple((v, rows) for v, rows in item[name]) for name in ("common", "graphs")}
    grid = item["grid"]
    if grid is not None:
        counts, box = tuple(grid["counts"]), tuple(grid["box"])
        grid = BoxGrid(**{**grid, "box": box, "counts": counts})
    return LaneStatistics(**{**item, **pairs, "bounds": tuple(item["bounds"]), "grid": grid})


def _file_entry(item: dict[str, Any]) -> FileEntry:
    box = item["box"]
    return FileEntry(**{**item, "box": None if box is None else tuple(box)})
