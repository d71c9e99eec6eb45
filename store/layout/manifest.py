"""The manifest: which files make up one snapshot of a store (design section 4)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal
from zlib import crc32

from ontology import SEED, Lane, StoreError

from ..catalog import (
    SUBJECT,
    BoxGrid,
    CharacteristicSet,
    CharacteristicSets,
    ColumnRange,
    Feature,
    LaneStatistics,
)
from .durable import replace_text

FORMAT: Final = 3
"""Version of the folder layout that is written; a reader refuses any it does not know."""

_READ: Final = (1, 2, 3)
"""Versions that are read; 1 had no entity tables, in 2 all geometries were WKT."""

CURRENT: Final = "CURRENT"
MANIFESTS: Final = "manifests"

_NO_DIGEST: Final = "0" * 64
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_STEP: Final = r"(?!\.{1,2}/)[A-Za-z0-9_.-]+/"
_DATA_PATH: Final = re.compile(
    rf"(?:lanes|terms|tables|ledgers)/(?:{_STEP})*[A-Za-z0-9_-]+\.(?:parquet|arrow)"
)
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
    """What the files of one lane have in common.

    ``crs`` and ``datatype`` are IRIs, for geometry; no datatype is ``geo:wktLiteral``.
    """

    predicate: str
    lane: Lane
    crs: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One immutable Parquet file; ``path`` is relative to the store, ``box`` in the lane's CRS.

    ``largest`` has the bytes of its largest geometry as WKB, None where that was not measured.
    ``changed_ns`` is its time of change when its manifest was written, ``index`` the Arrow file
    beside it that says which rows hold which nodes (:mod:`.index_files`); its rows are the part's.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    box: Box | None = None
    changed_ns: int | None = None
    index: FileEntry | None = None
    largest: int | None = None

    @property
    def both(self) -> tuple[FileEntry, ...]:
        """The file and, if it has one, its index."""
        return (self,) if self.index is None else (self, self.index)


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """Files and statistics of one lane; distinct counts of large lanes are estimates.

    ``systems`` are the CRSs of geometry literals in lane OTHER that can be read, ``has_until``
    whether all its files have the ends of periods.
    """

    key: LaneKey
    files: tuple[FileEntry, ...]
    has_lexical: bool = False
    has_graphs: bool = False
    distinct_subjects: int | None = None
    distinct_objects: int | None = None
    least: float | str | None = None
    greatest: float | str | None = None
    statistics: LaneStatistics | None = None
    systems: tuple[str, ...] = ()
    has_until: bool = False

    @property
    def rows(self) -> int:
        """Triples in the lane."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One part of an entity table; see :class:`store.catalog.EntityPart`.

    ``graph`` is an IRI. ``triples`` are those of each column, deleted rows left out.
    """

    file: FileEntry
    graph: str | None = None
    index: FileEntry | None = None
    boxes: Mapping[str, Box] = field(default_factory=dict)
    ranges: Mapping[str, ColumnRange] = field(default_factory=dict)
    triples: Mapping[str, int] = field(default_factory=dict)
    deleted: int = 0
    largest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column of an entity table and its statistics; see :class:`store.catalog.EntityColumn`."""

    name: str
    key: LaneKey
    view: str = SUBJECT
    lang: str | None = None
    has_lexical: bool = False
    has_blank: bool = False
    distinct_objects: int | None = None
    statistics: LaneStatistics | None = None


@dataclass(frozen=True, slots=True)
class TableEntry:
    """An entity table; see :class:`store.catalog.EntityTable`.

    Two tables of equal :attr:`shape` are one.
    """

    name: str
    views: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    parts: tuple[PartEntry, ...] = ()
    deleted: FileEntry | None = None

    @property
    def shape(self) -> tuple[object, ...]:
        """What tells tables apart: their views and the columns of each."""
        columns = sorted((c.view, c.key, c.lang or "", c.name) for c in self.columns)
        return (self.views, tuple(columns))

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every file of the table."""
        parts = (file for part in self.parts for file in (part.file, part.index) if file)
        return (*parts, *((self.deleted,) if self.deleted else ()))

    @property
    def rows(self) -> int:
        """Entities in the table."""
        return sum(part.file.rows - part.deleted for part in self.parts)

    @property
    def triples(self) -> int:
        """Triples in the table."""
        return sum(sum(part.triples.values()) for part in self.parts)

    def triples_of(self, column: str) -> int:
        """Triples in one column."""
        return sum(part.triples.get(column, 0) for part in self.parts)


TablesPolicy = Literal["auto", "always", "never"]
"""When subjects become rows of entity tables: where it pays, wherever it can be, never."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What a mapping that updates the store has made of which rows; see :mod:`.ledger`.

    ``predicates`` are those of its triples. It is ``disturbed`` once triples were removed by
    something else than such a mapping: the next run maps every row again.
    """

    name: str
    rows: FileEntry
    triples: tuple[FileEntry, ...]
    predicates: tuple[str, ...] = ()
    disturbed: bool = False

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Its files."""
        return (self.rows, *self.triples)


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
    lanes: tuple[LaneEntry, ...] = field(default=(), repr=False)
    terms: tuple[FileEntry, ...] = field(default=(), repr=False)
    graphs: tuple[str, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    tables: tuple[TableEntry, ...] = field(default=(), repr=False)
    policy: TablesPolicy = "auto"
    sets: CharacteristicSets | None = field(default=None, repr=False)
    ledgers: tuple[LedgerEntry, ...] = field(default=(), repr=False)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every data file of the snapshot."""
        lanes = (file for lane in self.lanes for part in lane.files for file in part.both)
        tables = (file for table in self.tables for file in table.files)
        return (*self.terms, *lanes, *tables, *(file for one in self.ledgers for file in one.files))

    @property
    def triples(self) -> int:
        """Triples in the snapshot, over all graphs."""
        lanes = sum(lane.rows for lane in self.lanes)
        return lanes + sum(table.triples for table in self.tables)

    def lane(self, key: LaneKey) -> LaneEntry | None:
        """Return the entry of a lane, None if the snapshot has no such triples."""
        return next((entry for entry in self.lanes if entry.key == key), None)

    def table(self, name: str) -> TableEntry | None:
        """Return an entity table by name."""
        return next((entry for entry in self.tables if entry.name == name), None)

    def ledger(self, name: str) -> LedgerEntry | None:
        """Return the ledger of a mapping, None if it has none."""
        return next((entry for entry in self.ledgers if entry.name == name), None)

    def with_ledger(self, changed: LedgerEntry) -> Manifest:
        """Return the manifest with a ledger added or, by name, replaced."""
        ledgers = {entry.name: entry for entry in (*self.ledgers, changed)}
        return replace(self, ledgers=tuple(ledgers.values()))

    def disturbed(self) -> Manifest:
        """Return the manifest with all ledgers disturbed."""
        ledgers = tuple(replace(entry, disturbed=True) for entry in self.ledgers)
        return replace(self, ledgers=ledgers)

    def with_lanes(self, changed: Mapping[LaneKey, LaneEntry | None]) -> Manifest:
        """Return the manifest with lanes replaced; None removes one."""
        entries = {entry.key: entry for entry in self.lanes}
        entries |= {key: entry for key, entry in changed.items() if entry is not None}
        gone = {key for key, entry in changed.items() if entry is None}
        kept = sorted((entry for key, entry in entries.items() if key not in gone), key=_order)
        return replace(self, lanes=tuple(kept))

    def with_tables(self, changed: Iterable[TableEntry]) -> Manifest:
        """Return the manifest with tables added or, by name, replaced; one without parts goes."""
        tables = {entry.name: entry for entry in (*self.tables, *changed)}
        return replace(self, tables=tuple(entry for entry in tables.values() if entry.parts))


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
    for entry in _file_documents(document):
        if entry["changed_ns"] is None:
            entry["changed_ns"] = (root / entry["path"]).stat().st_mtime_ns
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    replace_text(manifest_path(root, manifest.number), text.replace(_NO_DIGEST, digest, 1))


def _file_documents(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from document["terms"]
    for lane in document["lanes"]:
        for file in lane["files"]:
            yield from (file, *([file["index"]] if file["index"] else []))
    for table in document["tables"]:
        parts = (part[role] for part in table["parts"] for role in ("file", "index"))
        yield from (entry for entry in (*parts, table["deleted"]) if entry is not None)
    for ledger in document["ledgers"]:
        yield from (ledger["rows"], *ledger["triples"])


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
        if version in _READ:
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
        why=f"format {version}, this version reads {' and '.join(map(str, _READ))}",
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
    fields["tables"] = tuple(_table_entry(item) for item in fields.get("tables", ()))
    fields["sets"] = _sets(fields.get("sets"))
    fields["ledgers"] = tuple(_ledger_entry(item) for item in fields.get("ledgers", ()))
    return Manifest(**fields)


def _sets(item: dict[str, Any] | None) -> CharacteristicSets | None:
    if item is None:
        return None
    return CharacteristicSets(
        tuple(Feature(**{**one, "lane": Lane(one["lane"])}) for one in item["features"]),
        tuple(item["rows"]),
        tuple(
            CharacteristicSet(one["subjects"], tuple((f, n) for f, n in one["triples"]))
            for one in item["sets"]
        ),
        tuple((a, f, b, n) for a, f, b, n in item["links"]),
    )


def _table_entry(item: dict[str, Any]) -> TableEntry:
    deleted = item["deleted"]
    return TableEntry(
        name=item["name"],
        views=tuple(item["views"]),
        columns=tuple(_column_entry(column) for column in item["columns"]),
        parts=tuple(_part_entry(part) for part in item["parts"]),
        deleted=None if deleted is None else _file_entry(deleted),
    )


def _ledger_entry(item: dict[str, Any]) -> LedgerEntry:
    nested = {
        "rows": _file_entry(item["rows"]),
        "triples": tuple(_file_entry(file) for file in item["triples"]),
        "predicates": tuple(item["predicates"]),
    }
    return LedgerEntry(**{**item, **nested})


def _column_entry(item: dict[str, Any]) -> ColumnEntry:
    measured = _statistics(item["statistics"])
    return ColumnEntry(**{**item, "key": _lane_key(item["key"]), "statistics": measured})


def _part_entry(item: dict[str, Any]) -> PartEntry:
    index = item["index"]
    fields = {
        "file": _file_entry(item["file"]),
        "index": None if index is None else _file_entry(index),
        "boxes": {name: tuple(box) for name, box in item["boxes"].items()},
        "ranges": {name: ColumnRange(**held) for name, held in item["ranges"].items()},
    }
    return PartEntry(**{**item, **fields})


def _lane_key(item: dict[str, Any]) -> LaneKey:
    return LaneKey(item["predicate"], Lane(item["lane"]), item["crs"], item.get("datatype", ""))


def _lane_entry(item: dict[str, Any]) -> LaneEntry:
    files = tuple(_file_entry(entry) for entry in item["files"])
    measured = _statistics(item.get("statistics"))
    nested = {
        "key": _lane_key(item["key"]),
        "files": files,
        "statistics": measured,
        "systems": tuple(item.get("systems", ())),
    }
    return LaneEntry(**{**item, **nested})


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
    box, index = item["box"], item.get("index")
    nested = {"box": box and tuple(box), "index": index and _file_entry(index)}
    entry = FileEntry(**{**item, **nested})
    if not (isinstance(entry.path, str) and _DATA_PATH.fullmatch(entry.path)):
        raise ValueError(f"it names {str(entry.path)[:200]!r}, which is no file of a store")
    if not all(type(count) is int and count >= 0 for count in (entry.rows, entry.bytes)):
        raise ValueError(f"its figures of {entry.path!r} are not numbers")
    return entry
