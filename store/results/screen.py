"""Answers as a table for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
from rich.markup import escape
from rich.table import Table

from .native import text_column

_ROWS: Final = 1_000
_WIDTH: Final = 80
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def screen_table(variables: Sequence[str], table: pa.Table, prefixes: Mapping[str, str]) -> Table:
    """A rich table of the first rows; IRIs shortened by prefixes, long texts cut."""
    shown = table.slice(0, _ROWS)
    made = Table(caption=_caption(table.num_rows))
    for name in variables:
        made.add_column(escape(name), overflow="fold")
    cells = [_cells(shown.column(name).combine_chunks(), prefixes) for name in variables]
    for row in zip(*cells, strict=True):
        made.add_row(*row)
    return made


def _caption(count: int) -> str:
    more = f", the first {_ROWS} shown" if count > _ROWS else ""
    return f"{count} row{'' if count == 1 else 's'}{more}"


def _cells(column: pa.StructArray, prefixes: Mapping[str, str]) -> list[str]:
    kinds = column.field("kind").to_pylist()
    texts = text_column(column).to_pylist()
    return [
        "" if text is None else escape(_short(text, kind == 1, prefixes))
        for text, kind in zip(texts, kinds, strict=True)
    ]


def _short(text: str, is_iri: bool, prefixes: Mapping[str, str]) -> str:
    if is_iri:
        for prefix, namespace in prefixes.items():
            if text.startswith(namespace) and len(text) > len(namespace):
                return f"{prefix}:{text.removeprefix(namespace)}"
    shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + "…"
