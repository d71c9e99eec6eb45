"""Which sets of columns become a table together.

Subjects are put together by their characteristic sets, the columns each has values in (Neumann and
Moerkotte, ICDE 2011). Sets that differ little are merged, the largest first, as Pham et al. do
('Deriving an Emergent Relational Schema from RDF Data', WWW 2015).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .column_keys import Place, without_gaps

MIN_OVERLAP: Final = 0.5
"""Sets are merged if so many of the columns of both together are columns of each."""

MIN_FILL: Final = 0.5
"""... and if so many cells of the merged table have a value."""

MAX_REPEATED: Final = 0.1
"""A predicate with several values, or odd ones, for more of a table's subjects is no column."""


@dataclass(frozen=True, slots=True)
class CharacteristicSet:
    """Subjects that have values in the same columns.

    ``awkward`` are the columns of predicates that no row could hold: several values in one
    column, or values no column can have.
    """

    columns: frozenset[int]
    awkward: frozenset[int]
    subjects: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many subjects and columns make a table.

    Attributes
    ----------
    subjects, columns : int
    known : tuple of sets of places
        Columns of tables that take few subjects, too.
    """

    subjects: int
    columns: int
    known: tuple[frozenset[Place], ...] = ()

    @property
    def least(self) -> int:
        """Subjects that are worth looking at."""
        return 1 if self.known else self.subjects

    def joins(self, places: Iterable[Place]) -> bool:
        """Whether columns are those of a known table, or enough of them."""
        wanted = frozenset(without_gaps(sorted(places)))
        return any(wanted <= held and len(wanted) >= MIN_OVERLAP * len(held) for held in self.known)


def merged_shapes(
    sets: Iterable[tuple[frozenset[int], int]],
) -> dict[frozenset[int], frozenset[int]]:
    """Say of every set of columns, given with its rows, which merged set it belongs to."""
    shapes: list[_Shape] = []
    home: dict[frozenset[int], _Shape] = {}
    for columns, rows in sorted(sets, key=lambda item: (-item[1], sorted(item[0]))):
        fitting = [shape for shape in shapes if shape.takes(columns, rows)]
        if fitting:
            best = max(fitting, key=lambda shape: shape.overlap(columns))
        else:
            best = _Shape(frozenset(), 0, 0)
            shapes.append(best)
        best.take(columns, rows)
        home[columns] = best
    return {columns: shape.columns for columns, shape in home.items()}


@dataclass(slots=True, eq=False)
class _Shape:
    columns: frozenset[int]
    rows: int
    cells: int

    def overlap(self, columns: frozenset[int]) -> float:
        return len(self.columns & columns) / (len(self.columns | columns) or 1)

    def takes(self, columns: frozenset[int], rows: int) -> bool:
        if self.overlap(columns) < MIN_OVERLAP:
            return False
        cells = (self.rows + rows) * len(self.columns | columns)
        return self.cells + rows * len(columns) >= MIN_FILL * cells

    def take(self, columns: frozenset[int], rows: int) -> None:
        self.columns |= columns
        self.rows += rows
        self.cells += rows * len(columns)


def choose_tables(
    sets: Iterable[CharacteristicSet], siblings: Mapping[int, frozenset[int]], least: int
) -> dict[CharacteristicSet, frozenset[int]]:
    """Say which sets become rows, and the columns of their table.

    Parameters
    ----------
    sets : iterable of CharacteristicSet
    siblings : mapping of column to the columns of its predicate
    least : int
        Subjects a table must have.

    Returns
    -------
    dict
        Sets that stay in lanes are not in it. A set's columns that its table has not stay in
        lanes; they are all those of some predicates.
    """
    sets = [found for found in sets if found.columns]
    sizes: Counter[frozenset[int]] = Counter()
    for found in sets:
        sizes[found.columns] += found.subjects
    shape_of = merged_shapes(sizes.items())
    members: defaultdict[frozenset[int], list[CharacteristicSet]] = defaultdict(list)
    for found in sets:
        members[shape_of[found.columns]].append(found)
    kept: defaultdict[frozenset[int], list[CharacteristicSet]] = defaultdict(list)
    for columns, inside in members.items():
        left = columns - _repeated(columns, inside, siblings)
        kept[left] += [f for f in inside if f.columns & left and not f.awkward & left]
    return {
        found: columns
        for columns, inside in kept.items()
        if columns and sum(f.subjects for f in inside) >= least
        for found in inside
    }


def _repeated(
    columns: frozenset[int], inside: list[CharacteristicSet], siblings: Mapping[int, frozenset[int]]
) -> frozenset[int]:
    """Columns of predicates that too many of the subjects have awkward values of."""
    having: Counter[frozenset[int]] = Counter()
    awkward: Counter[frozenset[int]] = Counter()
    for predicate in {siblings[column] for column in columns}:
        for found in inside:
            if (found.columns | found.awkward) & predicate:
                having[predicate] += found.subjects
            if found.awkward & predicate:
                awkward[predicate] += found.subjects
    dropped = [p for p, count in awkward.items() if count > MAX_REPEATED * having[p]]
    return frozenset().union(*dropped)
