"""CSV and TSV: every column is text; types come from the mapping."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ontology import InputError

from ..cells import Batch, Rows, column
from ..model import LogicalSource
from .base import unreadable
from .dialect import BROKEN, Dialect, dialect_of, first_undecodable, plain_text

_REMEDY = "check that it is CSV; set gl:delimiter or gl:encoding on the logical source"
_BLOCK = 4 << 20


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

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read in blocks of 4 MB."""
        rejected: list[tuple[int, str]] = []

        def reject(row: Any) -> str:
            found = f"{row.actual_columns} cells, {row.expected_columns} expected"
            rejected.append((row.number - 1, found))
            return "skip"

        done = 0
        try:
            with self._open() as raw, self._reader(raw, references, reject) as reader:
                for record in reader:
                    bad = tuple(rejected)
                    rejected.clear()
                    numbers = _numbers(done, record.num_rows, [number for number, _ in bad])
                    done += record.num_rows + len(bad)
                    cells = {n: column(record.column(n)) for n in references}
                    yield Batch(cells, numbers, bad)
        except BROKEN as error:
            raise self._unreadable(error) from error
        if rejected:
            yield Batch(
                {n: column(pa.array([], pa.string())) for n in references},
                np.empty(0, np.int64),
                tuple(rejected),
            )

    def _reader(self, raw: Any, references: Collection[str], reject: Any) -> Any:
        wanted = [name for name in self._names if name in references] or self._names[:1]
        return pacsv.open_csv(
            raw,
            pacsv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                encoding=self._dialect.encoding,
                column_names=self._names,
                skip_rows=0,
                skip_rows_after_names=1,
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


def _numbers(done: int, count: int, skipped: list[int]) -> Rows:
    everything = np.arange(done + 1, done + count + len(skipped) + 1)
    return everything[~np.isin(everything, skipped)][:count] if skipped else everything
