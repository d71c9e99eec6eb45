"""What a relation with a constant period says of when the other one starts and ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from ontology import Literal

from ..algebra import Call, Const, Expr, ValueRange, Var
from ..lower.columns import Columns, literal_columns
from ..lower.period_relations import PERIOD_RELATIONS, Relation

_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_ENDS: Final = ("start", "until")
_INFINITE: Final = 2**63 - 1

Bounds = dict[str, tuple[float, float]]
"""From when to when an end may be, in seconds since 1970."""


def period_ranges(call: Call) -> Iterator[ValueRange]:
    """Ranges of times that are variables, where the other period of a relation is constant."""
    relation = PERIOD_RELATIONS.get(call.op)
    if relation is None or len(call.args) not in (2, 4):
        return
    half = len(call.args) // 2
    sides = (call.args[:half], call.args[half:])
    for at in (0, 1):
        known = _constant(sides[1 - at])
        if known is not None:
            yield from _told(sides[at], _bounds(relation, known, turned=at == 1))


def _bounds(relation: Relation, known: tuple[float, float], *, turned: bool) -> Bounds:
    """Bounds of both ends of a period that a known one is so related to."""
    found = dict.fromkeys(_ENDS, (-math.inf, math.inf))
    for first, op, second in relation.needed:
        mine, theirs = (second, first) if turned else (first, second)
        sign = _TURNED[op] if turned else op
        limit = known[_ENDS.index(theirs)]
        low, high = found[mine]
        found[mine] = (
            low if sign[0] == "<" else max(low, limit),
            high if sign[0] == ">" else min(high, limit),
        )
    (after, before), (over, until) = found["start"], found["until"]
    return {"start": (after, min(before, until)), "until": (max(over, after), until)}


def _told(side: tuple[Expr, ...], bounds: Bounds) -> Iterator[ValueRange]:
    if len(side) == 1:
        (low, _), (_, high) = bounds["start"], bounds["until"]
        instant = (max(low, bounds["until"][0]), min(high, bounds["start"][1]))
        yield from _range(side[0], instant)
        return
    for end, expr in zip(_ENDS, side, strict=True):
        yield from _range(expr, bounds[end])


def _range(expr: Expr, bounds: tuple[float, float]) -> Iterator[ValueRange]:
    low, high = (end if math.isfinite(end) else None for end in bounds)
    if isinstance(expr, Var) and (low, high) != (None, None):
        yield ValueRange(expr.name, "time", low, high)


def _constant(side: tuple[Expr, ...]) -> tuple[float, float] | None:
    """Both ends of a constant period, one of a microsecond for an instant."""
    found = [_read(expr) for expr in side]
    if any(one is None for one in found):
        return None
    first, last = found[0], found[-1]
    assert first is not None
    assert last is not None
    return (first[0], first[1]) if len(side) == 1 else (first[0], last[0])


def _read(expr: Expr) -> tuple[float, float] | None:
    if not (isinstance(expr, Const) and isinstance(expr.term, Literal)) or expr.term.lang:
        return None
    columns: Columns = {}
    for _, held in literal_columns(pa.array([expr.term.lexical]), expr.term.datatype):
        columns |= held
    start = _seconds(columns, "time")
    if start is None:
        return None
    until = _seconds(columns, "until")
    return start, start if until is None else until


def _seconds(columns: Columns, name: str) -> float | None:
    if name not in columns or not columns[name][0].is_valid:
        return None
    micros = columns[name][0].value
    if abs(micros) == _INFINITE:
        return math.inf if micros > 0 else -math.inf
    return float(micros / 1_000_000)
