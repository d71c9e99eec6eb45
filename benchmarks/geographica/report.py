"""Rows and targets of the geographica benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.measure import Row
from benchmarks.store.report import Target

from .asking import Measured
from .cases import Case

OURS: Final = "geoloom"
BY_HAND: Final = "SQL by hand"
PEER: Final = "Oxigraph"
RATIO, EXTRA_MS = 1.3, 10.0
PEER_RATIO: Final = 20.0
VALIDATION_S: Final = {"validation, projected": 0.5, "validation, geodesic": 1.5}
PEAK_GIB: Final = 1.0

Heard = Mapping[str, tuple[int, float] | None]
"""Rows and seconds of Oxigraph by case; None if it took longer than it was given."""


def case_rows(measured: Sequence[Measured], heard: Heard, limit: float) -> list[Row]:
    """One row a case and system."""
    rows = []
    for found in measured:
        rows.append(Row(found.name, OURS, found.ours, 1.0, found.rows, plan_ms=found.plan_ms))
        if found.by_hand is not None:
            rows.append(_other(found, BY_HAND, found.by_hand))
        if found.name in heard:
            rows.append(_peer(found, heard[found.name], limit))
    return rows


def _other(found: Measured, system: str, seconds: float) -> Row:
    return Row(found.name, system, seconds, round(seconds / found.ours, 2), found.rows)


def _peer(found: Measured, heard: tuple[int, float] | None, limit: float) -> Row:
    if heard is None:
        over = round(limit / found.ours, 2)
        return Row(found.name, PEER, limit, over, None, note=f"over {limit:g} s")
    rows, seconds = heard
    note = "" if rows == found.rows else f"gives {rows} rows"
    return Row(found.name, PEER, round(seconds, 5), round(seconds / found.ours, 2), rows, note=note)


def targets(
    cases: Sequence[Case], measured: Sequence[Measured], heard: Heard, limit: float
) -> list[Target]:
    """Against SQL by hand and, for joins, Oxigraph; rows are checked while asking."""
    made: list[Target] = []
    kinds = {case.name: case for case in cases}
    for found in measured:
        case = kinds[found.name]
        if case.rows is not None:
            made.append(_exactly(f"{found.name}, rows", found.rows, case.rows))
        if found.by_hand is not None:
            made.append(_against_hand(found, 0.0 if case.kind == "self join" else EXTRA_MS))
        if case.kind == "join" and found.name in heard:
            answer = heard[found.name]
            seconds = limit if answer is None else answer[1]
            name = f"{found.name}, Oxigraph / ours"
            made.append(_at_least(name, seconds / found.ours, PEER_RATIO))
        if found.name in VALIDATION_S:
            made.append(_at_most(f"{found.name}, s", found.ours, VALIDATION_S[found.name]))
    return made


def memory_target(name: str, peak_mb: float) -> Target:
    """Memory held by a process that asks one query."""
    return _at_most(f"{name}, peak memory in GiB", peak_mb * 1e6 / 2**30, PEAK_GIB)


def _against_hand(found: Measured, extra: float) -> Target:
    assert found.by_hand is not None
    goal = found.by_hand * 1e3 * RATIO + extra
    more = f" + {extra:g}" if extra else ""
    return _at_most(f"{found.name}, ms, {RATIO} x by hand{more}", found.ours * 1e3, goal)


def _exactly(name: str, value: int, goal: int) -> dict[str, Any]:
    return {"name": name, "value": value, "goal": goal, "met": value == goal}


def _at_most(name: str, value: float, goal: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value <= goal}


def _at_least(name: str, value: float, goal: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "goal": round(goal, 3), "met": value >= goal}
