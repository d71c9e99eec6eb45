"""Rows and targets of the store benchmark."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.measure import Row

from .loading import GEOLOOM, OXIGRAPH
from .prepared import Prepared
from .queries import TEN_TIMES
from .systems import BY_HAND, OURS, PEER, UNSEEN

LOAD_RATE: Final = 0.5
"""Million triples a second."""
PEAK_GIB: Final = 2.0
DISK_SHARE: Final = 0.2
RATIO: Final = 1.5
EXTRA_MS: Final = 10.0
PEER_RATIO: Final = 10.0
SEEN_MS: Final = 3.0
UNSEEN_MS: Final = 25.0

Target = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one query: seconds by system, and milliseconds of planning, seen and unseen."""

    case: str
    rows: int
    seconds: Mapping[str, float]
    planning: Mapping[str, float]


def load_rows(prepared: Prepared) -> list[Row]:
    """One row a system."""
    ours = prepared.loads[GEOLOOM].seconds
    return [
        Row(
            "load",
            system,
            round(load.seconds, 2),
            round(load.seconds / ours, 2),
            prepared.triples,
            peak_mb=round(load.peak_mb, 1),
            disk_mb=round(load.disk_mb, 1),
        )
        for system, load in prepared.loads.items()
    ]


def load_targets(prepared: Prepared) -> list[Target]:
    """Rate, memory and disk."""
    ours, peer = prepared.loads[GEOLOOM], prepared.loads[OXIGRAPH]
    return [
        _at_least("load, million triples/s", prepared.triples / ours.seconds / 1e6, LOAD_RATE),
        _at_most("load, peak memory in GiB (VmHWM)", ours.peak_mb * 1e6 / 2**30, PEAK_GIB),
        _at_most("disk, share of Oxigraph's", ours.disk_mb / peer.disk_mb, DISK_SHARE),
    ]


def query_rows(measured: Sequence[Measured]) -> list[Row]:
    """One row a query and system; the answer is the number of rows."""
    return [
        Row(
            found.case,
            system,
            round(seconds, 5),
            round(seconds / found.seconds[OURS], 2),
            found.rows,
            plan_ms=found.planning.get(system),
        )
        for found in measured
        for system, seconds in found.seconds.items()
    ]


def query_targets(measured: Sequence[Measured]) -> list[Target]:
    """Each query against hand-written SQL, some against Oxigraph, and planning."""
    targets: list[Target] = []
    for found in measured:
        ours, bar = found.seconds[OURS] * 1e3, found.seconds[BY_HAND] * 1e3 * RATIO + EXTRA_MS
        targets.append(_at_most(f"{found.case}, ms, 1.5 x by hand + 10", ours, bar))
    for found in measured:
        ours, bar = found.seconds[UNSEEN] * 1e3, found.seconds[BY_HAND] * 1e3 * RATIO + EXTRA_MS
        targets.append(_at_most(f"{found.case}, never seen, ms, 1.5 x by hand + 10", ours, bar))
    targets += [
        _at_least(
            f"{found.case}, Oxigraph / ours", found.seconds[PEER] / found.seconds[OURS], PEER_RATIO
        )
        for found in measured
        if found.case in TEN_TIMES and PEER in found.seconds
    ]
    for name, system, goal in (("seen", OURS, SEEN_MS), ("never seen", UNSEEN, UNSEEN_MS)):
        times = [found.planning[system] for found in measured]
        targets.append(_at_most(f"planning, {name}, median ms", statistics.median(times), goal))
        targets.append(_at_most(f"planning, {name}, most ms", max(times), goal))
    return targets


def _at_most(name: str, value: float, goal: float) -> Target:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value <= goal}


def _at_least(name: str, value: float, goal: float) -> Target:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value >= goal}
