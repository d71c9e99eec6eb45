"""CSV and TSV: every column is text; types come from the mapping."""

from __future__ import annotations

import codecs
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

_REMEDY = "check that it is CSV; set gl:delimiter or gl:encoding on the logical source"
_BLOCK = 4 << 20


class CsvSource:
    """A delimited text file with a header line.

    Every cell has a value, an empty one the empty text, unless ``rml:null`` says which texts,
    quoted or not, mean "no value" (RML-IO, "NULL values"). Rows of the wrong length are rejected.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._path = path
        self._encoding = source.option("encoding") or "utf-8"
        given = source.option("delimiter")
        self._delimiter = given or ("\t" if ".tsv" in path.name.lower() else ",")
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
                names = next(csv.reader(text, delimiter=self._delimiter), [])
        except (OSError, UnicodeError, LookupError, csv.Error, pa.ArrowException) as error:
            raise unreadable(str(self._path), error, _REMEDY) from error
        twice = {name for name in names if names.count(name) > 1}
        if not names or twice:
            raise InputError(
                "A CSV file needs a header of different names",
                where=f"{self._path}, line 1",
                why=f"{sorted(twice)} stand twice" if twice else "the file is empty",
                remedy="add or correct the header line",
            )
        return names

    def _header_encoding(self) -> str:
        """Without a byte order mark, which would hide the quotes of the first name."""
        name = codecs.lookup(self._encoding).name
        return "utf-8-sig" if name == "utf-8" else name

    def _open(self) -> Any:
        return pa.input_stream(str(self._path), compression="detect")

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
        except (pa.ArrowException, UnicodeError, OSError) as error:
            raise unreadable(str(self._path), error, _REMEDY) from error
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
                encoding=self._encoding,
                column_names=self._names,
                skip_rows=0,
                skip_rows_after_names=1,
            ),
            pacsv.ParseOptions(
                delimiter=self._delimiter,
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
