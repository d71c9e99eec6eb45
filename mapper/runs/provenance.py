"""The record of a run in PROV-O (W3C): what was read, by which mapping, with which counts."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ontology import ARROW_TYPES, RDF_TYPE, EntityBatch, InputError, Lane, Property, TermColumn

from ..language.model import Mapping
from .reports import SourceReport

_PROV: Final = "http://www.w3.org/ns/prov#"
_GL: Final = "https://w3id.org/geoloom/ns#"
_DCAT: Final = "http://www.w3.org/ns/dcat#"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_SPDX: Final = "http://spdx.org/rdf/terms#"
_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
THEME: Final = "provenance"


@dataclass(frozen=True, slots=True)
class Node:
    """An IRI as a value, to tell it from a text."""

    iri: str


Value = Node | str | int | datetime
Statement = tuple[str, str, Value]


@dataclass(slots=True)
class RunRecord:
    """Notes what a run does; :meth:`batches` tells it as triples.

    Attributes
    ----------
    mapping : Mapping
    iri : str
        Of the run.
    started : datetime
    """

    mapping: Mapping
    iri: str = field(default_factory=lambda: f"urn:uuid:{uuid.uuid4()}")
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _files: dict[Path, str] = field(default_factory=dict)

    def reads(self, files: Iterable[Path]) -> None:
        """Take the hash of each file as it is before the run.

        Raises
        ------
        InputError
            A file cannot be read.
        """
        for path in files:
            if path not in self._files and path.is_file():
                try:
                    with path.open("rb") as file:
                        self._files[path] = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError as error:
                    raise InputError(
                        "Cannot read a source", where=str(path), why=error.strerror
                    ) from error

    def batches(
        self, sources: Iterable[SourceReport], graph: str | None = None
    ) -> Iterator[EntityBatch]:
        """The record as triples, in a graph."""
        found: dict[str, list[Property]] = {}
        for subject, predicate, value in self._statements(tuple(sources)):
            found.setdefault(subject, []).append(Property(predicate, _column(value)))
        for subject, properties in found.items():
            subjects = pa.array([subject], pa.string())
            yield EntityBatch(subjects, tuple(properties), graph, THEME)

    def _statements(self, sources: tuple[SourceReport, ...]) -> Iterator[Statement]:
        run, plan, made = self.iri, f"{self.iri}#mapping", f"{self.iri}#triples"
        ended = datetime.now(UTC)
        yield run, RDF_TYPE, Node(f"{_GL}MappingRun")
        yield run, RDF_TYPE, Node(f"{_PROV}Activity")
        yield run, f"{_PROV}startedAtTime", self.started
        yield run, f"{_PROV}endedAtTime", ended
        yield from self._agent(run, plan)
        yield plan, RDF_TYPE, Node(f"{_PROV}Plan")
        yield plan, _LABEL, self.mapping.origin
        yield plan, f"{_DCTERMS}identifier", self.mapping.fingerprint
        for number, (path, digest) in enumerate(self._files.items(), 1):
            own = str(path) == self.mapping.origin
            entity = plan if own else f"{self.iri}#source{number}"
            yield run, f"{_PROV}used", Node(entity)
            yield from _file(entity, path, digest)
        yield made, RDF_TYPE, Node(f"{_PROV}Entity")
        yield made, f"{_PROV}wasGeneratedBy", Node(run)
        for theme in sorted({rule.theme for rule in self.mapping.triples_maps}):
            yield made, f"{_DCTERMS}title", theme
        yield from _counts(run, sources)

    def _agent(self, run: str, plan: str) -> Iterator[Statement]:
        agent, association = f"{self.iri}#geoloom", f"{self.iri}#association"
        yield run, f"{_PROV}wasAssociatedWith", Node(agent)
        yield agent, RDF_TYPE, Node(f"{_PROV}SoftwareAgent")
        yield agent, _LABEL, "geoloom"
        yield agent, f"{_DCTERMS}hasVersion", geoloom_version()
        yield run, f"{_PROV}qualifiedAssociation", Node(association)
        yield association, RDF_TYPE, Node(f"{_PROV}Association")
        yield association, f"{_PROV}agent", Node(agent)
        yield association, f"{_PROV}hadPlan", Node(plan)


def _file(iri: str, path: Path, digest: str) -> Iterator[Statement]:
    found = path.stat()
    yield iri, RDF_TYPE, Node(f"{_PROV}Entity")
    yield iri, f"{_PROV}atLocation", Node(path.resolve().as_uri())
    yield iri, f"{_DCAT}byteSize", found.st_size
    yield iri, f"{_DCTERMS}modified", datetime.fromtimestamp(found.st_mtime, UTC)
    checksum = f"{iri}-checksum"
    yield iri, f"{_SPDX}checksum", Node(checksum)
    yield checksum, f"{_SPDX}algorithm", Node(f"{_SPDX}checksumAlgorithm_sha256")
    yield checksum, f"{_SPDX}checksumValue", digest


def _counts(run: str, sources: tuple[SourceReport, ...]) -> Iterator[Statement]:
    yield run, f"{_GL}rowsRead", sum(one.rows_read for one in sources)
    yield run, f"{_GL}rowsMapped", sum(one.rows_mapped for one in sources)
    yield run, f"{_GL}rowsUnchanged", sum(one.rows_unchanged for one in sources)
    yield run, f"{_GL}rowsQuarantined", sum(one.rows_quarantined for one in sources)
    yield run, f"{_GL}triplesOffered", sum(one.triples_offered for one in sources)


def _column(value: Value) -> TermColumn:
    kinds: dict[type, Lane] = {str: Lane.STRING, int: Lane.INTEGER, datetime: Lane.DATETIME}
    if isinstance(value, Node):
        return TermColumn(Lane.NODE, pa.array([value.iri], pa.string()))
    lane = kinds[type(value)]
    held: Any = value
    if isinstance(value, datetime):
        held = value.replace(tzinfo=None)
    values = pa.array([held]).cast(ARROW_TYPES[lane])
    return TermColumn(lane, values, zoned=lane is Lane.DATETIME)


def geoloom_version() -> str:
    """Version of the installed geoloom; empty in a bare checkout."""
    try:
        return version("geoloom")
    except PackageNotFoundError:
        return ""
