"""Delimiter and encoding of a CSV file, from its beginning."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from ..language.model import LogicalSource
from ..sources.compressed import opened, plain_name

_HEAD: Final = 1 << 18
_LINES: Final = 50
_DELIMITERS: Final = (";", "\t", "|")


def csv_options(source: LogicalSource, file: Path) -> tuple[tuple[str, str], ...]:
    """Options of a CSV source that is not UTF-8 with commas (tabs in ``.tsv``)."""
    with opened(source, file) as stream:
        head = stream.read(_HEAD)
    found: dict[str, str] = {}
    text = _decoded(head)
    if text is None:
        found["encoding"] = "cp1252"
        text = head.decode("cp1252", errors="replace")
    if not plain_name(file).endswith(".tsv"):
        whole = text.splitlines() if len(head) < _HEAD else text.splitlines()[:-1]
        delimiter = _delimiter(whole[:_LINES])
        if delimiter != ",":
            found["delimiter"] = delimiter
    return tuple(sorted(found.items()))


def _decoded(head: bytes) -> str | None:
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.start >= len(head) - 3 and len(head) == _HEAD
        return head[: error.start].decode("utf-8-sig") if cut else None


def _delimiter(lines: list[str]) -> str:
    """The comma, unless it finds one column and another sign several, the same in all lines."""
    if _widths(lines[:1], ",") != {1}:
        return ","
    for delimiter in _DELIMITERS:
        widths = _widths(lines, delimiter)
        if len(widths) == 1 and max(widths) > 1:
            return delimiter
    return ","


def _widths(lines: list[str], delimiter: str) -> set[int]:
    return {len(row) for row in csv.reader(lines, delimiter=delimiter) if row}
