"""CSV and TSV: every column is text; types come from the mapping."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from ontology import GeoloomError, InputError

from ..language.model import LogicalSource
from ..terms.cells import Batch, column
from .base import unreadable
from .compressed import packing
from .dialect import BROKEN, Dialect, dialect_of, first_undecodable, plain_text
from .rows import NO_QUOTE, rows_end

_REMEDY = "check that it is CSV; set gl:delimiter or gl:encoding on the logical source"
Bytes = npt.NDArray[np.uint8]
_BLOCK: Final = 4 << 20
_LONGEST_ROW: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole rows of a file, as they stand there.

    Attributes
    ----------
    place, size : int
        Bytes before it and in it.
    first : int
        Number of its first row, from 1.
    rows : int
    data : ndarray of uint8
        Good until the next block is asked for.
    """

    place: int
    size: int
    first: int
    rows: int
    data: Bytes


class CsvSource:
    """A delimited text file with a header line.

    Every cell has a value, an empty one the empty text, unless ``rml:null`` says which texts,
    quoted or not, mean "no value" (RML-IO, "NULL values"). Rows of the wrong length are rejected.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._path = path
        self._source = source
        self._written = dialect_of(source, path)
        self._dialect = self._written if self._written.plain else Dialect()
        self._nulls = source.nulls
        self._names = self._header()
        self.crs: str | None = None
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Every column as text."""
        return dict.fromkeys(self._names, pa.string())

    def _header(self) -> list[str]:
        try:
            with self._open() as raw:
                text = io.TextIOWrapper(raw, self._header_encoding(), newline="")
                names = next(csv.reader(text, **self._signs()), [])
        except BROKEN as error:
            raise self._unreadable(error) from error
        twice = {name for name in names if names.count(name) > 1}
        if not names or twice:
            raise InputError(
                "A CSV file needs a header of different names",
                where=f"{self._path}, line 1",
                why=f"{sorted(twice)} stand twice" if twice else "the file is empty",
                remedy="add or correct the header line",
            )
        return names

    def _signs(self) -> dict[str, Any]:
        quoted = {"quotechar": self._dialect.quote} if self._dialect.quote else {"quoting": 3}
        return {"delimiter": self._dialect.delimiter, **quoted}

    def _header_encoding(self) -> str:
        """Without a byte order mark, which would hide the quotes of the first name."""
        name = self._dialect.encoding
        return "utf-8-sig" if name == "utf-8" else name

    def _open(self) -> Any:
        return plain_text(self._source, self._path, self._written)

    def _unreadable(self, error: Exception) -> InputError:
        """The error for a damaged file, with the place of bytes of another encoding."""
        named = first_undecodable(self._source, self._path, self._written.encoding)
        return unreadable(str(self._path), ValueError(named) if named else error, _REMEDY)

    @property
    def path(self) -> Path | None:
        """The file, if blocks are bytes of it as they are: then any process can read any block."""
        as_it_is = self._written.plain and self._dialect.encoding == "utf-8"
        return self._path if as_it_is and packing(self._source, self._path) is None else None

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read in blocks of about 4 MB."""
        for block in self.blocks():
            yield self.batch(block, references)

    def blocks(self) -> Iterator[Block]:
        """Whole rows, about 4 MB at a time; where they are cut rests on the file alone.

        Raises
        ------
        InputError
            The file is damaged, or a row has no end.
        """
        try:
            with self._open() as opened:
                yield from self._cut(self._in_utf_8(opened))
        except BROKEN as error:
            raise self._unreadable(error) from error

    def block(self, place: int, size: int, first: int, rows: int) -> Block:
        """Read a block that :meth:`blocks` gave another process.

        Raises
        ------
        InputError
            The file is not as long as it was.
        """
        room = np.empty(size, np.uint8)
        with self._path.open("rb") as file:
            file.seek(place)
            if _read_into(file, room) < size:
                raise unreadable(str(self._path), EOFError("it was cut off meanwhile"), _REMEDY)
        return Block(place, size, first, rows, room)

    def _in_utf_8(self, stream: Any) -> Any:
        encoding = self._dialect.encoding
        if encoding in ("utf-8", "ascii"):
            return stream
        native = stream if isinstance(stream, pa.NativeFile) else pa.PythonFile(stream, "r")
        return pa.transcoding_input_stream(native, encoding, "utf-8")

    def _cut(self, stream: Any) -> Iterator[Block]:
        held, place, first, header, final = 0, 0, 1, True, False
        room = np.empty(2 * _BLOCK, np.uint8)
        while not final:
            if held + _BLOCK > len(room):
                room = np.concatenate([room, np.empty_like(room)])
            read = _read_into(stream, room[held : held + _BLOCK])
            final, size, at = not read, held + read, 0
            if header:
                found, at = self._rows_end(room[:size], final, 1, 0)
                header = not found
            rows, behind = (0, 0) if header else self._rows_end(room[at:size], final, size, first)
            if rows:
                yield Block(place + at, behind, first, rows, room[at : at + behind])
            place, first, held = place + at + behind, first + rows, size - at - behind
            room[:held] = room[size - held : size].copy()
            if held > _LONGEST_ROW:
                long = f"it is over {_LONGEST_ROW >> 20} MiB long"
                raise self._endless(first, f"{long}; a quote may be opened and never closed")

    def _rows_end(self, data: Bytes, final: bool, most: int, first: int) -> tuple[int, int]:
        """Rows and the bytes they take; they are numbered from ``first``, the header is row 0."""
        quote = ord(self._dialect.quote) if self._dialect.quote else NO_QUOTE
        delimiter = ord(self._dialect.delimiter)
        rows, behind, unclosed = rows_end(
            data.ctypes.data, len(data), delimiter, quote, final, most
        )
        if unclosed:
            raise self._endless(first + rows - 1, "a quote is opened in it and never closed")
        return rows, behind

    def _endless(self, row: int, why: str) -> InputError:
        return InputError(
            "A row of a CSV file has no end",
            where=f"{self._path}, " + (f"row {row}" if row else "the header"),
            why=why,
            remedy="correct the row; if quotes mean nothing in this file, say csvw:quoteChar null",
        )

    def batch(self, block: Block, references: Collection[str]) -> Batch:
        """Cells of a block.

        Raises
        ------
        InputError
            It is not of its encoding.
        """
        rejected: list[tuple[int, str]] = []

        def reject(row: Any) -> str:
            found = f"{row.actual_columns} cells, {row.expected_columns} expected"
            rejected.append((row.number + block.first - 1, found))
            return "skip"

        try:
            table = self._read(block.data, references, reject)
        except BROKEN as error:
            raise self._unreadable(error) from error
        if table.num_rows + len(rejected) != block.rows:
            raise GeoloomError(
                "Rows of a CSV file were counted in two ways that differ",
                where=f"{self._path}, rows from {block.first}",
                why=f"{block.rows} and {table.num_rows + len(rejected)}",
                remedy="report this as a fault of geoloom, with the file",
            )
        numbers = np.arange(block.first, block.first + block.rows)
        if rejected:
            numbers = np.delete(numbers, [number - block.first for number, _ in rejected])
        cells = {name: column(table.column(name)) for name in references}
        return Batch(cells, numbers, tuple(rejected))

    def _read(self, data: Bytes, references: Collection[str], reject: Any) -> pa.Table:
        wanted = [name for name in self._names if name in references] or self._names[:1]
        return pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            pacsv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=self._names
            ),
            pacsv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=self._dialect.quote or False,
                newlines_in_values=True,
                invalid_row_handler=reject,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                include_columns=wanted,
                strings_can_be_null=bool(self._nulls),
                null_values=list(self._nulls),
            ),
        )


def _read_into(stream: Any, room: Bytes) -> int:
    """Fill a buffer from a stream as far as it goes; gives how many bytes."""
    done = 0
    while done < len(room):
        read = stream.readinto(room[done:].data)
        if not read:
            break
        done += read
    return done
