"""Rows that cannot be mapped, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import GeoloomError, MappingError

from .cells import Batch, Cells, Rows

_LONGEST: Final = 500
_SHOWN: Final = 200
_SHOWN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was left out.

    Attributes
    ----------
    source : str
        File (and layer).
    row : int
        Row number in the source, from 1 (a CSV header is not counted).
    reason : str
    rule : str
        The SHACL shape it violates, empty where it could not be mapped at all.
    values : tuple of (reference, text or None)
        What the mapping reads of the row; long values are cut.
    """

    source: str
    row: int
    reason: str
    rule: str = ""
    values: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        return f"{self.source}, row {self.row}: {self.reason}"


class Faults:
    """Collects the bad rows of one batch; the first fault of a row is its reason."""

    def __init__(self, numbers: Rows) -> None:
        self._numbers = numbers
        self._found: dict[int, tuple[str, type[GeoloomError], str]] = {}
        self.invalid_geometries = 0
        self.remarks: Counter[str] = Counter()

    def remark(self, text: str, values: int) -> None:
        """Say something of so many values that are not bad."""
        self.remarks[text] += values

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self,
        rows: Any,
        reason: str | Callable[[int], str],
        kind: type[GeoloomError] = MappingError,
        rule: str = "",
    ) -> None:
        """Mark rows of the batch; ``reason`` is a text, or makes one from the position in rows."""
        for position, row in enumerate(np.asarray(rows).tolist()):
            if row not in self._found:
                text = reason if isinstance(reason, str) else reason(position)
                self._found[row] = (_cut(text, _LONGEST), kind, rule)

    def good(self) -> npt.NDArray[np.bool_]:
        """Rows without fault."""
        mask = np.ones(len(self._numbers), bool)
        mask[list(self._found)] = False
        return mask

    def quarantined(self, source: str, batch: Batch) -> Iterator[Quarantined]:
        """Bad rows in order, with what the mapping reads of them."""
        for row in sorted(self._found):
            reason, _, rule = self._found[row]
            values = tuple((name, _text(cells, row)) for name, cells in batch.columns.items())
            yield Quarantined(source, int(self._numbers[row]), reason, rule, values)

    def raise_first(self, source: str) -> None:
        """Raise the error of the first bad row."""
        row = min(self._found)
        reason, kind, rule = self._found[row]
        raise kind(
            "A row cannot be mapped",
            where=f"{source}, row {int(self._numbers[row])}",
            why=f"{reason} (shape {rule})" if rule else reason,
            remedy="correct the source or the mapping, or leave bad rows out with "
            "--on-bad quarantine (in Python on_bad='quarantine')",
        )


def positions(mask: pa.Array) -> Rows:
    """Positions where a boolean Arrow array is true (null is false)."""
    return np.flatnonzero(mask.fill_null(False).to_numpy(zero_copy_only=False))


def _text(cells: Cells, row: int) -> str | None:
    """A row's values as one text for people."""
    if cells.rows is None:
        found = [cells.values[row].as_py()]
    else:
        first, end = np.searchsorted(cells.rows, [row, row + 1])
        found = cells.values.slice(first, end - first).to_pylist()
    texts = [_shown(value) for value in found if value is not None]
    return ", ".join(texts) if texts else None


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value):,} bytes, {value[:_SHOWN_BYTES].hex()}…"
    return _cut(str(value), _SHOWN)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"
