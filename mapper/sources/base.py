"""What every kind of source offers, and how its path is found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import pyarrow as pa

from ontology import CRSError, InputError, UnsupportedError, crs_iri

from ..language.model import LogicalSource, ParentMap
from ..terms.cells import Batch

BATCH_ROWS: Final = 65_536
_ADDRESS: Final = re.compile(r"(?:https?|ftp|s3|kafka|mqtts?)://", re.IGNORECASE)
GEOMETRY: Final = "geometry"
"""Name every vector source gives its geometry, beside the source's own name for it."""


class Source(Protocol):
    """A file opened for reading."""

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Columns and their types; None where references are paths (JSON)."""

    @property
    def rows(self) -> int | None:
        """Number of rows if the file says so cheaply."""

    @property
    def crs(self) -> str | None:
        """CRS IRI of the geometry; None for tables without geometry."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user should know after reading."""

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read the file once, giving only these references."""


@runtime_checkable
class PathSource(Protocol):
    """A source whose references are paths, which may lead nowhere (JSON, XML).

    It says nothing of the rest of a source: telling it by isinstance must not ask for a CRS.
    """

    @property
    def absent(self) -> tuple[str, ...]:
        """References without a value in any row; known after reading."""

    def check(self, references: Mapping[str, str]) -> None:
        """Check the syntax of references, given with their places in the mapping."""


@runtime_checkable
class Joinable(Protocol):
    """A source that knows of joins that equal texts do not make rightly."""

    def check_join(self, parent: Source, link: ParentMap) -> None:
        """Raise UnsupportedError where this source must not be joined so."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the files and databases a mapping names are to be found.

    Attributes
    ----------
    base_dir : Path
        Of relative paths without ``rml:root``.
    mapping_dir : Path
        What ``rml:MappingDirectory`` means.
    database : str, optional
        URL of the database that logical tables mean which name none (R2RML).
    file : Path, optional
        Read in place of every source's own file (recipes).
    """

    base_dir: Path
    mapping_dir: Path
    database: str | None = None
    file: Path | None = None


def resolve(source: LogicalSource, around: Surroundings, path: str | None = None) -> Path:
    """Path of a source's file (or of another ``path`` beside it).

    Raises
    ------
    InputError
        There is no such file.
    UnsupportedError
        It is at an address in the network.
    """
    if path is None and around.file is not None:
        found = around.file
    elif _ADDRESS.match(path or source.path):
        raise UnsupportedError(
            "Sources are not fetched from the network",
            where=path or source.path,
            remedy="download it and name the file (rml:path), or give it as file=",
        )
    else:
        roots = {"base": around.base_dir, "mapping": around.mapping_dir, "cwd": Path.cwd()}
        found = roots.get(source.root, Path(source.root)) / (path or source.path)
    if not found.exists():
        raise InputError(
            "A source does not exist",
            where=str(found),
            remedy="correct rml:path in the mapping or give --base-dir",
        )
    return found


def resolve_beside(source: LogicalSource, around: Surroundings, name: str) -> Path:
    """Path of a second file of a source: beside its first one where the run names that.

    ``name`` may be a pattern (``*_confidence.tif``) that one file beside the first one has.

    Raises
    ------
    InputError
        There is no such file, or there are several.
    """
    folder = resolve(source, around).parent
    if "*" in name:
        found = sorted(folder.glob(name))
        if len(found) == 1:
            return found[0]
        raise InputError(
            "A source needs one file beside it",
            where=f"{folder}: {name}",
            why=f"{len(found)} files have such a name",
            remedy="keep only the files that belong together in a folder",
        )
    if around.file is not None and (folder / name).exists():
        return folder / name
    return resolve(source, around, name)


def chosen_crs(found: str | None, source: LogicalSource, where: str) -> str:
    """IRI of the geometry's CRS: what the mapping says, else what the file says.

    Raises
    ------
    CRSError
        Neither says it.
    """
    declared = source.option("crs")
    if declared is None and found is None:
        raise CRSError(
            "The source does not say its coordinate reference system",
            where=where,
            why="coordinates without one could mean any place",
            remedy='declare it in the mapping: gl:crs "EPSG:3035" on the logical source',
        )
    return crs_iri(declared or str(found))


def unreadable(where: str, error: Exception, remedy: str) -> InputError:
    """The error for a file a reader refuses."""
    return InputError("Cannot read a source", where=where, why=str(error), remedy=remedy)
