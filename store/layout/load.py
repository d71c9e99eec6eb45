"""Loading RDF files: any W3C syntax, streamed into columns, all files in one snapshot."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

import pyoxigraph as ox

from ontology import InputError

from .quads import Label, QuadGatherer
from .sink import StoreSink

_LABELLED: Final = frozenset({ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS})
"""Formats in which every blank node is written with its label."""

_EXTENSIONS: Final = {"owl": "rdf", "ntriples": "nt", "nquads": "nq", "turtle": "ttl"}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A statement that is not RDF: where it stands and why it was refused."""

    file: str
    line: int | None
    column: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes
    ----------
    offered : int
        Triples read from the files, duplicates included.
    new : int
        Triples the store did not hold before.
    seconds : float
    rejected : tuple of Rejection
        The statements skipped because of ``skip_bad``.
    remarks : tuple of str
        What was kept as text only, and why.
    """

    offered: int
    new: int
    seconds: float
    rejected: tuple[Rejection, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def triples_per_second(self) -> float:
        """Triples read a second, commit included."""
        return self.offered / self.seconds if self.seconds else 0.0


def load_files(
    sink: StoreSink,
    files: Iterable[str | Path],
    *,
    graph: str | None = None,
    format: str | None = None,
    base_iri: str | None = None,
    skip_bad: bool = False,
) -> LoadReport:
    """Load RDF files through a sink and commit.

    Parameters
    ----------
    sink : StoreSink
    files : iterable of paths
        ``.nt .nq .ttl .trig .rdf .xml .owl .n3 .jsonld``, each also with ``.gz``.
    graph : str, optional
        IRI of the graph that takes what the files say of their default graph.
    format : str, optional
        Extension or media type, instead of the files' own extension.
    base_iri : str, optional
        What relative IRIs are resolved against, instead of each file's own ``file:`` IRI.
    skip_bad : bool
        Skip statements that do not parse and list them, instead of failing.

    Raises
    ------
    InputError
        With file, line, column and reason; the store stays as it was.
    """
    started = time.perf_counter()
    loader = _Loader(sink, graph, base_iri, skip_bad)
    with sink:
        for file in files:
            loader.load(Path(file), format)
        done = sink.commit()
    return LoadReport(
        offered=done.offered,
        new=done.written,
        seconds=time.perf_counter() - started,
        rejected=tuple(loader.rejected),
        remarks=(*loader.remarks, *done.remarks),
    )


@dataclass(slots=True)
class _Loader:
    sink: StoreSink
    graph: str | None
    base_iri: str | None
    skip_bad: bool
    rejected: list[Rejection] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def load(self, path: Path, format: str | None) -> None:
        syntax = _format_of(path, format)
        try:
            label = _labeller(path, syntax, self.graph)
            gatherer = QuadGatherer(self.sink.write, label, self.graph)
            with _opened(path) as handle:
                base = self.base_iri or path.resolve().as_uri()
                parser = ox.parse(handle, format=syntax, base_iri=base)
                self._read(path, parser, gatherer.add)
        except (OSError, EOFError) as error:
            raise InputError(
                "Cannot read the file",
                where=str(path),
                why=getattr(error, "strerror", None) or str(error),
                remedy="check the path and that the file is whole",
            ) from error
        gatherer.flush()
        self.sink.remember(dict(parser.prefixes))
        if gatherer.literals.unreadable_geometries:
            self.remarks.append(
                f"{path}: {gatherer.literals.unreadable_geometries} geometry literals kept as"
                f" text only, the first because {gatherer.literals.first_reason}"
            )

    def _read(self, path: Path, parser: Any, add: Callable[[Any], None]) -> None:
        last: Rejection | None = None
        while True:
            try:
                for quad in parser:
                    add(quad)
            except SyntaxError as error:
                found = Rejection(str(path), error.lineno, error.offset, _reason(error))
                if not self.skip_bad or found == last:
                    raise _bad_rdf(found) from error
                last = found
                self.rejected.append(found)
            else:
                return


def _reason(error: SyntaxError) -> str:
    return str(error.msg).split(": ", 1)[-1]


def _bad_rdf(found: Rejection) -> InputError:
    place = f", line {found.line}, column {found.column}" if found.line else ""
    return InputError(
        "The file is not valid RDF",
        where=f"{found.file}{place}",
        why=" ".join(found.reason.split()),
        remedy="correct it, or load with skip_bad (--skip-bad) to leave such statements out",
    )


def _format_of(path: Path, given: str | None) -> ox.RdfFormat:
    name = given or path.name.removesuffix(".gz").rpartition(".")[2].lower()
    name = _EXTENSIONS.get(name, name)
    found = ox.RdfFormat.from_extension(name) or ox.RdfFormat.from_media_type(name)
    if found is None:
        raise InputError(
            "Cannot tell the RDF format of the file",
            where=str(path),
            why=f"{name!r} is no RDF extension or media type",
            remedy="name it .nt, .nq, .ttl, .trig, .rdf or .jsonld (also .gz), or give the format",
        )
    return found


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _labeller(path: Path, syntax: ox.RdfFormat, graph: str | None) -> Label:
    """Labels scoped by document and target graph, equal whenever the same is loaded again.

    Where the syntax has blank nodes without a label the parser invents random ones, so there
    they are numbered in the order they come. The document is read for its hash only if it has
    a blank node.
    """

    @cache
    def scope() -> str:
        with _opened(path) as handle:
            digest = hashlib.file_digest(handle, "sha256")  # type: ignore[arg-type]
        if graph is not None:
            digest.update(b"\n" + graph.encode())
        return digest.hexdigest()[:32]

    if syntax in _LABELLED:
        return lambda label: f"{scope()}-{label}"
    numbers: dict[str, int] = {}
    return lambda label: f"{scope()}-{numbers.setdefault(label, len(numbers))}"
