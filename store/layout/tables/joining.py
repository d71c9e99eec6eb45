"""Many columns joined to rows, some at a time: every join of a query takes memory of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import duckdb

MOST_JOINS: Final = 16


class Join(NamedTuple):
    """SELECT items, and the JOIN with rows ``r`` that they come from."""

    items: Sequence[str]
    join: str


def joined(con: duckdb.DuckDBPyConnection, name: str, source: str, joins: Sequence[Join]) -> str:
    """SQL relation of the rows of ``source`` with more columns.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    name : str
        What temporary tables are called.
    source : str
        SQL relation.
    joins : sequence of Join
    """
    for start in range(0, len(joins), MOST_JOINS):
        some = joins[start : start + MOST_JOINS]
        items = ", ".join(["r.*", *(item for join in some for item in join.items)])
        query = f"SELECT {items} FROM {source} r {' '.join(join.join for join in some)}"
        if start + MOST_JOINS >= len(joins):
            return f"({query})"
        step = f"{name}_{start // MOST_JOINS % 2}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {step} AS {query}")
        source = step
    return source
