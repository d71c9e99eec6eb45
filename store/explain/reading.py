"""What a statement reads: files of files held, row groups of row groups held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from pathlib import Path
from typing import Final

from ontology import IRI, BlankNode, term_id

from ..algebra import Bgp, Plan, child_plans
from ..catalog import LaneTable, Snapshot
from ..passes import format_node
from .explanation import Reading
from .pruning import Condition, Groups, metadata, needed_groups
from .scans import Scan, scans_of

NODE_TEXTS: Final = "texts of nodes"

_COLUMNS: Final = {"g": "graph", "s": "subject", "o": "object"}
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
    sql: str, snapshot: Snapshot | None, names: Mapping[int, str]
) -> tuple[Reading, ...]:
    """What each scan of a statement reads at most, the largest first; ``names`` of node ids.

    Raises
    ------
    StoreError
        If a file is missing or damaged.
    """
    if snapshot is None:
        return ()
    homes = {file.path: lane for lane in snapshot.lanes for file in lane.files}
    found = [_reading(scan, homes, snapshot, names) for scan in scans_of(sql)]
    return tuple(sorted(found, key=lambda reading: -reading.bytes))


def _reading(
    scan: Scan, homes: Mapping[Path, LaneTable], snapshot: Snapshot, names: Mapping[int, str]
) -> Reading:
    lane = next((homes[path] for path in scan.files if path in homes), None)
    held = snapshot.dictionary if lane is None else [file.path for file in lane.files]
    needed = [needed_groups(path, scan.conditions, scan.columns) for path in scan.files]
    groups = reduce(add, needed, Groups())
    return Reading(
        what=NODE_TEXTS if lane is None else described(lane),
        conditions=tuple(_readable(condition, names) for condition in scan.conditions),
        files=sum(one.needed > 0 for one in needed),
        files_held=len(held),
        groups=groups.needed,
        groups_held=_held_groups(held),
        rows=groups.rows,
        bytes=groups.bytes,
    )


def _readable(condition: Condition, names: Mapping[int, str]) -> str:
    column = _COLUMNS.get(condition.column, condition.column)
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
