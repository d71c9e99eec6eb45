"""Constants that FILTER compares a variable with, or VALUES lists, given to its triple patterns.

Preserves: the answer (the filter, and the join with VALUES, stay). May drop: nothing. A scan leaves
out files in which no value lies in the range; a value of a kind that does not compare with the
constant is an error in the filter, so it counts as outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ontology import IRI, Lane, Term

from ..algebra import (
    Bgp,
    Call,
    Const,
    Expr,
    Filter,
    Join,
    LeftJoin,
    Plan,
    ValueRange,
    Values,
    Var,
)
from ..catalog import Snapshot
from ..conditions import conjuncts
from ..estimates import object_key
from .interval_ranges import period_ranges
from .walk import everywhere, told

_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_MOST: Final = 200
"""Values after IN up to which their range is told."""
_NUMBERS: Final = frozenset({Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT})


def add_ranges(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Push the ends of what filters and VALUES let through down to the triple patterns."""

    def add(node: Plan) -> Plan:
        match node:
            case Filter(condition, child):
                return Filter(condition, _pushed(_ranges(condition), child))
            case LeftJoin(_, right, condition) if condition is not None:
                return replace(node, right=_pushed(_ranges(condition), right))
            case Join():
                return _pushed(_listed(node), node)
        return node

    return everywhere(plan, add)


def _listed(plan: Plan) -> Iterator[ValueRange]:
    """Nodes that VALUES among joined parts list for a variable, which they bind in every row."""
    match plan:
        case Join(left, right):
            yield from _listed(left)
            yield from _listed(right)
        case Values(names, rows) if 0 < len(rows) <= _MOST:
            for name, terms in zip(names, zip(*rows, strict=True), strict=True):
                if all(isinstance(term, IRI) for term in terms):
                    nodes = tuple(dict.fromkeys(term for term in terms if isinstance(term, IRI)))
                    yield ValueRange(name, "node", nodes=nodes)


def _ranges(condition: Expr) -> Iterable[ValueRange]:
    """One range for each variable and kind, of all parts of a conjunction."""
    found: dict[tuple[str, str], ValueRange] = {}
    for part in conjuncts(condition):
        for one in _compared(part):
            held = found.get((one.variable, one.kind))
            found[one.variable, one.kind] = one if held is None else _both(held, one)
    return found.values()


def _both(first: ValueRange, second: ValueRange) -> ValueRange:
    return replace(
        first,
        low=_end(max, first.low, second.low),
        high=_end(min, first.high, second.high),
        nodes=tuple(node for node in first.nodes if node in second.nodes),
    )


def _end(choose: Callable[..., Any], *ends: float | str | None) -> Any:
    known = [end for end in ends if end is not None]
    return choose(known) if known else None


def _compared(part: Expr) -> Iterator[ValueRange]:
    match part:
        case Call(op, (Var(name), Const(term))) if op in _TURNED:
            found = _bounded(name, op, term)
        case Call(op, (Const(term), Var(name))) if op in _TURNED:
            found = _bounded(name, _TURNED[op], term)
        case Call("in", (Var(name), *choices)):
            found = _among(name, choices)
        case Call():
            yield from period_ranges(part)
            return
        case _:
            return
    if found is not None:
        yield found


def _bounded(name: str, op: str, term: Term) -> ValueRange | None:
    exact = _exactly(name, term)
    if op == "=" or exact is None:
        return exact
    if exact.kind == "node":
        return None
    return replace(exact, high=None) if op in (">", ">=") else replace(exact, low=None)


def _exactly(name: str, term: Term) -> ValueRange | None:
    """The range of one value; None for terms whose equality is not that of a stored value."""
    if isinstance(term, IRI):
        return ValueRange(name, "node", nodes=(term,))
    lane, key = object_key(term)
    if lane is Lane.STRING and isinstance(key, str):
        return ValueRange(name, "text", key, key)
    if not isinstance(key, float):
        return None
    if lane in _NUMBERS:
        return ValueRange(name, "number", key, key)
    if lane is Lane.DATE:
        return ValueRange(name, "date", key, key)
    return ValueRange(name, "dateTime", key, key) if lane is Lane.DATETIME else None


def _among(name: str, choices: Sequence[Expr]) -> ValueRange | None:
    """The range around several values of one kind, if they are not too many."""
    if len(choices) > _MOST:
        return None
    found = [_exactly(name, one.term) if isinstance(one, Const) else None for one in choices]
    ranges = [one for one in found if one is not None]
    if not ranges or len(ranges) < len(found) or len({one.kind for one in ranges}) > 1:
        return None
    return replace(
        ranges[0],
        low=_end(min, *(one.low for one in ranges)),
        high=_end(max, *(one.high for one in ranges)),
        nodes=tuple(dict.fromkeys(node for one in ranges for node in one.nodes)),
    )


def _pushed(ranges: Iterable[ValueRange], plan: Plan) -> Plan:
    for one in ranges:
        plan = told(plan, one.variable, partial(_with_range, one))
    return plan


def _with_range(held: ValueRange, plan: Bgp) -> Bgp:
    ends = {node for pattern in plan.patterns for node in (pattern.subject, pattern.object)}
    if Var(held.variable) not in ends or held in plan.ranges:
        return plan
    return replace(plan, ranges=(*plan.ranges, held))
