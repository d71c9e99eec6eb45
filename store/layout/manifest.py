"""The manifest: which files make up one snapshot of a store (design section 4)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from ontology import SEED, Lane, StoreError

from ..catalog import BoxGrid, LaneStatistics
from .durable import replace_text

FORMAT: Final = 1
"""Version of the folder layout; a reader refuses any newer one."""

CURRENT: Final = "CURRENT"
MANIFESTS: Final = "manifests"

_NO_DIGEST: Final = "0" * 64
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_STEP: Final = r"(?!\.{1,2}/)[A-Za-z0-9_.-]+/"
_DATA_PATH: Final = re.compile(rf"(?:lanes|terms)/(?:{_STEP})*[A-Za-z0-9_-]+\.parquet")
"""Paths of data files: nothing that leads out of the store or that an engine expands."""

_KINDS: Final[Mapping[str, type]] = {
    "number": int,
    "seed": int,
    "created": str,
    "label": str,
    "lanes": list,
    "terms": list,
    "graphs": list,
    "prefixes": dict,
    "notes": dict,
}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, order=True)
class LaneKey:
    """What the files of one lane have in common; ``crs`` is an IRI, for geometry."""

    predicate: str
    lane: Lane
    crs: str = ""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One immutable Parquet file; ``path`` is relative to the store, ``box`` in the lane's CRS.

    ``changed_ns`` is its time of change when its manifest was written.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    box: Box | None = None
    changed_ns: int | None = None


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


def manifest_numbers(root: Path) -> list[int]:
    """Numbers of the manifests there are, of unfinished snapshots too."""
    names = (path.stem for path in (root / MANIFESTS).glob("*.json"))
    return sorted(int(name) for name in names if _NUMBER.fullmatch(name))


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Write a manifest durably; it is not live until CURRENT names it."""
    document = {"format": FORMAT, "digest": _NO_DIGEST, **asdict(manifest)}
    for entry in (*document["terms"], *(e for lane in document["lanes"] for e in lane["files"])):
        if entry["changed_ns"] is None:
            entry["changed_ns"] = (root / entry["path"]).stat().st_mtime_ns
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    replace_text(manifest_path(root, manifest.number), text.replace(_NO_DIGEST, digest, 1))


def make_current(root: Path, number: int) -> None:
    """Make a snapshot the live one, atomically."""
    replace_text(root / CURRENT, f"{number} {_check(number)}\n")


def _check(number: int) -> str:
    return f"{crc32(str(number).encode()):08x}"


def current_number(root: Path) -> int:
    """Return the number of the live snapshot.

    Raises
    ------
    StoreError
        If the folder is not a store, or its file CURRENT is missing or damaged.
    """
    try:
        words = (root / CURRENT).read_text(encoding="ascii").split()
        if not words or not _NUMBER.fullmatch(words[0]):
            raise ValueError("it names no snapshot")
        number = int(words[0])
        if words[1:] not in ([], [_check(number)]):
            raise ValueError("its number and its check do not fit")
    except (OSError, ValueError) as error:
        raise _no_current(root, error) from error
    return number


def _no_current(root: Path, error: Exception) -> StoreError:
    numbers = manifest_numbers(root)
    if not numbers:
        return StoreError(
            "This is not a geoloom store",
            where=str(root),
            why=f"it has neither a readable file {CURRENT} nor manifests",
            remedy="check the path, or make a store with `geoloom load STORE FILE`",
        )
    return StoreError(
        f"The file {CURRENT} of the store is missing or damaged",
        where=str(root / CURRENT),
        why=str(error),
        remedy=f"write the number of the live snapshot into it; the newest here is {numbers[-1]}",
    )


def read_manifest(root: Path, number: int) -> Manifest:
    """Read the manifest of a snapshot.

    Raises
    ------
    StoreError
        If it is missing, altered, damaged, or of a newer format.
    """
    path = manifest_path(root, number)
    try:
        content = path.read_bytes()
        document = json.loads(content)
        version = document["format"]
        if version == FORMAT:
            _check_digest(content, document)
            return _decode(document, number)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            "A manifest of the store is missing or damaged",
            where=str(path),
            why=str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}",
            remedy="restore it from a copy, or open an older snapshot with --as-of",
        ) from error
    raise StoreError(
        "The store is of a format this geoloom does not know",
        where=str(path),
        why=f"format {version}, this version reads {FORMAT}",
        remedy="upgrade geoloom (pip install -U geoloom)",
    )


def _check_digest(content: bytes, document: dict[str, Any]) -> None:
    """Refuse a manifest whose bytes are not those written; one without a digest is taken."""
    digest = document.pop("digest", None)
    if digest is None:
        return
    written = content.replace(digest.encode(), _NO_DIGEST.encode(), 1)
    if hashlib.sha256(written).hexdigest() != digest:
        raise ValueError("its bytes are not those written (SHA-256 differs)")


def _decode(document: dict[str, Any], number: int) -> Manifest:
    fields = {name: value for name, value in document.items() if name != "format"}
    for name, kind in _KINDS.items():
        if not isinstance(fields[name], kind):
            raise ValueError(f"its {name!r} is not of the type {kind.__name__}")
    if (fields["number"], fields["seed"]) != (number, SEED):
        raise ValueError(
            f"it is of snapshot {fields['number']} and seed {fields['seed']},"
            f" expected {number} and {SEED}"
        )
    if not all(isinstance(graph, str) for graph in fields["graphs"]):
        raise ValueError("its 'graphs' are not all text")
    fields["lanes"] = tuple(_lane_entry(item) for item in fields["lanes"])
    fields["terms"] = tuple(_file_entry(item) for item in fields["terms"])
    fields["graphs"] = tuple(fields["graphs"])
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
    entry = FileEntry(**{**item, "box": None if box is None else tuple(box)})
    if not (isinstance(entry.path, str) and _DATA_PATH.fullmatch(entry.path)):
        raise ValueError(f"it names {str(entry.path)[:200]!r}, which is no file of a store")
    if not all(type(count) is int and count >= 0 for count in (entry.rows, entry.bytes)):
        raise ValueError(f"its figures of {entry.path!r} are not numbers")
    return entry
