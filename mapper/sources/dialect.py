"""How a delimited text is written, and odd ways turned into the plain one while reading.

The properties are those of CSV on the Web (W3C, "Metadata Vocabulary for Tabular Data", 5.9).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from ontology import MappingError

from ..language.model import LogicalSource
from .compressed import BROKEN as PACKED_BROKEN
from .compressed import opened, packing, plain_name

BROKEN: Final = (*PACKED_BROKEN, UnicodeError, LookupError, csv.Error)
"""What reading a damaged table may raise."""

_CHUNK: Final = 1 << 20
csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way of writing tables.

    Attributes
    ----------
    delimiter, quote : str
        One sign; ``quote`` may be empty for none.
    encoding : str
    double_quote : bool
        A quote in quotes is doubled; otherwise a backslash stands before it.
    comment : str
        Lines that begin so are no rows; empty for none.
    skip_rows, header_rows, skip_columns : int
        ``header_rows`` 0: columns are called ``_col.1``, ``_col.2`` and so on; of several the
        first names the columns.
    skip_initial_space : bool
    trim : str
        ``false``, ``true``, ``start`` or ``end``: white space around cells.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    double_quote: bool = True
    comment: str = ""
    skip_rows: int = 0
    header_rows: int = 1
    skip_columns: int = 0
    skip_initial_space: bool = False
    trim: str = "false"

    @property
    def plain(self) -> bool:
        """Whether only delimiter, quote and encoding differ from plain CSV."""
        return self == Dialect(self.delimiter, self.quote, self.encoding)


def dialect_of(source: LogicalSource, path: Path) -> Dialect:
    """Return the dialect of a source by its options and its file's name.

    Raises
    ------
    MappingError
        An option with a value that does not fit.
    """
    given = dict(source.options)
    tabs = plain_name(path).endswith((".tsv", ".tab"))
    header = _truth(given, "header", True)
    return Dialect(
        delimiter=_sign(given, "delimiter", "\t" if tabs else ","),
        quote=_sign(given, "quote", '"', may_be_empty=True),
        encoding=_encoding(given.get("encoding", "utf-8")),
        double_quote=_truth(given, "doubleQuote", True),
        comment=given.get("comment", ""),
        skip_rows=_count(given, "skipRows", 0),
        header_rows=_count(given, "headerRows", int(header)),
        skip_columns=_count(given, "skipColumns", 0),
        skip_initial_space=_truth(given, "skipInitialSpace", False),
        trim=_trim(given),
    )


@contextmanager
def plain_text(source: LogicalSource, path: Path, dialect: Dialect) -> Iterator[Any]:
    """Bytes of a table with a header line: as they are, or written anew as plain CSV in UTF-8."""
    if dialect.plain and packing(source, path) is None:
        with pa.input_stream(str(path), compression=None) as plain:
            yield plain
        return
    with opened(source, path) as stream:
        yield stream if dialect.plain else io.BufferedReader(_Rewritten(stream, dialect), _CHUNK)


def first_undecodable(source: LogicalSource, path: Path, encoding: str) -> str | None:
    """Describe the first bytes that are not of an encoding: their line and position."""
    try:
        with opened(source, path) as stream:
            return _undecodable(stream, encoding)
    except PACKED_BROKEN:
        return None


def _undecodable(stream: IO[bytes], encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = lines = 0
    while True:
        chunk = stream.read(_CHUNK)
        held = len(decoder.getstate()[0])
        try:
            lines += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "ignore")
            at = done - held + error.start
            found = error.object[error.start : error.end].hex(" ")
            return (
                f"the bytes {found} in line {lines + before.count(chr(10)) + 1}"
                f" (byte {at + 1}) are not {encoding}"
            )
        if not chunk:
            return None
        done += len(chunk)


class _Rewritten(io.RawIOBase):
    """A table in an odd dialect as plain CSV."""

    def __init__(self, stream: IO[bytes], dialect: Dialect) -> None:
        super().__init__()
        self._rows = _rows(stream, dialect)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            for row in self._rows:
                writer.writerow(row)
                if text.tell() >= _CHUNK:
                    break
            self._left = text.getvalue().encode()
            if not self._left:
                return 0
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


class _Lines:
    """Lines of a text, without comments where a row may begin."""

    def __init__(self, text: io.TextIOBase, comment: str) -> None:
        self._text = text
        self._comment = comment
        self.fresh = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        while self.fresh and self._comment and line.startswith(self._comment):
            line = next(self._text)
        self.fresh = False
        return line


def _rows(stream: IO[bytes], dialect: Dialect) -> Iterator[list[str]]:
    """Rows as cells, with a header of one line first."""
    text = io.TextIOWrapper(stream, _without_mark(dialect.encoding), newline="")
    try:
        for _ in range(dialect.skip_rows):
            next(text, None)
        for number, cells in enumerate(_records(text, dialect)):
            row = [_trimmed(cell, dialect.trim) for cell in cells[dialect.skip_columns :]]
            if number == 0 and dialect.header_rows == 0:
                yield [f"_col.{k}" for k in range(1, len(row) + 1)]
            if number == 0 or number >= dialect.header_rows:
                yield row
    finally:
        text.detach()


def _records(text: io.TextIOBase, dialect: Dialect) -> Iterator[list[str]]:
    lines = _Lines(text, dialect.comment)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=None if dialect.double_quote else "\\",
        skipinitialspace=dialect.skip_initial_space,
        strict=True,
    )
    while True:
        lines.fresh = True
        cells = next(reader, None)
        if cells is None:
            return
        if cells:
            yield cells


def _trimmed(cell: str, trim: str) -> str:
    if trim == "false":
        return cell
    return cell.strip() if trim == "true" else cell.lstrip() if trim == "start" else cell.rstrip()


def _without_mark(encoding: str) -> str:
    """The encoding that reads over a byte order mark, which would hide the first name's quotes."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise MappingError(
            f"The encoding {name!r} is not known", remedy="use one such as UTF-8 or latin-1"
        ) from error


def _misfit(name: str, value: str, wanted: str) -> MappingError:
    return MappingError(f"gl:{name} must be {wanted}", why=f"it is {value!r}")


def _sign(given: dict[str, str], name: str, default: str, *, may_be_empty: bool = False) -> str:
    value = given.get(name, default)
    if len(value) > 1 or not (value or may_be_empty) or value in ("\n", "\r"):
        raise _misfit(name, value, "one sign")
    return value


def _count(given: dict[str, str], name: str, default: int) -> int:
    value = given.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise _misfit(name, value, "a whole number from 0")
    return int(value)


def _truth(given: dict[str, str], name: str, default: bool) -> bool:
    value = given.get(name, str(default).lower())
    if value not in ("true", "false", "1", "0"):
        raise _misfit(name, value, "true or false")
    return value in ("true", "1")


def _trim(given: dict[str, str]) -> str:
    value = given.get("trim", "false")
    if value not in ("true", "false", "start", "end"):
        raise _misfit("trim", value, "true, false, start or end")
    return value
