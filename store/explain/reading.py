"""What a statement reads: files of files held, row groups of row groups held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from pathlib import Path

from ontology import IRI

from ..catalog import LaneTable, Snapshot
from ..passes import format_node
from .explanation import Reading
from .pruning import Groups, metadata, needed_groups
from .scans import Scan, scans_of

NODE_TEXTS = "texts of nodes"


def readings_of(sql: str, snapshot: Snapshot | None) -> tuple[Reading, ...]:
    """What each scan of a statement reads at most, the largest first.

    Raises
    ------
    StoreError
        If a file is missing or damaged.
    """
    if snapshot is None:
        return ()
    homes = {file.path: lane for lane in snapshot.lanes for file in lane.files}
    found = [_reading(scan, homes, snapshot) for scan in scans_of(sql)]
    return tuple(sorted(found, key=lambda reading: -reading.bytes))


def _reading(scan: Scan, homes: Mapping[Path, LaneTable], snapshot: Snapshot) -> Reading:
    lane = next((homes[path] for path in scan.files if path in homes), None)
    held = snapshot.dictionary if lane is None else [file.path for file in lane.files]
    needed = [needed_groups(path, scan.conditions, scan.columns) for path in scan.files]
    groups = reduce(add, needed, Groups())
    return Reading(
        what=NODE_TEXTS if lane is None else described(lane),
        conditions=tuple(str(condition) for condition in scan.conditions),
        files=sum(one.needed > 0 for one in needed),
        files_held=len(held),
        groups=groups.needed,
        groups_held=_held_groups(held),
        rows=groups.rows,
        bytes=groups.bytes,
    )


def described(lane: LaneTable) -> str:
    """A lane as its predicate and the kind of its objects."""
    return f"{format_node(IRI(lane.predicate))} ({lane.lane})"


def _held_groups(files: Iterable[Path]) -> int:
    return sum(metadata(path).num_row_groups for path in files)
