"""Answers of the three systems in one form, to be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa
import pyoxigraph as ox

from store import Result

_DIGITS: Final = 9
"""Digits that sums and means of doubles share whatever the order they were added in."""

Answer = list[tuple[str | None, ...]]


def of_result(result: Result) -> Answer:
    """Ours."""
    if result.form == "ASK":
        return _sorted([(_truth(bool(result.boolean)),)])
    columns = [result.terms().column(name).to_pylist() for name in result.variables]
    rows = zip(*columns, strict=True)
    return _sorted(tuple(cell and cell["value"] for cell in row) for row in rows)


def of_arrow(table: pa.Table) -> Answer:
    """Hand-written SQL's."""
    columns = [column.to_pylist() for column in table.columns]
    return _sorted(tuple(_text(cell) for cell in row) for row in zip(*columns, strict=True))


def of_oxigraph(found: Any) -> Answer:
    """Oxigraph's."""
    if isinstance(found, ox.QueryBoolean):
        return [(_truth(bool(found)),)]
    rows = ([None if term is None else term.value for term in row] for row in found)
    return _sorted(tuple(row) for row in rows)


def _text(cell: object) -> str | None:
    if cell is None:
        return None
    return _truth(cell) if isinstance(cell, bool) else str(cell)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _sorted(rows: Iterable[tuple[str | None, ...]]) -> Answer:
    plain = [tuple(_rounded(cell) for cell in row) for row in rows]
    return sorted(plain, key=repr)


def _rounded(cell: str | None) -> str | None:
    """A number with the digits all systems share; other text as it is."""
    try:
        return cell if cell is None else f"{float(cell):.{_DIGITS}g}"
    except ValueError:
        return cell
