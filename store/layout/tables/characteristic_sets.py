"""The characteristic sets of staged lanes: which subjects have values in the same columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from ..counting import count
from .column_keys import ColumnKey, Place
from .shapes import CharacteristicSet, Limits, choose_tables
from .sources import Source, make_distinct

ASSIGNED: Final = "assigned"
"""Temporary table (g, s, t) of the subjects that become rows; t numbers their tables."""

MAX_SETS: Final = 4_000
"""Characteristic sets looked at, the most frequent ones."""

_WORD: Final = 60


@dataclass(frozen=True, slots=True)
class _Numbering:
    """Columns and predicates numbered: their bits in words of 60."""

    columns: tuple[ColumnKey, ...]
    predicates: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        values = range(-(-len(self.columns) // _WORD))
        awkward = range(-(-len(self.predicates) // _WORD))
        return (*(f"w{n}" for n in values), *(f"b{n}" for n in awkward))

    def column(self, key: ColumnKey) -> tuple[str, int]:
        at = self.columns.index(key)
        return f"w{at // _WORD}", 1 << at % _WORD

    def predicate(self, name: str) -> tuple[str, int]:
        at = self.predicates.index(name)
        return f"b{at // _WORD}", 1 << at % _WORD

    def siblings(self) -> dict[int, frozenset[int]]:
        """The columns of each column's predicate."""
        found: dict[str, set[int]] = {}
        for number, key in enumerate(self.columns):
            found.setdefault(key.predicate, set()).add(number)
        return {n: frozenset(found[key.predicate]) for n, key in enumerate(self.columns)}

    def read(self, row: Sequence[int]) -> CharacteristicSet:
        """A characteristic set from the words and the number of its subjects."""
        values = dict(zip(self.words, row, strict=False))
        columns = {n for n, key in enumerate(self.columns) if self._has(values, self.column(key))}
        odd = {name for name in self.predicates if self._has(values, self.predicate(name))}
        awkward = {n for n, key in enumerate(self.columns) if key.predicate in odd}
        return CharacteristicSet(frozenset(columns), frozenset(awkward), row[-1])

    @staticmethod
    def _has(values: Mapping[str, int], place: tuple[str, int]) -> bool:
        word, bit = place
        return bool(values[word] & bit)


@dataclass(frozen=True, slots=True)
class Link:
    """The subjects of table ``child`` are, one to one, the nodes of a column of ``parent``."""

    parent: int
    column: ColumnKey
    child: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """The tables found: columns and subjects of each, the sources of their rows, their links.

    ``found`` are the subjects, and ``cells`` the triples of each column, before views were sought.
    """

    tables: tuple[tuple[ColumnKey, ...], ...]
    rows: tuple[int, ...]
    sources: tuple[Source, ...]
    found: tuple[int, ...]
    cells: Mapping[ColumnKey, int]
    links: tuple[Link, ...] = ()

    def takes_all(self, source: Source, rows: int) -> bool:
        """Whether so many rows of a lane are all in tables."""
        taken = sum(self.cells.get(column, 0) for column in {*source.columns.values()})
        return self.rows == self.found and taken == rows

    def source(self, column: ColumnKey) -> Source:
        """Where the triples of a column are."""
        return next(s for s in self.sources if column in {*s.columns.values()})

    def places(self, table: int) -> dict[Place, int]:
        """The columns of a table and of its views, with the tables they come from."""
        found: dict[Place, int] = {((), column): table for column in self.tables[table]}
        for link in self.links:
            if link.parent == table:
                found |= {
                    ((link.column, *path), column): origin
                    for (path, column), origin in self.places(link.child).items()
                }
        return dict(sorted(found.items()))

    @property
    def roots(self) -> tuple[int, ...]:
        """Tables that are no view of another one, and have rows."""
        views = {link.child for link in self.links}
        return tuple(n for n, rows in enumerate(self.rows) if rows and n not in views)


def assign_subjects(
    con: duckdb.DuckDBPyConnection, sources: tuple[Source, ...], limits: Limits, taken: str | None
) -> Assignment:
    """Find the tables that staged lanes make, and write :data:`ASSIGNED`.

    Those of too few columns are among them, since they may become views.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    sources : tuple of Source
    limits : Limits
    taken : str, optional
        Relation (g, s) of subjects that must stay in lanes.
    """
    numbering = _numbering(sources)
    _count_columns(con, sources, numbering, taken)
    if _irregular(con, numbering):
        sources = make_distinct(con, sources)
        _count_columns(con, sources, numbering, taken)
        if _irregular(con, numbering):
            _mark_repeated(con, sources, numbering)
    words = ", ".join(numbering.words)
    found = con.execute(
        f"SELECT {words}, count(*) AS n FROM subjects GROUP BY ALL"
        f" ORDER BY n DESC, {words} LIMIT {MAX_SETS}"
    ).fetchall()
    return _assign(con, sources, numbering, found, limits)


def _assign(
    con: duckdb.DuckDBPyConnection,
    sources: tuple[Source, ...],
    numbering: _Numbering,
    found: list[tuple[int, ...]],
    limits: Limits,
) -> Assignment:
    by_set = {row: numbering.read(row) for row in found}
    shapes = _merged(choose_tables(_summed(by_set.values()), numbering.siblings(), limits.least))
    tables = sorted({*shapes.values()}, key=sorted)
    choices = []
    rows = [0] * len(tables)
    cells: Counter[ColumnKey] = Counter()
    for row, read in by_set.items():
        columns = shapes.get((read.columns, read.awkward))
        if columns is not None:
            choices.append((*row[:-1], tables.index(columns)))
            rows[tables.index(columns)] += read.subjects
            for number in read.columns & columns:
                cells[numbering.columns[number]] += read.subjects
    names = (*numbering.words, "t")
    con.register(
        "choices",
        pa.table({n: pa.array([c[at] for c in choices], pa.int64()) for at, n in enumerate(names)}),
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {ASSIGNED} AS SELECT g, s, t FROM subjects"
        f" JOIN choices USING ({', '.join(numbering.words)})"
    )
    con.unregister("choices")
    con.execute("DROP TABLE subjects")
    keys = tuple(tuple(numbering.columns[n] for n in sorted(table)) for table in tables)
    return Assignment(keys, tuple(rows), sources, tuple(rows), cells)


def _summed(sets: Iterable[CharacteristicSet]) -> Iterator[CharacteristicSet]:
    total: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    for found in sets:
        key = (found.columns, found.awkward)
        total[key] = total.get(key, 0) + found.subjects
    for (columns, awkward), subjects in total.items():
        yield CharacteristicSet(columns, awkward, subjects)


def _merged(
    chosen: Mapping[CharacteristicSet, frozenset[int]],
) -> dict[tuple[frozenset[int], frozenset[int]], frozenset[int]]:
    return {(found.columns, found.awkward): table for found, table in chosen.items()}


def _numbering(sources: tuple[Source, ...]) -> _Numbering:
    columns = sorted({key for source in sources for key in source.columns.values()})
    predicates = sorted({source.key.predicate for source in sources})
    return _Numbering(tuple(columns), tuple(predicates))


def _count_columns(
    con: duckdb.DuckDBPyConnection,
    sources: tuple[Source, ...],
    numbering: _Numbering,
    taken: str | None,
) -> None:
    """Make ``subjects``: the columns of each subject as bits, and its triples ``n``."""
    words = numbering.words
    facts = " UNION ALL ".join(_facts(source, numbering) for source in sources)
    if taken is not None:
        facts = (
            f"FROM ({facts}) f ANTI JOIN {taken} t ON f.s = t.s AND f.g IS NOT DISTINCT FROM t.g"
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE subjects AS SELECT g, s,"
        f" {', '.join(f'bit_or({word}) AS {word}' for word in words)}, count(*) AS n"
        f" FROM ({facts}) GROUP BY g, s"
    )


def _facts(source: Source, numbering: _Numbering) -> str:
    """A SELECT of the bits that each row of a source sets."""
    places: dict[str, str] = dict.fromkeys(numbering.words, "0::BIGINT")
    odd_word, odd_bit = numbering.predicate(source.key.predicate)
    if not source.columns:
        places[odd_word] = f"{odd_bit}::BIGINT"
    elif source.discriminator is None:
        word, bit = numbering.column(source.columns[None])
        places[word] = f"{bit}::BIGINT"
    else:
        for key in sorted({*source.columns.values()}):
            word, bit = numbering.column(key)
            before = places[word].removesuffix("0::BIGINT").removesuffix(" END")
            places[word] = f"{before or 'CASE'} WHEN {source.of(key)} THEN {bit}::BIGINT"
        known = " OR ".join(source.of(key) for key in sorted({*source.columns.values()}))
        for word, item in places.items():
            if item.startswith("CASE"):
                places[word] = f"{item} ELSE 0::BIGINT END"
        places[odd_word] = f"CASE WHEN {known} THEN 0::BIGINT ELSE {odd_bit}::BIGINT END"
    items = ", ".join(f"{item} AS {word}" for word, item in places.items())
    return f"SELECT g, s, {items} FROM {source.view}"


def _irregular(con: duckdb.DuckDBPyConnection, numbering: _Numbering) -> bool:
    """Make ``irregular``: subjects with another number of triples than of columns."""
    words = [word for word in numbering.words if word.startswith("w")]
    bits = " + ".join(f"bit_count({word})::INTEGER" for word in words)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE irregular AS"
        f" SELECT g, s FROM subjects WHERE n <> {bits or 0}"
    )
    return count(con, "irregular") > 0


def _mark_repeated(
    con: duckdb.DuckDBPyConnection, sources: tuple[Source, ...], numbering: _Numbering
) -> None:
    """Set the bits of predicates that have several values in one column of a subject."""
    awkward = [word for word in numbering.words if word.startswith("b")]
    selects = []
    for source in sources:
        word, bit = numbering.predicate(source.key.predicate)
        items = ", ".join(
            f"{f'{bit}' if name == word else '0'}::BIGINT AS {name}" for name in awkward
        )
        selects += [
            f"SELECT r.g, r.s, {items} FROM {source.view} r SEMI JOIN irregular i"
            " ON r.s = i.s AND r.g IS NOT DISTINCT FROM i.g"
            f" WHERE {source.of(key)} GROUP BY r.g, r.s HAVING count(*) > 1"
            for key in sorted({*source.columns.values()})
        ]
    folded = ", ".join(f"bit_or({name}) AS {name}" for name in awkward)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS"
        f" SELECT g, s, {folded} FROM ({' UNION ALL '.join(selects)}) GROUP BY g, s"
    )
    sets = ", ".join(f"{name} = subjects.{name} | repeated.{name}" for name in awkward)
    con.execute(
        f"UPDATE subjects SET {sets} FROM repeated"
        " WHERE subjects.s = repeated.s AND subjects.g IS NOT DISTINCT FROM repeated.g"
    )
