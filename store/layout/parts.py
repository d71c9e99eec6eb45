"""Writing immutable Parquet parts: names, sealing, sizes."""

from __future__ import annotations

import hashlib
import math
import os
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import duckdb
import pyarrow as pa

from ontology import CRSError, Lane

from .durable import not_writable, seal
from .index_files import write_index
from .manifest import Box, FileEntry, LaneKey
from .part_files import write_part

PART_ROWS: Final = 102_400
GROUP_ROWS: Final = 20_480
"""DuckDB writes row groups in multiples of 2,048 rows; the last of a part is shorter."""

Done = TypeVar("Done")

_THREADS: Final = min(os.cpu_count() or 1, 4)
_TAIL: Final = re.compile(r"[^/#]*$")
STORED_CRS: Final = r"/def/crs/(EPSG/[^/]*/[0-9]+|OGC/[^/]*/CRS84)$"
"""IRIs of the CRSs whose geometries lie in lanes of their own."""

_EPSG: Final = re.compile(r"/def/crs/EPSG/[^/]*/(\d+)$")
_CRS84: Final = re.compile(r"/def/crs/OGC/[^/]*/CRS84$")


def duckdb_crs(iri: str) -> str:
    """Return the name DuckDB gives a CRS, for example ``EPSG:3035``.

    Raises
    ------
    CRSError
        If it is neither an EPSG code nor CRS84.
    """
    if found := _EPSG.search(iri):
        return f"EPSG:{found.group(1)}"
    if _CRS84.search(iri):
        return "OGC:CRS84"
    raise CRSError(
        "The store keeps geometries of EPSG coordinate systems and CRS84 only",
        where=iri,
        remedy="transform the layer to an EPSG code first",
    )


def is_stored(crs: str) -> bool:
    """Whether lanes keep geometries of a CRS, given by its IRI."""
    return re.search(STORED_CRS, crs) is not None


def lane_folder(key: LaneKey) -> str:
    """Folder of a lane, relative to the store: readable, unique, safe in every file system."""
    tail = re.sub(r"[^A-Za-z0-9_.-]", "_", _match(_TAIL, key.predicate))[:40]
    digest = hashlib.sha256(key.predicate.encode()).hexdigest()[:12]
    kind = str(key.lane)
    if key.lane is Lane.GEOMETRY:
        kind += "-" + duckdb_crs(key.crs).replace(":", "_")
        kind += "-" + _match(_TAIL, key.datatype) if key.datatype else ""
    return f"lanes/{tail}-{digest}/{kind}"


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def part_size(rows: int, most: int | None = None) -> int:
    """Rows of each part, so that all parts are about as large; ``most`` may be fewer than usual."""
    most = PART_ROWS if most is None else min(most, PART_ROWS)
    return math.ceil(rows / max(math.ceil(rows / most), 1)) or 1


class Part(NamedTuple):
    """Rows of one file; ``indexed`` are columns of ids to be indexed.

    ``box`` and ``largest``, the bytes of the largest one, are of geometries.
    """

    table: pa.Table
    box: Box | None = None
    indexed: tuple[str, ...] = ()
    largest: int | None = None


def in_order(tasks: Iterable[Callable[[], Done]]) -> Iterator[Done]:
    """Run tasks, some at a time, and yield what they return, in their order.

    A task is taken from the iterable only when there is room for it.
    """
    pending: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="parts") as pool:
        for task in tasks:
            pending.append(pool.submit(task))
            if len(pending) >= _THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def begun(tasks: Iterable[Callable[[], Done]]) -> Callable[[], tuple[Done, ...]]:
    """Begin to run tasks; what is returned waits for all they return."""
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="parts")
    pending = [pool.submit(task) for task in tasks]
    pool.shutdown(wait=False)
    return lambda: tuple(future.result() for future in pending)


@dataclass(slots=True)
class PartWriter:
    """Writes the parts of one snapshot and remembers them until it is published.

    Attributes
    ----------
    root : Path
    number : int
        Of the snapshot that is being made; part of every file's name.
    token : str
        Sets its files apart from those of any other writer, should the lock ever fail.
    """

    root: Path
    number: int
    token: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    written: list[Path] = field(default_factory=list)

    def write(
        self,
        con: duckdb.DuckDBPyConnection,
        folder: str,
        query: str,
        rows: int,
        *,
        parameters: dict[str, Any] | None = None,
        options: str = "",
        box: Box | None = None,
    ) -> FileEntry:
        """Write the rows of a query to a new part and force it to the disk."""
        relative = self.claim(folder)
        path = self.root / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            con.execute(
                f"COPY ({query}) TO $path (FORMAT parquet, COMPRESSION zstd,"
                f" ROW_GROUP_SIZE {GROUP_ROWS}{options})",
                {**(parameters or {}), "path": str(path)},
            )
            size, digest = seal(path)
        except (OSError, duckdb.IOException) as error:
            raise not_writable(path.parent, error) from error
        return FileEntry(relative, rows, size, digest, box)

    def write_tables(self, folder: str, parts: Iterable[Part]) -> tuple[FileEntry, ...]:
        """Write tables as parts, some at a time, and force them to the disk; order is kept."""
        return tuple(in_order(self._writing(folder, part) for part in parts))

    def _writing(self, folder: str, part: Part) -> Callable[[], FileEntry]:
        relative, rows = self.claim(folder), part.table.num_rows

        def write(path: Path) -> None:
            write_part(path, part.table, GROUP_ROWS)

        def filled() -> FileEntry:
            return replace(self.fill(relative, rows, write, part.box), largest=part.largest)

        if not part.indexed:
            return filled
        columns = {name: part.table.column(name) for name in part.indexed}
        return lambda: self.indexed(filled(), columns)

    def indexed(self, part: FileEntry, columns: Mapping[str, pa.ChunkedArray]) -> FileEntry:
        """Write the index of a part beside it; see :func:`.index_files.write_index`."""
        folder, _, name = part.path.rpartition("/")
        beside = f"{folder}/_index/{name.removesuffix('.parquet')}.arrow"
        self.written.append(self.root / beside)
        index = self.fill(beside, part.rows, lambda path: write_index(path, columns))
        return replace(part, index=index)

    def claim(self, folder: str, suffix: str = "parquet") -> str:
        """Name a new file in a folder; both are relative to the store."""
        relative = f"{folder}/{self.number:06d}-{self.token}-{len(self.written)}.{suffix}"
        self.written.append(self.root / relative)
        return relative

    def fill(
        self, relative: str, rows: int, write: Callable[[Path], None], box: Box | None = None
    ) -> FileEntry:
        """Let ``write`` make a claimed file, and force it to the disk; any thread may."""
        path = self.root / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path)
            size, digest = seal(path)
        except OSError as error:
            raise not_writable(path.parent, error) from error
        return FileEntry(relative, rows, size, digest, box)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder that holds, directly or below, a part written; the deepest first."""
        found: dict[Path, None] = {}
        for path in self.written:
            for parent in path.parents:
                found[parent] = None
                if parent == self.root:
                    break
        return tuple(sorted(found, key=lambda folder: -len(folder.parts)))

    def discard(self) -> None:
        """Delete what was written."""
        for path in self.written:
            path.unlink(missing_ok=True)
        self.written.clear()
