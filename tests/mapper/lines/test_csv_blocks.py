"""CSV cut into blocks: the same rows wherever it is cut."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mapper.sources.csv as under_test
from mapper.language.model import LogicalSource
from mapper.language.vocabulary import CSV
from mapper.sources.csv import CsvSource
from ontology import InputError

CELL = st.text(st.sampled_from(list('ab",;\n\r é😀')), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def read(content: bytes, block: int, **options: str) -> tuple[list[Any], list[Any]]:
    """Rows with their numbers, and rejected rows."""
    before, under_test._BLOCK = under_test._BLOCK, block  # type: ignore[misc]
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "in.csv"
            path.write_bytes(content)
            source = LogicalSource("in.csv", "base", CSV, options=tuple(options.items()))
            opened = CsvSource(source, path)
            names = list(opened.columns or ())
            rows, rejected = [], []
            for batch in opened.batches(names):
                texts = [batch.columns[name].values.to_pylist() for name in names]
                rows += zip(batch.numbers.tolist(), *texts, strict=True)
                rejected += batch.rejected
            return rows, rejected
    finally:
        under_test._BLOCK = before  # type: ignore[misc]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=12), ENDS, st.integers(1, 40), st.booleans())
def test_as_the_csv_module_reads_it(
    cells: list[tuple[str, str]], end: str, block: int, last: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("k", "v"), *cells])
    content = text.getvalue() if last else text.getvalue().removesuffix(end)
    rows, rejected = read(content.encode(), block)
    assert rows == [(number, *row) for number, row in enumerate(cells, 1)]
    assert not rejected


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(list('a,"\n\r')), max_size=60), st.integers(1, 20))
def test_cuts_change_nothing(body: str, block: int) -> None:
    content = f"k,v\n{body}".encode()
    assert outcome(content, block) == outcome(content, 1 << 20)


def outcome(content: bytes, block: int) -> Any:
    """Rows, or the error."""
    try:
        return read(content, block)
    except InputError as error:
        return error.why


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    content = 'k,v\n1,"ä\n"",ö"\n2,ü\n'.encode(encoding)
    rows, _ = read(content, 8, encoding=encoding)
    assert rows == [(1, "1", 'ä\n",ö'), (2, "2", "ü")]


def test_no_quotes_and_other_delimiters() -> None:
    rows, _ = read(b'k;v\n"1;a"b\n2;"\n', 4, delimiter=";", quote="")
    assert rows == [(1, '"1', 'a"b'), (2, "2", '"')]


def test_a_quote_that_is_never_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_LONGEST_ROW", 1000)
    with pytest.raises(InputError, match=r"row 2.*quote .*never closed"):
        read(b'k,v\n1,a\n2,"b\n' + b"3,c\n" * 5000, 64)


def test_rows_longer_than_a_block() -> None:
    long = "x" * 10_000
    rows, _ = read(f"k,v\n1,{long}\n2,b\n".encode(), 100)
    assert rows == [(1, "1", long), (2, "2", "b")]


def test_numbers_of_rows_beside_rejected_and_blank_ones() -> None:
    rows, rejected = read(b"k,v\n1,a\n\n2\n3,c\n4,d,e\n\r\n5,f\n", 9)
    assert [row[0] for row in rows] == [1, 3, 5]
    assert rejected == [(2, "1 cells, 2 expected"), (4, "3 cells, 2 expected")]
