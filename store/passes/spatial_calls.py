"""Which conditions hold only for geometries that meet: those an index or a join can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ontology import IRI, PREFIXES, GeoloomError, Literal, unit

from ..algebra import Call, Const, Expr

GEOF: Final = PREFIXES["geof"]

_MEETING: Final = frozenset(
    GEOF + name
    for name in (
        "sfEquals", "sfIntersects", "sfTouches", "sfWithin", "sfContains", "sfOverlaps",
        "sfCrosses", "ehEquals", "ehMeet", "ehOverlap", "ehCovers", "ehCoveredBy", "ehInside",
        "ehContains", "rcc8eq", "rcc8ec", "rcc8po", "rcc8tppi", "rcc8tpp", "rcc8ntpp",
        "rcc8ntppi",
    )
)  # fmt: skip
_SMALLER: Final = {"<": (0, 1), "<=": (0, 1), ">": (1, 0), ">=": (1, 0)}


@dataclass(frozen=True, slots=True)
class Meeting:
    """A condition on two geometries that meet, or lie within ``metres`` of each other.

    Where ``call`` alone does not decide the condition, ``rest`` has to hold as well.
    """

    call: Call
    first: Expr
    second: Expr
    metres: float = 0.0
    rest: Expr | None = None


def meeting(expr: Expr) -> Meeting | None:
    """Return how the condition brings two geometries together, or None if it does not.

    ``relate`` counts if its pattern asks for a common point, ``distance`` if it is compared
    with a constant; a disjunction counts if every branch does, for the same two geometries.
    """
    if not isinstance(expr, Call):
        return None
    if expr.op in _MEETING and len(expr.args) == 2:
        return Meeting(expr, *expr.args)
    if expr.op == GEOF + "relate" and len(expr.args) == 3 and _common_point(expr.args[2]):
        return Meeting(expr, *expr.args[:2])
    if expr.op == "||":
        return _either(expr)
    if expr.op in _SMALLER:
        near, far = _SMALLER[expr.op]
        return _within(expr, expr.args[near], expr.args[far])
    return None


def _either(expr: Call) -> Meeting | None:
    found = [meeting(branch) for branch in expr.args]
    first = found[0]
    if first is None or any(one is None or one.metres for one in found):
        return None
    pair = {first.first, first.second}
    if any(one is not None and {one.first, one.second} != pair for one in found):
        return None
    call = Call(GEOF + "sfIntersects", (first.first, first.second))
    return Meeting(call, first.first, first.second, rest=expr)


def _common_point(pattern: Expr) -> bool:
    if not (isinstance(pattern, Const) and isinstance(pattern.term, Literal)):
        return False
    text = pattern.term.lexical.upper()
    return len(text) == 9 and any(text[k] in "T012" for k in (0, 1, 3, 4))


def _within(expr: Call, near: Expr, far: Expr) -> Meeting | None:
    limit = _number(far)
    if limit is None or not isinstance(near, Call):
        return None
    if near.op == GEOF + "metricDistance" and len(near.args) == 2:
        return Meeting(expr, *near.args, metres=limit)
    if near.op != GEOF + "distance" or len(near.args) != 3:
        return None
    name = near.args[2]
    if not (isinstance(name, Const) and isinstance(name.term, IRI)):
        return None
    try:
        found = unit(name.term.value)
    except GeoloomError:
        return None
    if found.kind != "length":
        return None
    return Meeting(expr, *near.args[:2], metres=limit * found.factor)


def _number(expr: Expr) -> float | None:
    if not (isinstance(expr, Const) and isinstance(expr.term, Literal)):
        return None
    try:
        value = float(expr.term.lexical)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None
