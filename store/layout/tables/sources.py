"""Staged lanes as sources of columns: which rows of a lane go to which column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import duckdb

from ontology import RDF_TYPE, Lane

from ..lane_columns import COLUMNS
from ..manifest import LaneKey
from ..quoting import quoted_text
from ..spool import Spool
from .column_keys import ColumnKey
from .type_slots import type_slots

MAX_LANGUAGES: Final = 24
"""Languages of one predicate that have columns; strings in others stay in lanes."""

MAX_COLUMNS: Final = 600
"""Columns looked at, of the predicates with most triples."""


@dataclass(frozen=True, slots=True)
class Source:
    """A staged lane.

    Attributes
    ----------
    key : LaneKey
    view : str
        DuckDB relation of its rows.
    columns : mapping of discriminator to column
        The discriminator is the language, the id of the class, or None where all rows of the
        lane go to one column. Empty for lane OTHER: no row can hold it.
    """

    key: LaneKey
    view: str
    rows: int
    columns: Mapping[str | int | None, ColumnKey] = field(default_factory=dict)

    @property
    def discriminator(self) -> str | None:
        """The column of the lane that tells columns of the table apart."""
        if None in self.columns or not self.columns:
            return None
        return "lang" if self.key.lane is Lane.LANG else "o"

    def of(self, column: ColumnKey) -> str:
        """SQL condition of the rows of one column."""
        if self.discriminator is None:
            return "true"
        found = [value for value, key in self.columns.items() if key == column]
        return f"{self.discriminator} IN ({', '.join(map(_literal, found))})"


def _literal(value: str | int | None) -> str:
    return str(value) if isinstance(value, int) else quoted_text(value)


def open_sources(
    con: duckdb.DuckDBPyConnection, lanes: Spool[LaneKey], least: int
) -> tuple[Source, ...]:
    """Make views of the lanes of every predicate that has a lane of at least so many rows."""
    large: dict[str, int] = {}
    for key in lanes.keys:
        if key.lane is not Lane.OTHER and lanes.rows(key) >= least:
            large[key.predicate] = large.get(key.predicate, 0) + lanes.rows(key)
    found: list[Source] = []
    columns = 0
    for predicate in sorted(large, key=lambda name: (-large[name], name)):
        keys = sorted(key for key in lanes.keys if key.predicate == predicate)
        for key in keys:
            view = _view(len(found))
            lanes.expose(con, view, key)
            source = _with_columns(con, Source(key, view, lanes.rows(key)))
            columns += len({*source.columns.values()})
            found.append(source)
        if columns > MAX_COLUMNS:
            break
    return tuple(found)


def _with_columns(con: duckdb.DuckDBPyConnection, source: Source) -> Source:
    key = source.key
    columns: dict[str | int | None, ColumnKey]
    if key.lane is Lane.OTHER:
        columns = {}
    elif key.lane is Lane.LANG:
        columns = {
            lang: ColumnKey(key.predicate, key.lane, lang=lang)
            for lang in _languages(con, source.view)
        }
    elif key.predicate == RDF_TYPE and key.lane is Lane.NODE:
        columns = {
            name: ColumnKey(key.predicate, key.lane, slot=slot)
            for name, slot in type_slots(con, source.view).items()
        } or {None: ColumnKey(key.predicate, key.lane)}
    else:
        columns = {None: ColumnKey(key.predicate, key.lane, key.crs, datatype=key.datatype)}
    return replace(source, columns=MappingProxyType(columns))


def _languages(con: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    rows = con.execute(
        f"SELECT lang FROM {view} GROUP BY lang ORDER BY count(*) DESC, lang LIMIT {MAX_LANGUAGES}"
    ).fetchall()
    return [lang for (lang,) in rows]


def make_distinct(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> tuple[Source, ...]:
    """The same sources, each triple once."""
    found = []
    for source in sources:
        names = ", ".join(COLUMNS[source.key.lane].names)
        row = con.execute(
            f"SELECT count(*), count(DISTINCT hash({names})) FROM {source.view}"
        ).fetchone()
        if row is not None and row[0] != row[1]:
            table = f"distinct_{source.view}"
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS"
                f" SELECT DISTINCT {names} FROM {source.view}"
            )
            found.append(replace(source, view=table))
        else:
            found.append(source)
    return tuple(found)


def close_sources(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Let go of what was opened; nothing reads it any more."""
    for number, _ in enumerate(sources):
        view = _view(number)
        con.execute(f"DROP VIEW IF EXISTS {view}")
        con.execute(f"DROP TABLE IF EXISTS distinct_{view}")
        con.unregister(f"{view}_held")


def _view(number: int) -> str:
    return f"staged_{number}"
