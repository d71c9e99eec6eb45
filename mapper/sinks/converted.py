"""JSON-LD and RDF/XML: N-Quads first, turned into the format when the run ends."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from ontology import EntityBatch, SinkReport, UnsupportedError

from .files import OutputFile
from .ntriples import NTriplesSink

JSON_LD: Final = pyoxigraph.RdfFormat.STREAMING_JSON_LD
RDF_XML: Final = pyoxigraph.RdfFormat.RDF_XML
_XML_NAME: Final = re.compile(r"[^\W\d][\w.-]*$")
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class ConvertedSink(NTriplesSink):
    """Writes a format whose shape Arrow columns do not have, through pyoxigraph.

    The N-Quads lie beside the file until the end; memory stays flat.

    Parameters
    ----------
    path : path
        Replaced if it exists.
    target : pyoxigraph.RdfFormat
    compression, encoding
        As for :class:`TextSink`.
    """

    def __init__(
        self,
        path: str | Path,
        target: pyoxigraph.RdfFormat,
        *,
        compression: str | None = None,
        encoding: str = "UTF-8",
    ) -> None:
        final = Path(path)
        between = final.with_name(f".{final.name}.{os.getpid()}.nq")
        super().__init__(between, quads=target.supports_datasets, compression="none")
        self.path = final
        self.format_name = target.name
        self._target = target
        self._quads = self._file
        self._final = OutputFile(final, compression, encoding)

    def write(self, batch: EntityBatch) -> None:
        """Write one batch.

        Raises
        ------
        UnsupportedError
            A predicate is no name of XML, in RDF/XML.
        """
        for prop in batch.properties:
            if self._target is RDF_XML and not _XML_NAME.search(prop.predicate):
                raise UnsupportedError(
                    "RDF/XML cannot hold a predicate that does not end in a name",
                    where=str(self.path),
                    why=prop.predicate,
                    remedy="use a file name that ends in .nq or .ttl",
                )
        super().write(batch)

    def prepare(self) -> None:
        """Write the format.

        Raises
        ------
        UnsupportedError
            A text has characters that XML does not, in RDF/XML.
        """
        self._quads.finish()
        self._quads.publish()
        try:
            found: Iterable[pyoxigraph.Quad] = pyoxigraph.parse(
                path=str(self._quads.path), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True
            )
            if self._target is RDF_XML:
                found = self._in_xml(found)
            pyoxigraph.serialize(found, _Writer(self._final), self._target)
        finally:
            self._quads.path.unlink()
        self._final.finish()
        self._file = self._final

    def _in_xml(self, quads: Iterable[pyoxigraph.Quad]) -> Iterator[pyoxigraph.Quad]:
        """The same quads; those that XML cannot hold end it."""
        for quad in quads:
            if isinstance(quad.object, pyoxigraph.Literal) and _NO_XML.search(quad.object.value):
                raise UnsupportedError(
                    "XML cannot hold control characters",
                    where=str(self.path),
                    why=f"{quad.object.value[:80]!r} of {quad.subject}",
                    remedy="use a file name that ends in .nq or .ttl",
                )
            yield quad

    def publish(self) -> SinkReport:
        """Give the prepared file its name."""
        report = super().publish()
        self._file = self._quads
        return report

    def abort(self) -> None:
        """Delete what was written since the last commit."""
        self._quads.discard()
        self._final.discard()
        super().abort()


class _Writer(io.BytesIO):
    """An output file as pyoxigraph wants it; whole lines or values come at once."""

    def __init__(self, file: OutputFile) -> None:
        super().__init__()
        self._file = file

    def write(self, data: Any) -> int:
        self._file.write(data)
        return len(data)
