"""Which column of rdf:type a class goes to, where subjects have several classes."""

from __future__ import annotations

from typing import Final

import duckdb

MAX_CLASSES: Final = 60
"""Frequent classes that are told apart; any other one goes to the first column."""

MAX_SLOTS: Final = 6
"""Columns of rdf:type; a subject with more classes stays in lanes."""


def type_slots(con: duckdb.DuckDBPyConnection, view: str) -> dict[int, int]:
    """Give each class a slot, so that classes of one subject have different ones.

    Empty if no subject has two classes: then all classes go to one column.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    view : str
        Rows (g, s, o) of rdf:type.
    """
    row = con.execute(f"SELECT count(*), count(DISTINCT hash(g, s)) FROM {view}").fetchone()
    if row is None or row[0] == row[1]:
        return {}
    classes = _classes(con, view)
    together = _together(con, view, classes)
    slots: dict[int, int] = {}
    for number in range(len(classes)):
        near = {slots[other] for other in together.get(number, set()) if other in slots}
        free = (slot for slot in range(MAX_SLOTS) if slot not in near)
        slots[number] = next(free, 0)
    return {name: slots[number] for number, name in enumerate(classes)}


def _classes(con: duckdb.DuckDBPyConnection, view: str) -> list[int]:
    """Ids of the frequent classes, in the order of their IRIs."""
    rows = con.execute(
        "WITH c AS (SELECT o, count(*) AS n FROM"
        f" {view} GROUP BY o ORDER BY n DESC, o LIMIT {MAX_CLASSES})"
        " SELECT c.o FROM c LEFT JOIN named_terms ON id = o ORDER BY text, o"
    ).fetchall()
    return [name for (name,) in rows]


def _together(con: duckdb.DuckDBPyConnection, view: str, classes: list[int]) -> dict[int, set[int]]:
    """Classes, by their numbers, that some subject has beside each class."""
    bits = ", ".join(
        f"({name}::BIGINT, {1 << number}::BIGINT)" for number, name in enumerate(classes)
    )
    rows = con.execute(
        f"SELECT DISTINCT bit_or(bit) FROM {view} JOIN (VALUES {bits}) AS c (o, bit) USING (o)"
        " GROUP BY g, s HAVING count(*) > 1"
    ).fetchall()
    found: dict[int, set[int]] = {}
    for (mask,) in rows:
        inside = [number for number in range(len(classes)) if mask >> number & 1]
        for number in inside:
            found.setdefault(number, set()).update(set(inside) - {number})
    return found
