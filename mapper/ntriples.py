"""N-Triples and N-Quads text, written from columns without a Python string a triple."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    LANE_DATATYPES,
    EntityBatch,
    InputError,
    Lane,
    SinkReport,
    TermColumn,
    UsageError,
    lexical_forms,
    node_texts,
)

_ESCAPES: Final = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))


class NTriplesSink:
    """A sink that writes ``.nt``, ``.nq`` or either with ``.gz`` (RDF 1.1 N-Triples, N-Quads).

    The file appears under its name only at commit, whole; an abort leaves nothing behind.
    Triples are written as they come, so equal ones stand there more than once.

    Parameters
    ----------
    path : path
        Replaced if it exists.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        suffixes = self._path.suffixes
        self._quads = ".nq" in suffixes[-2:]
        self._compressed = suffixes[-1:] == [".gz"]
        self._file: Any = None
        self._raw: Any = None
        self._offered = 0

    def _open(self) -> Any:
        if self._file is None:
            try:
                raw: Any = self._temporary.open("wb")
            except OSError as error:
                raise InputError(
                    "Cannot write the triples",
                    where=str(self._path),
                    why=error.strerror,
                    remedy="check that the folder exists and is writable",
                ) from error
            self._file = gzip.GzipFile("", "wb", 6, raw, 0) if self._compressed else raw
            self._raw = raw
        return self._file

    def write(self, batch: EntityBatch) -> None:
        """Write one batch, property by property."""
        if batch.graph is not None and not self._quads:
            raise UsageError(
                "N-Triples cannot hold named graphs",
                where=str(self._path),
                why=f"the mapping writes to graph {batch.graph}",
                remedy="use a file name that ends in .nq",
            )
        target = self._open()
        subjects = node_texts(batch.subjects)
        graph = "" if batch.graph is None else f" {_node(batch.graph)}"
        for prop in batch.properties:
            terms = term_texts(prop.objects)
            end = f"{graph} .\n"
            lines = pc.binary_join_element_wise(subjects, f" <{prop.predicate}> ", terms, end, "")
            lines = pc.cast(lines, pa.large_string()).drop_null()
            self._offered += len(lines)
            target.write(_text_buffer(lines))

    def commit(self) -> SinkReport:
        """Finish the file and give it its name."""
        self._open()
        self._close(sync=True)
        os.replace(self._temporary, self._path)
        report = SinkReport(self._offered, self._offered)
        self._offered = 0
        return report

    def abort(self) -> None:
        """Delete what was written since the last commit."""
        if self._file is not None:
            self._close(sync=False)
            self._temporary.unlink(missing_ok=True)
        self._offered = 0

    def _close(self, sync: bool) -> None:
        assert self._file is not None
        if self._file is not self._raw:
            self._file.close()
        self._raw.flush()
        if sync:
            os.fsync(self._raw.fileno())
        self._raw.close()
        self._file = None

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


def term_texts(column: TermColumn) -> pa.Array:
    r"""N-Triples texts of a column of terms; null stays null.

    Examples
    --------
    >>> term_texts(TermColumn(Lane.STRING, pa.array(['a "b"']))).to_pylist()
    ['"a \\"b\\""']
    """
    if column.lane is Lane.NODE:
        return node_texts(column.values)
    texts = lexical_forms(column)
    if column.lane in (Lane.STRING, Lane.LANG, Lane.OTHER):
        texts = _escaped(texts)
    end = '"'
    if column.lane is Lane.LANG:
        end = f'"@{column.lang}'
    elif column.lane is not Lane.STRING:
        end = f'"^^<{column.datatype or LANE_DATATYPES[column.lane]}>'
    return pc.binary_join_element_wise('"', texts, end, "")


def _escaped(texts: pa.Array) -> pa.Array:
    for plain, escaped in _ESCAPES:
        if pc.any(pc.match_substring(texts, plain)).as_py():
            texts = pc.replace_substring(texts, plain, escaped)
    return texts


def _node(text: str) -> str:
    return text if text.startswith("_:") else f"<{text}>"


def _text_buffer(lines: pa.Array) -> memoryview:
    """Bytes of all strings of an array, one after the other."""
    _, offsets, data = lines.buffers()
    if len(lines) == 0 or data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q")
    return memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]]
