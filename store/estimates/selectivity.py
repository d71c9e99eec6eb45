"""What share of the solutions a condition keeps.

Conditions on several variables are taken as independent; several bounds on one variable make one
interval. Shares of conditions that no statistics answer are System R's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ontology import PREFIXES, Lane, Term

from ..algebra import Call, Const, Exists, Expr, Var
from .constants import NUMBERS, TIMES, object_key
from .estimate import Estimate, share_of_constants
from .lanes import UNKNOWN_RANGE, share_between

ExistsShare = Callable[[Exists], float]

UNKNOWN: Final = 1 / 3
_TEXT_SEARCH: Final = 0.1
_CIRCLE: Final = 0.785
"""A circle's part of the square window around it."""
_GEOF: Final = PREFIXES["geof"]
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_SEARCHES: Final = frozenset({"CONTAINS", "STRSTARTS", "STRENDS", "REGEX"})
_KINDS: Final = {
    "ISIRI": frozenset({Lane.NODE}),
    "ISURI": frozenset({Lane.NODE}),
    "ISLITERAL": frozenset(Lane) - {Lane.NODE},
    "ISNUMERIC": NUMBERS,
}


@dataclass(slots=True)
class _Interval:
    """Bounds on one variable, gathered from a conjunction."""

    lanes: frozenset[Lane]
    low: float | None = None
    high: float | None = None
    with_low: bool = True
    with_high: bool = True

    def narrow(self, op: str, value: float) -> None:
        if op in (">", ">=") and (self.low is None or value >= self.low):
            self.low, self.with_low = value, op == ">="
        elif op in ("<", "<=") and (self.high is None or value <= self.high):
            self.high, self.with_high = value, op == "<="


@dataclass(slots=True)
class _Conjunction:
    share: float = 1.0
    narrowed: dict[str, float] = field(default_factory=dict)
    intervals: dict[tuple[str, frozenset[Lane]], _Interval] = field(default_factory=dict)


def condition_share(
    expr: Expr, estimate: Estimate, exists: ExistsShare
) -> tuple[float, dict[str, float]]:
    """Share of the solutions for which a condition is true, and distincts of narrowed variables."""
    found = _Conjunction()
    _gather(expr, estimate, exists, found)
    for (name, _), interval in found.intervals.items():
        share = _interval_share(interval, estimate, name)
        found.share *= share
        found.narrowed[name] = max(estimate.of(name) * share, min(1.0, estimate.rows))
    return min(max(found.share, 0.0), 1.0), found.narrowed


def _gather(expr: Expr, estimate: Estimate, exists: ExistsShare, found: _Conjunction) -> None:
    match expr:
        case Call("&&", args):
            for part in args:
                _gather(part, estimate, exists, found)
        case Call(op, (Var(name), Const(term))) if op in _TURNED:
            _compared(op, name, term, estimate, found)
        case Call(op, (Const(term), Var(name))) if op in _TURNED:
            _compared(_TURNED[op], name, term, estimate, found)
        case _:
            found.share *= _share(expr, estimate, exists)


def _compared(op: str, name: str, term: Term, estimate: Estimate, found: _Conjunction) -> None:
    if op in ("=", "!="):
        share = _equal(name, term, estimate)
        found.share *= share if op == "=" else 1 - share
        if op == "=":
            found.narrowed[name] = 1.0
        return
    lane, key = object_key(term)
    comparable = next((kinds for kinds in (NUMBERS, TIMES) if lane in kinds), None)
    if comparable is None or not isinstance(key, float):
        found.share *= UNKNOWN_RANGE
        return
    interval = found.intervals.setdefault((name, comparable), _Interval(comparable))
    interval.narrow(op, key)


def _equal(name: str, term: Term, estimate: Estimate) -> float:
    """Equality of values: 1 = 1.0, so a number is looked up in every numeric lane."""
    lane, key = object_key(term)
    if lane in NUMBERS and isinstance(key, float) and estimate.lanes.get(name):
        interval = _Interval(NUMBERS, key, key)
        return max(_interval_share(interval, estimate, name), 1 / max(estimate.rows, 1.0))
    return share_of_constants(estimate, name, (term,))


def _interval_share(interval: _Interval, estimate: Estimate, name: str) -> float:
    lanes = estimate.lanes_of(name)
    total = sum(rows for _, rows in lanes)
    if total <= 0:
        return UNKNOWN_RANGE if None in (interval.low, interval.high) else UNKNOWN_RANGE / 2
    kept = sum(
        rows
        * share_between(
            lane,
            interval.low,
            interval.high,
            with_low=interval.with_low,
            with_high=interval.with_high,
        )
        for lane, rows in lanes
        if lane.lane in interval.lanes
    )
    return min(kept / total, 1.0)


def _share(expr: Expr, estimate: Estimate, exists: ExistsShare) -> float:
    match expr:
        case Exists():
            return exists(expr)
        case Call("&&"):
            return condition_share(expr, estimate, exists)[0]
        case Call("||", args):
            missed = 1.0
            for part in args:
                missed *= 1 - condition_share(part, estimate, exists)[0]
            return 1 - missed
        case Call("!", (inner,)):
            return 1 - condition_share(inner, estimate, exists)[0]
        case Call("in" | "not in" as op, (Var(name), *choices)):
            terms = [choice.term for choice in choices if isinstance(choice, Const)]
            share = share_of_constants(estimate, name, terms)
            return share if op == "in" else 1 - share
        case Call(op, (Var(left), Var(right))) if op in ("=", "!="):
            share = 1 / max(estimate.of(left), estimate.of(right))
            return share if op == "=" else 1 - share
        case Call(op, (Var(name),)) if op in _KINDS:
            return _kind_share(_KINDS[op], name, estimate)
        case Call(op) if op in _SEARCHES:
            return _TEXT_SEARCH
        case Call("BOUND"):
            return 1.0
        case Call():
            return _spatial(expr, estimate)
        case _:
            return UNKNOWN


def _kind_share(kinds: frozenset[Lane], name: str, estimate: Estimate) -> float:
    lanes = estimate.lanes_of(name)
    total = sum(rows for _, rows in lanes)
    if total <= 0:
        return UNKNOWN
    return sum(rows for lane, rows in lanes if lane.lane in kinds) / total


def _spatial(expr: Call, estimate: Estimate) -> float:
    """A condition whose window was already counted in the scan keeps nearly all that is left."""
    distance = [arg for arg in expr.args if isinstance(arg, Call) and arg.op.startswith(_GEOF)]
    inner = distance[0].args if distance else expr.args
    windowed = any(isinstance(arg, Var) and arg.name in estimate.windowed for arg in inner)
    if expr.op.startswith(_GEOF):
        return 1.0 if windowed else UNKNOWN
    if expr.op in ("<", "<=", ">", ">="):
        return _CIRCLE if distance and windowed else UNKNOWN_RANGE
    return UNKNOWN
