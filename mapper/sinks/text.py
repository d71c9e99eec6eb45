"""What all sinks of text have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from ontology import EntityBatch, SinkReport, UsageError

from .files import OutputFile


class TextSink(ABC):
    """Writes RDF text to one file, which appears under its name only at commit, whole.

    Triples are written as they come, so equal ones stand there more than once.

    Parameters
    ----------
    path : path
        Replaced if it exists.
    compression : str, optional
        ``gzip``, ``zstd``, ``zip``, ``targz``, ``tarxz`` or ``none``; None takes it from the name.
    encoding : str
        Of the text.
    """

    format_name: str
    holds_graphs: bool

    def __init__(
        self, path: str | Path, *, compression: str | None = None, encoding: str = "UTF-8"
    ) -> None:
        self.path = Path(path)
        self._file = OutputFile(self.path, compression, encoding)
        self._offered = 0

    @abstractmethod
    def texts(self, batch: EntityBatch) -> Iterable[Any]:
        """Bytes of the triples of a batch."""

    def write(self, batch: EntityBatch) -> None:
        """Write one batch.

        Raises
        ------
        UsageError
            It has a named graph and the format has none.
        """
        if batch.graph is not None and not self.holds_graphs:
            raise UsageError(
                f"{self.format_name} cannot hold named graphs",
                where=str(self.path),
                why=f"the mapping writes to graph {batch.graph}",
                remedy="use a file name that ends in .nq",
            )
        for text in self.texts(batch):
            self._file.write(text)
        self._offered += batch.triples

    def write_lines(self, lines: Any, triples: int) -> None:
        """Take finished text of the format."""
        self._file.write(lines)
        self._offered += triples

    def prepare(self) -> None:
        """Do everything of a commit that may fail."""
        self._file.finish()

    def publish(self) -> SinkReport:
        """Give the prepared file its name."""
        self._file.publish()
        report = SinkReport(self._offered, self._offered)
        self._offered = 0
        return report

    def commit(self) -> SinkReport:
        """Finish the file and give it its name."""
        self.prepare()
        return self.publish()

    def abort(self) -> None:
        """Delete what was written since the last commit."""
        self._file.discard()
        self._offered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.abort()


def text_buffer(lines: pa.LargeStringArray) -> memoryview:
    """Bytes of all strings of an array without nulls, one after the other."""
    _, offsets, data = lines.buffers()
    if len(lines) == 0 or data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q")
    return memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]]
