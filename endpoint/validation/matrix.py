"""The confusion matrix as rows to show: sample classes down, map classes across."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .metrics import Figures

_WIDEST: Final = 30
_SHADES: Final = 9


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of samples and its shade: 0 (none) to 9 (all samples of the row)."""

    number: int
    shade: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of cells; ``rest`` is the number of judged samples of classes that are not shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    rest: int


def confusion_rows(figures: Figures) -> Matrix:
    """Lay the confusion matrix out, the most frequent classes first; at most 30 by 30."""
    down: Counter[str] = Counter()
    across: Counter[str] = Counter()
    for (kind, mapped), number in figures.confusion.items():
        down[kind] += number
        across[mapped] += number
    kinds = sorted(down, key=lambda kind: (-down[kind], kind))[:_WIDEST]
    columns = sorted(across, key=lambda kind: (-across[kind], kind))[:_WIDEST]
    rows = tuple(
        (
            kind,
            tuple(
                _cell(figures.confusion.get((kind, mapped), 0), down[kind]) for mapped in columns
            ),
        )
        for kind in kinds
    )
    shown = sum(cell.number for _, cells in rows for cell in cells)
    return Matrix(tuple(columns), rows, sum(figures.confusion.values()) - shown)


def _cell(number: int, of_row: int) -> Cell:
    shade = 0 if not number else 1 + round((_SHADES - 1) * number / of_row)
    return Cell(number, shade)
