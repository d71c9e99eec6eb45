"""Tables whose subjects are, one to one, the nodes of another table's column: they become one.

So a feature and its geometry node are two views of one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from ontology import RDF_TYPE, Lane

from ..counting import count
from .characteristic_sets import ASSIGNED, Assignment, Link
from .column_keys import ColumnKey
from .shapes import Limits

MIN_MATCHED: Final = 0.9
"""Tables become views of one if so many subjects of both match; those that do not stay in lanes."""

_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class _Candidate:
    link: Link
    lane: str
    perfect: bool
    matched: int


def with_views(
    con: duckdb.DuckDBPyConnection, assignment: Assignment, limits: Limits
) -> Assignment:
    """Find the tables that become views; subjects that do not match leave :data:`ASSIGNED`.

    So do those of tables that have too few columns or rows even with their views.
    """
    chosen: list[_Candidate] = []
    found = [c for parent in range(len(assignment.tables)) for c in _of(con, assignment, parent)]
    for candidate in sorted(found, key=lambda c: (-c.matched, c.link.parent, c.link.column)):
        if _possible(candidate.link, [other.link for other in chosen]):
            chosen.append(candidate)
    if not all(candidate.perfect for candidate in chosen):
        _clean(con, chosen)
    linked = replace(
        assignment,
        links=tuple(candidate.link for candidate in chosen),
        rows=_rows(con, len(assignment.tables)),
    )
    return _dropped(con, linked, limits)


def _rows(con: duckdb.DuckDBPyConnection, tables: int) -> tuple[int, ...]:
    found = dict(con.execute(f"SELECT t, count(*) FROM {ASSIGNED} GROUP BY t").fetchall())
    return tuple(found.get(table, 0) for table in range(tables))


def _dropped(con: duckdb.DuckDBPyConnection, assignment: Assignment, limits: Limits) -> Assignment:
    """Without tables that are too small, and without graphs that would have too small a file."""
    rows = [*assignment.rows]
    for table in assignment.roots:
        places = assignment.places(table)
        if limits.joins(places):
            continue
        if len(places) >= limits.columns:
            _drop_graphs(con, table, {*places.values()}, limits.subjects)
        else:
            drop_tables(con, {*places.values()})
        left = _rows(con, len(rows))
        for part in {*places.values()}:
            rows[part] = left[part]
    return replace(assignment, rows=tuple(rows))


def _drop_graphs(
    con: duckdb.DuckDBPyConnection, table: int, parts: Iterable[int], least: int
) -> None:
    """Let rows stay in lanes in graphs that have too few of a table and its views."""
    if least > 1:
        con.execute(
            f"DELETE FROM {ASSIGNED} a USING (SELECT g FROM {ASSIGNED} WHERE t = {table}"
            f" GROUP BY g HAVING count(*) < {least}) few"
            f" WHERE a.t IN ({_listed(parts)}) AND a.g IS NOT DISTINCT FROM few.g"
        )


def drop_tables(con: duckdb.DuckDBPyConnection, tables: Iterable[int]) -> None:
    """Let the rows of tables stay in lanes."""
    con.execute(f"DELETE FROM {ASSIGNED} WHERE t IN ({_listed(tables)})")


def _listed(tables: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(tables)))


def _of(
    con: duckdb.DuckDBPyConnection, assignment: Assignment, parent: int
) -> Iterator[_Candidate]:
    """The tables that may become views of a table."""
    for column in assignment.tables[parent]:
        if column.lane is Lane.NODE and column.predicate != RDF_TYPE:
            lane = assignment.source(column).view
            yield from _candidates(con, parent, column, assignment.rows, lane)


def _candidates(
    con: duckdb.DuckDBPyConnection,
    parent: int,
    column: ColumnKey,
    rows: tuple[int, ...],
    lane: str,
) -> Iterable[_Candidate]:
    sizes = {n: size for n, size in enumerate(rows) if n != parent}
    if not any(MIN_MATCHED * size <= rows[parent] for size in sizes.values()):
        return
    links = count(con, _linked(lane, parent))
    near = [n for n, size in sizes.items() if MIN_MATCHED * max(size, links) <= min(size, links)]
    for child in near:
        row = con.execute(
            "SELECT count(*), count(DISTINCT hash(b.g, b.s))"
            f" FROM {_linked(lane, parent)} l"
            f" JOIN (FROM {ASSIGNED} WHERE t = {child}) b ON {_same('l.o', 'l.g', 'b')}"
        ).fetchone()
        matched, once = (int(row[0]), int(row[1])) if row else (0, 0)
        if once and once >= MIN_MATCHED * max(sizes[child], links, matched):
            perfect = once == matched == links == sizes[child]
            yield _Candidate(Link(parent, column, child), lane, perfect, once)


def _linked(lane: str, parent: int) -> str:
    """SQL relation of the rows of a lane whose subjects are in a table."""
    return (
        f"(SELECT l.g, l.s, l.o FROM {lane} l SEMI JOIN"
        f" (FROM {ASSIGNED} WHERE t = {parent}) a ON {_same('l.s', 'l.g', 'a')})"
    )


def _same(node: str, graph: str, alias: str) -> str:
    return f"{node} = {alias}.s AND {graph} IS NOT DISTINCT FROM {alias}.g"


def _possible(link: Link, chosen: Iterable[Link]) -> bool:
    """Whether a table is not a view yet, and the one that it joins is none of its own views."""
    parents = {other.child: other.parent for other in chosen}
    if link.child in parents:
        return False
    above: int | None = link.parent
    while above is not None and above != link.child:
        above = parents.get(above)
    return above is None


def _clean(con: duckdb.DuckDBPyConnection, chosen: Iterable[_Candidate]) -> None:
    """Take rows out that do not match in every link, until all do."""
    for _ in range(_ROUNDS):
        if not sum(_clean_link(con, candidate) for candidate in chosen):
            return
    drop_tables(con, {table for c in chosen for table in (c.link.parent, c.link.child)})


def _clean_link(con: duckdb.DuckDBPyConnection, candidate: _Candidate) -> int:
    """Take out parents without their child, or that share it, and children without a parent."""
    link = candidate.link
    con.execute(
        "CREATE OR REPLACE TEMP TABLE links AS SELECT l.g, l.s, l.o, b.s IS NOT NULL AS held,"
        " count(*) OVER (PARTITION BY l.g, l.o) AS n"
        f" FROM {_linked(candidate.lane, link.parent)} l"
        f" LEFT JOIN (FROM {ASSIGNED} WHERE t = {link.child}) b ON {_same('l.o', 'l.g', 'b')}"
    )
    removed = _delete(
        con,
        f"{ASSIGNED} WHERE t = {link.parent} AND EXISTS (FROM links l"
        f" WHERE {_same('l.s', 'l.g', ASSIGNED)} AND (NOT held OR n > 1))",
    )
    return removed + _delete(
        con,
        f"{ASSIGNED} WHERE t = {link.child} AND NOT EXISTS (FROM links l"
        f" WHERE {_same('l.o', 'l.g', ASSIGNED)} AND n = 1)",
    )


def _delete(con: duckdb.DuckDBPyConnection, what: str) -> int:
    row = con.execute(f"DELETE FROM {what}").fetchone()
    return int(row[0]) if row else 0
