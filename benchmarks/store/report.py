"""Rows and targets of the store benchmark."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any, Final

from benchmarks.measure import Row

from .asking import Asked
from .clients import Heard
from .loading import BATCHES, OXIGRAPH, TRIPLES
from .prepared import Prepared
from .queries import HUNDRED_TIMES, SCANS, SELECTIVE
from .serving import Served
from .systems import BY_HAND, OURS, PEER, UNSEEN

BATCH_RATE: Final = 1.0
TRIPLE_RATE: Final = 0.5
"""Million triples a second."""
LIMIT_GIB: Final = 4.0
PEAK_GIB: Final = 2.0
DISK_SHARE: Final = 0.2
RATIO, EXTRA_MS = 1.3, 5.0
OTHER_RATIO, OTHER_EXTRA_MS = 1.5, 10.0
"""Of queries the issue does not name, and of queries never seen."""
PEER_RATIO: Final = 100.0
POINT_MS: Final = 5.0
SCAN_GROWTH, SELECTIVE_GROWTH = 12.0, 2.0
SEEN_MS: Final = 3.0
UNSEEN_MS: Final = 25.0
CLIENTS_RATIO: Final = 1.5
FLAT_RATIO: Final = 1.05

Target = Mapping[str, Any]


def load_rows(prepared: Prepared) -> list[Row]:
    """One row a system."""
    ours = prepared.loads[BATCHES].seconds
    return [
        Row(
            f"load, {prepared.fields} fields",
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
    loads, fields = prepared.loads, f"{prepared.fields} fields"
    targets = []
    for system, rate, peak in ((BATCHES, BATCH_RATE, LIMIT_GIB), (TRIPLES, TRIPLE_RATE, PEAK_GIB)):
        if system in loads:
            speed = prepared.triples / loads[system].seconds / 1e6
            held = loads[system].peak_mb * 1e6 / 2**30
            name = f"load of {fields}, {system}"
            targets.append(_at_least(f"{name}, million triples/s", speed, rate))
            targets.append(_at_most(f"{name}, peak memory in GiB", held, peak))
    if OXIGRAPH in loads:
        share = loads[BATCHES].disk_mb / loads[OXIGRAPH].disk_mb
        targets.append(_at_most("disk, share of Oxigraph's", share, DISK_SHARE))
    return targets


def query_rows(asked: Asked, fields: int) -> list[Row]:
    """One row a query and system; the answer is the number of rows."""
    return [
        Row(
            f"{found.case}, {fields} fields",
            system,
            round(seconds, 5),
            round(seconds / found.seconds[OURS], 2),
            found.rows,
            plan_ms=found.planning.get(system),
        )
        for found in asked.queries
        for system, seconds in found.seconds.items()
    ]


def query_targets(asked: Asked) -> list[Target]:
    """Each query against hand-written SQL, some against Oxigraph, and planning."""
    targets: list[Target] = []
    for found in asked.queries:
        named = found.case in SCANS + SELECTIVE
        ratio, extra = (RATIO, EXTRA_MS) if named else (OTHER_RATIO, OTHER_EXTRA_MS)
        by_hand, case = found.seconds[BY_HAND] * 1e3, found.case
        targets += [
            _at_most(
                f"{case}, ms, {ratio} x by hand + {extra:g}",
                found.seconds[OURS] * 1e3,
                by_hand * ratio + extra,
            ),
            _at_most(
                f"{case}, never seen, ms, {OTHER_RATIO} x by hand + {OTHER_EXTRA_MS:g}",
                found.seconds[UNSEEN] * 1e3,
                by_hand * OTHER_RATIO + OTHER_EXTRA_MS,
            ),
        ]
    point = asked["one subject"].seconds[OURS] * 1e3
    targets.append(_at_most("one subject, warm, ms", point, POINT_MS))
    targets += [
        _at_least(
            f"{found.case}, Oxigraph / ours", found.seconds[PEER] / found.seconds[OURS], PEER_RATIO
        )
        for found in asked.queries
        if found.case in HUNDRED_TIMES and PEER in found.seconds
    ]
    for name, system, goal in (("seen", OURS, SEEN_MS), ("never seen", UNSEEN, UNSEEN_MS)):
        times = [found.planning[system] for found in asked.queries]
        targets.append(_at_most(f"planning, {name}, median ms", statistics.median(times), goal))
        targets.append(_at_most(f"planning, {name}, most ms", max(times), goal))
    return targets


def growth_targets(small: Asked, large: Asked) -> list[Target]:
    """How much longer queries take over twenty times the data, and the memory they hold."""
    targets = [
        _at_most(
            f"{case}, 20 M fields / 1 M, times",
            large[case].seconds[OURS] / small[case].seconds[OURS],
            goal,
        )
        for cases, goal in ((SCANS, SCAN_GROWTH), (SELECTIVE, SELECTIVE_GROWTH))
        for case in cases
    ]
    held = large.peak_mb * 1e6 / 2**30
    return [*targets, _at_most("queries over 20 M fields, peak memory in GiB", held, LIMIT_GIB)]


def served_rows(servers: Mapping[str, Served]) -> list[Row]:
    """Two rows a server: the 95th percentile, with one client and with many."""
    ours = servers[OURS]
    return [
        Row(
            f"HTTP, {heard.clients} clients, p95",
            system,
            round(heard.percentile(0.95), 5),
            round(heard.percentile(0.95) / base.percentile(0.95), 2),
            len(heard.took),
            peak_mb=round(served.peak_mb, 1),
            note=_heard(heard),
        )
        for system, served in servers.items()
        for heard, base in ((served.alone, ours.alone), (served.together, ours.together))
    ]


def _heard(heard: Heard) -> str:
    kinds = {kind: heard.median(kind) * 1e3 for kind in sorted({*heard.kinds})}
    medians = ", ".join(f"{kind} {median:.1f} ms" for kind, median in kinds.items())
    wrong = f"{len(heard.errors)} errors {heard.errors[:2]}, {len(heard.unanswered)} unanswered"
    return f"{heard.rate:.1f}/s, medians {medians}, {wrong}"


def served_targets(servers: Mapping[str, Served]) -> list[Target]:
    """Errors, throughput, latency and memory under many clients."""
    ours = servers[OURS]
    many = f"{ours.together.clients} clients"
    targets = [
        _at_most(f"{many}, errors", len(ours.together.errors) + len(ours.together.unanswered), 0),
        _at_least(
            f"{many}, throughput / one client's",
            ours.together.rate / ours.alone.rate,
            CLIENTS_RATIO,
        ),
        _at_most(
            f"{many}, memory, last quarter / second", ours.late_mb / ours.early_mb, FLAT_RATIO
        ),
    ]
    if PEER in servers:
        ours_s, peer_s = (servers[name].together.percentile(0.95) for name in (OURS, PEER))
        targets.append(_at_most(f"{many}, p95 in s, Oxigraph's", ours_s, peer_s))
    return targets


def _at_most(name: str, value: float, goal: float) -> Target:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value <= goal}


def _at_least(name: str, value: float, goal: float) -> Target:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value >= goal}
