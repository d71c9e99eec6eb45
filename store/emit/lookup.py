"""Point look-ups: where an index says which rows hold a constant node, only these are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlglot import exp

from ontology import IRI, BlankNode, Lane, term_id

from ..algebra import Node, TriplePattern, Var
from ..catalog import LaneTable, id_column
from ..lower import sql
from .context import Context, NamedRows
from .relation import Sql, column, parquet, select, source, table
from .target import Rows, Target

_ROW = "file_row_number"
"""DuckDB's column with the number of a row in its file."""

_FEW = 100
"""Rows that are worth being kept with all columns for several scans."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What constants leave of the files of a scan.

    Attributes
    ----------
    files : tuple of Path
        Those that may hold a row.
    rows : mapping of Path to rows
        Where it is known which rows these are, ascending; a file in it has some.
    """

    files: tuple[Path, ...]
    rows: Mapping[Path, Rows] = field(default_factory=dict)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """First and last row to be read, where all lie in one file."""
        if len(self.files) != 1 or self.files[0] not in self.rows:
            return None
        rows = self.rows[self.files[0]]
        return int(rows[0]), int(rows[-1])

    def within(self, files: Iterable[Path]) -> LookUp:
        """What is left if only some files are in question."""
        kept = tuple(files)
        return LookUp(kept, {path: self.rows[path] for path in kept if path in self.rows})

    def meeting(self, found: Mapping[Path, Rows]) -> LookUp:
        """What is left after one more look-up."""
        rows = dict(self.rows)
        for path, held in found.items():
            before = rows.get(path)
            rows[path] = (
                held if before is None else np.intersect1d(held, before, assume_unique=True)
            )
        empty = {path for path, held in rows.items() if not len(held)}
        return LookUp(
            tuple(path for path in self.files if path not in empty),
            {path: held for path, held in rows.items() if path not in empty},
        )


def subject_end(pattern: TriplePattern, lane: LaneTable) -> tuple[str, Node]:
    """The subject of a pattern, and the column with the ids of a lane's subjects."""
    place = lane.place
    return ("s" if place is None else id_column(place.column.view)), pattern.subject


def object_end(pattern: TriplePattern, lane: LaneTable) -> tuple[str, Node]:
    """The object of a pattern, and the column with the ids of a lane's objects if they have any."""
    place = lane.place
    name = "o" if place is None else id_column(place.column.name)
    return (name, pattern.object) if lane.lane is Lane.NODE else ("", pattern.object)


def look_up(target: Target, left: LookUp, ends: Iterable[tuple[str, Node]]) -> LookUp:
    """Ask the indexes for constant nodes.

    Parameters
    ----------
    target : Target
    left : LookUp
        What is in question still of the files of one lane or table.
    ends : iterable of (str, Node)
        Columns of ids and the nodes that a row must have in them.
    """
    wanted = [(name, nodes) for name, end in ends if name for nodes in _nodes(target, end)]
    for name, nodes in dict.fromkeys(wanted):
        left = left.meeting(_rows_of(target, left.files, name, nodes))
    return left


def _rows_of(
    target: Target, files: tuple[Path, ...], name: str, nodes: tuple[int, ...]
) -> Mapping[Path, Rows]:
    """Ask a snapshot; what the columns of a table have in common is asked once."""
    key = (files, name, nodes)
    if key not in target.found:
        target.found[key] = target.snapshot.rows_of(files, name, nodes)
    return target.found[key]


def _nodes(target: Target, end: Node) -> Iterator[tuple[int, ...]]:
    """Ids one of which the node has; several times if several things are known of it."""
    if isinstance(end, IRI | BlankNode):
        known = target.id_of(end)
        yield () if known is None else (known,)
    elif isinstance(end, Var):
        for one in target.ranges:
            if one.variable == end.name and one.kind == "node":
                yield tuple(dict.fromkeys(term_id(node.n3) for node in one.nodes))


def _all(rows: Sql, _: str) -> Sql:
    return rows


def read_rows(
    context: Context,
    found: LookUp,
    alias: str,
    kept: Callable[[Sql, str], Sql] = _all,
    *,
    shared: bool = False,
) -> Sql:
    """Something to select from: the rows of the files that the look-up leaves, or more.

    Parameters
    ----------
    context : Context
    found : LookUp
    alias : str
        What it is called.
    kept : callable
        Leaves rows out: is given something to select from and its name.
    shared : bool
        Other scans of the statement read the same rows: few are read but once, and named.
    """
    bounds = found.bounds
    if bounds is None:
        return kept(parquet(found.files, alias), alias)
    inner = context.alias()
    number = column(_ROW, inner)
    first, last = (sql.number(end) for end in bounds)
    within = exp.Between(this=number, low=first, high=last)
    query = select([exp.Star()], parquet(found.files, inner), where=[within])
    if not shared or bounds[1] - bounds[0] > _FEW:
        return kept(source(query, alias), alias)
    key = (found.files[0], bounds)
    name = next((name for name, held in context.notes.rows.items() if held.key == key), None)
    if name is None:
        name = context.alias()
        rows = select([exp.Star()], kept(source(query, alias), alias))
        called = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
        cte = exp.CTE(this=rows, alias=called, materialized=False)
        context.notes.paths.append(cte)
        context.notes.rows[name] = NamedRows(key, cte)
    return table(exp.to_identifier(name, quoted=True), alias)
