"""What a statement reads: files of files held, row groups of row groups held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Final

from ontology import IRI, BlankNode, term_id

from ..algebra import Bgp, Plan, child_plans
from ..catalog import GRAPH, SUBJECT, EntityTable, LaneTable, Snapshot, id_column
from ..emit import Pruned, Statement
from ..passes import format_node
from .explanation import Reading, Tables
from .pruning import ROW_NUMBER, Condition, Groups, metadata, needed_groups
from .scans import Scan, scans_of

NODE_TEXTS: Final = "texts of nodes"

_COLUMNS: Final = {
    "g": "graph",
    "s": "subject",
    "o": "object",
    GRAPH: "graph",
    id_column(SUBJECT): "subject",
    ROW_NUMBER: "row",
}
_SHOWN: Final = 3


def named_ids(plan: Plan) -> dict[int, str]:
    """The nodes a plan names, by their ids, so that conditions on ids can be read."""
    found: dict[int, str] = {}
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        waiting.extend(child_plans(one))
        for pattern in one.patterns if isinstance(one, Bgp) else ():
            for node in (pattern.subject, pattern.object):
                if isinstance(node, IRI | BlankNode):
                    found[term_id(node.n3)] = format_node(node)
    return found


def readings_of(
    statement: Statement, snapshot: Snapshot | None, names: Mapping[int, str]
) -> tuple[Reading, ...]:
    """What each scan of a statement reads at most, the largest first; ``names`` of node ids.

    Tables of which every part is ruled out come last.

    Raises
    ------
    StoreError
        If a file is missing or damaged.
    """
    if snapshot is None:
        return ()
    homes, waiting = homes_of(snapshot), list(statement.pruned)
    found = [_of_scan(scan, homes, snapshot, names, waiting) for scan in scans_of(statement.sql)]
    spared = (_spared(one) for one in waiting if not one.parts)
    return (*sorted(found, key=lambda reading: -reading.bytes), *dict.fromkeys(spared))


def tables_of(readings: Iterable[Reading], statement: Statement, snapshot: Snapshot) -> Tables:
    """How many tables and parts are read of those there are."""
    parts = {part.path for table in snapshot.tables for part in table.parts}
    read = {one.what for one in readings if one.columns and one.files}
    return Tables(
        sum(_named(table) in read for table in snapshot.tables),
        len(snapshot.tables),
        len(parts.intersection(statement.files)),
        len(parts),
    )


def homes_of(snapshot: Snapshot) -> dict[Path, LaneTable | EntityTable | str]:
    """What each file of a snapshot belongs to: a lane, a table, or the name of something else."""
    homes: dict[Path, LaneTable | EntityTable | str] = {}
    for lane in snapshot.lanes:
        if lane.place is None:
            homes |= dict.fromkeys((file.path for file in lane.files), lane)
    for table in snapshot.tables:
        homes |= dict.fromkeys((part.path for part in table.parts), table)
        if table.deleted is not None:
            homes[table.deleted] = f"deleted rows of {_named(table)}"
    return homes


def _named(table: EntityTable) -> str:
    return f"table {table.name}"


def _of_scan(
    scan: Scan,
    homes: Mapping[Path, LaneTable | EntityTable | str],
    snapshot: Snapshot,
    names: Mapping[int, str],
    waiting: list[Pruned],
) -> Reading:
    home = next((homes[path] for path in scan.files if path in homes), None)
    match home:
        case None:
            return _reading(scan, NODE_TEXTS, snapshot.dictionary, names)
        case str():
            return _reading(scan, home, scan.files, names)
        case LaneTable():
            return _reading(scan, described(home), [file.path for file in home.files], names)
    made = _reading(scan, _named(home), [part.path for part in home.parts], names)
    told = _taken(waiting, home, frozenset(scan.files))
    by = () if told is None else tuple(sorted(told.by.items()))
    shown = (column.name for column in home.columns if column.name in scan.columns)
    views = (view for view in home.views[:1] if view in scan.columns)
    columns = tuple(dict.fromkeys((*views, *shown))) or ("none",)
    return replace(made, columns=columns, spared=by)


def _taken(waiting: list[Pruned], table: EntityTable, files: frozenset[Path]) -> Pruned | None:
    """What was noted of a scan, taken away so that the next scan of the table gets its own."""
    for k, one in enumerate(waiting):
        if one.table.name == table.name and {part.path for part in one.parts} == files:
            return waiting.pop(k)
    return None


def _spared(told: Pruned) -> Reading:
    by = tuple(sorted(told.by.items()))
    held = _held_groups(part.path for part in told.table.parts)
    columns = told.columns or ("none",)
    return Reading(_named(told.table), (), 0, told.held, 0, held, 0, 0, columns, by)


def _reading(scan: Scan, what: str, held: Sequence[Path], names: Mapping[int, str]) -> Reading:
    needed = [needed_groups(path, scan.conditions, scan.columns) for path in scan.files]
    groups = reduce(add, needed, Groups())
    return Reading(
        what=what,
        conditions=tuple(_told(scan.conditions, names)),
        files=sum(one.needed > 0 for one in needed),
        files_held=len(held),
        groups=groups.needed,
        groups_held=_held_groups(held),
        rows=groups.rows,
        bytes=groups.bytes,
    )


def _told(conditions: Iterable[Condition], names: Mapping[int, str]) -> Iterator[str]:
    """Conditions for people; rows that an index has found are told as one range."""
    conditions = list(conditions)
    ends = {one.op: one.values[0] for one in conditions if one.column == ROW_NUMBER}
    if {">=", "<="} <= ends.keys():
        yield f"rows {ends['>=']:,} to {ends['<=']:,}"
        conditions = [one for one in conditions if one.column != ROW_NUMBER]
    yield from (_readable(condition, names) for condition in conditions)


def _readable(condition: Condition, names: Mapping[int, str]) -> str:
    column = _COLUMNS.get(condition.column, condition.column)
    if column.startswith("_") and column.endswith("_id"):
        column = column.removeprefix("_").removesuffix("_id")
    if condition.op == "null":
        return f"{column} is the default one" if column == "graph" else f"{column} is missing"
    values = [names.get(value, _short(value)) for value in condition.values]
    shown = ", ".join(values[:_SHOWN]) + (", …" if values[_SHOWN:] else "")
    return f"{column} in ({shown})" if condition.op == "in" else f"{column} {condition.op} {shown}"


def _short(value: object) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def described(lane: LaneTable) -> str:
    """A lane as its predicate and the kind of its objects."""
    return f"{format_node(IRI(lane.predicate))} ({lane.lane})"


def _held_groups(files: Iterable[Path]) -> int:
    return sum(metadata(path).num_row_groups for path in files)
