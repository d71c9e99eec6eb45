"""Loading RDF files: any W3C syntax, streamed into columns, all files in one snapshot."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from ontology import EntityBatch, InputError, UnsupportedError, UsageError

from .line_files import BadLine, LineReader, reason_of
from .literals import LiteralColumns
from .quads import Label, QuadGatherer
from .rejections import Quarantine, Rejection, bad_rdf
from .sink import StoreSink
from .sources import format_of, opened

__all__ = ["LoadReport", "Rejection", "load_files"]

_LINES: Final = frozenset({ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS})

Progress = Callable[[int], None]
"""Told now and then how many triples were read so far."""


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
        The statements skipped because of ``skip_bad``, the first 1,000 of them.
    rejected_count : int
        All of them.
    quarantine : Path or None
        The file that has every rejected line with its place and reason.
    remarks : tuple of str
        What was kept as text only, and why.
    """

    offered: int
    new: int
    seconds: float
    rejected: tuple[Rejection, ...] = ()
    rejected_count: int = 0
    quarantine: Path | None = None
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
    quarantine: Path | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Load RDF files through a sink and commit.

    Parameters
    ----------
    sink : StoreSink
    files : iterable of paths
        ``.nt .nq .ttl .trig .rdf .xml .owl .n3 .jsonld``, each also with ``.gz`` or ``.zst``.
    graph : str, optional
        IRI of the graph that takes what the files say of their default graph.
    format : str, optional
        Extension or media type, instead of the files' own extension.
    base_iri : str, optional
        What relative IRIs are resolved against, instead of each file's own ``file:`` IRI.
    quarantine : Path, optional
        Skip statements that do not parse and append them to this file, instead of failing.
    progress : callable, optional
        Told how many triples were read so far.

    Raises
    ------
    InputError
        With file, line, column and reason; the store stays as it was.
    UsageError
        If the graph or the base is no absolute IRI.
    """
    _check_iri("graph", graph)
    _check_iri("base", base_iri)
    started = time.perf_counter()
    with sink, Quarantine(quarantine) as rejected:
        loader = _Loader(sink, graph, base_iri, rejected, progress or (lambda _: None))
        for file in files:
            loader.load(Path(file), format)
        done = sink.commit()
    return LoadReport(
        offered=done.offered,
        new=done.written,
        seconds=time.perf_counter() - started,
        rejected=tuple(rejected.listed),
        rejected_count=rejected.count,
        quarantine=rejected.path,
        remarks=(*loader.remarks, *done.remarks),
    )


@dataclass(slots=True)
class _Loader:
    sink: StoreSink
    graph: str | None
    base_iri: str | None
    rejected: Quarantine
    progress: Progress
    remarks: list[str] = field(default_factory=list)

    def load(self, path: Path, format: str | None) -> None:
        syntax = format_of(path, format)
        scope = _scope(path, self.graph)
        literals = LiteralColumns()
        try:
            if syntax in _LINES:
                self._load_lines(path, syntax, scope, literals)
            else:
                self._load_document(path, syntax, scope, literals)
        except (OSError, EOFError) as error:
            raise InputError(
                "Cannot read the file",
                where=str(path),
                why=getattr(error, "strerror", None) or str(error),
                remedy="check the path and that the file is whole",
            ) from error
        self.remarks += [f"{path}: {remark}" for remark in literals.remarks]

    def _load_lines(
        self, path: Path, syntax: ox.RdfFormat, scope: Callable[[], str], literals: LiteralColumns
    ) -> None:
        staging = self.sink.staging
        reader = LineReader(syntax, self.graph, scope, staging.hasher)
        lines = 0
        with opened(path) as handle:
            for part in reader.read(handle):
                for bad in part.bad:
                    self._reject_line(path, lines, bad)
                staging.take(part.rows)
                literals.join(part.literals)
                lines += part.lines
                self.progress(staging.offered)

    def _reject_line(self, path: Path, before: int, bad: BadLine) -> None:
        found = Rejection(str(path), before + bad.number, bad.column, bad.reason)
        if self.rejected.fails and isinstance(bad.error, UnsupportedError):
            raise _placed(bad.error, found) from bad.error
        self.rejected.add(found, bad.text)

    def _load_document(
        self, path: Path, syntax: ox.RdfFormat, scope: Callable[[], str], literals: LiteralColumns
    ) -> None:
        staging = self.sink.staging

        def write(batch: EntityBatch) -> None:
            staging.add(batch)
            self.progress(staging.offered)

        gatherer = QuadGatherer(write, _labeller(scope), self.graph, literals)
        with opened(path) as handle:
            base = self.base_iri or path.resolve().as_uri()
            parser = ox.parse(handle, format=syntax, base_iri=base)
            self._read(path, parser, gatherer)
        gatherer.flush()
        self.sink.remember(dict(parser.prefixes))

    def _read(self, path: Path, parser: Any, gatherer: QuadGatherer) -> None:
        last: Rejection | None = None
        while True:
            try:
                for quad in parser:
                    self._add(path, quad, gatherer)
            except SyntaxError as error:
                found = Rejection(str(path), error.lineno, error.offset, reason_of(error))
                if found == last:
                    raise bad_rdf(found) from error
                last = found
                self.rejected.add(found)
            except MemoryError as error:
                raise _too_large(path, error) from error
            else:
                return

    def _add(self, path: Path, quad: Any, gatherer: QuadGatherer) -> None:
        try:
            gatherer.add(quad)
        except UnsupportedError as error:
            found = Rejection(str(path), None, None, str(error))
            if self.rejected.fails:
                raise _placed(error, found) from error
            self.rejected.add(found)


def _too_large(path: Path, error: MemoryError) -> Exception:
    """What the parser means by it: documents hold no term of over 16 MiB."""
    if "buffer" not in str(error):
        return error
    return InputError(
        "A term is too large for a document of this format",
        where=str(path),
        why=str(error),
        remedy="write it as N-Triples or N-Quads, where terms may have any size",
    )


def _check_iri(role: str, iri: str | None) -> None:
    if iri is None:
        return
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        raise UsageError(
            f"The {role} is not an absolute IRI",
            where=repr(iri),
            why=str(error),
            remedy="write it out, such as http://example.org/maps",
        ) from error


def _placed(error: UnsupportedError, found: Rejection) -> UnsupportedError:
    where = f"{found.place}: {error.where}"
    return UnsupportedError(error.what, where=where, why=error.why, remedy=error.remedy)


def _scope(path: Path, graph: str | None) -> Callable[[], str]:
    """What sets the blank nodes of a document apart: equal if the same is loaded again.

    The document is read for its hash only if it has a blank node; what can be read but once (a
    pipe) has blank nodes of its own at every load.
    """

    @cache
    def scope() -> str:
        if not path.is_file():
            return uuid.uuid4().hex
        with opened(path) as handle:
            digest = hashlib.file_digest(handle, "sha256")  # type: ignore[arg-type]
        if graph is not None:
            digest.update(b"\n" + graph.encode())
        return digest.hexdigest()[:32]

    return scope


def _labeller(scope: Callable[[], str]) -> Label:
    """Number blank nodes in the order they come: the parser invents random labels for some."""
    numbers: dict[str, int] = {}
    return lambda label: f"{scope()}-{numbers.setdefault(label, len(numbers))}"
