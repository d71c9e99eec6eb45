"""Which conditions hold only for geometries that meet: those an index or a join can answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ontology import IRI, PREFIXES, XSD_STRING, GeoloomError, Literal, unit

from ..algebra import Call, Const, Expr
from ..conditions import NEAR, is_settled

GEOF: Final = PREFIXES["geof"]

MEETING: Final = frozenset(
    GEOF + name
    for name in (
        "sfEquals", "sfIntersects", "sfTouches", "sfWithin", "sfContains", "sfOverlaps",
        "sfCrosses", "ehEquals", "ehMeet", "ehOverlap", "ehCovers", "ehCoveredBy", "ehInside",
        "ehContains", "rcc8eq", "rcc8ec", "rcc8po", "rcc8tppi", "rcc8tpp", "rcc8ntpp",
        "rcc8ntppi",
    )
)  # fmt: skip
"""Relations of geometries that have a common point."""
APART: Final = frozenset(GEOF + name for name in ("sfDisjoint", "ehDisjoint"))
"""Relations of geometries that have none, and of all that have none."""
RELATIONS: Final = MEETING | APART | {GEOF + "rcc8dc", GEOF + "relate"}
DISTANCES: Final = frozenset({GEOF + "distance", GEOF + "metricDistance"})

LEAST_METRES: Final = 0.001
"""A distance may be zero, by rounding, though boxes do not meet."""

_XSD: Final = XSD_STRING.removesuffix("string")
_TRUE: Final = frozenset({Const(Literal(text, _XSD + "boolean")) for text in ("true", "1")})
_SMALLER: Final = {"<": (0, 1), "<=": (0, 1), ">": (1, 0), ">=": (1, 0)}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "="}
_NUMBERS: Final = frozenset(_XSD + name for name in ("integer", "decimal", "double", "float"))


@dataclass(frozen=True, slots=True)
class Meeting:
    """A condition on two geometries that meet, or lie within a distance of each other.

    Attributes
    ----------
    call : Call
        What a join tests.
    first, second : Expr
        The geometries.
    metres : float
        How far apart they may be.
    rest : Expr, optional
        What has to hold as well, where ``call`` alone does not decide the condition.
    limit : Expr, optional
        How far apart they may be, where that is no constant.
    """

    call: Call
    first: Expr
    second: Expr
    metres: float = 0.0
    rest: Expr | None = None
    limit: Expr | None = None


def meeting(expr: Expr) -> Meeting | None:
    """Return how the condition brings two geometries together, or None if it does not.

    ``relate`` counts if its pattern asks for a common point, ``distance`` if it must not exceed
    something; a disjunction counts if every branch does, for the same two geometries; a
    conjunction if a part does, a negation if what it leaves does.
    """
    if not isinstance(expr, Call):
        return None
    if expr.op in MEETING and len(expr.args) == 2:
        return Meeting(expr, *expr.args)
    if expr.op == GEOF + "relate" and len(expr.args) == 3 and _common_point(expr.args[2]):
        return Meeting(expr, *expr.args[:2])
    if expr.op == NEAR and isinstance(expr.args[2], Const):
        return Meeting(expr, expr.args[0], expr.args[1], metres=_number(expr.args[2]) or 0.0)
    if expr.op == "||":
        return _either(expr)
    if expr.op == "&&":
        found = next(filter(None, map(meeting, expr.args)), None)
        return None if found is None else _loosely(found, expr)
    if expr.op in _SMALLER:
        near, far = _SMALLER[expr.op]
        return _within(expr, expr.args[near], expr.args[far])
    return _spelt_otherwise(expr)


def _spelt_otherwise(expr: Call) -> Meeting | None:
    """``!``, ``= true`` and ``distance = …`` by what they imply."""
    if expr.op == "=" and len(expr.args) == 2:
        for one, other in (expr.args, expr.args[::-1]):
            if other in _TRUE and isinstance(one, Call) and one.op in RELATIONS:
                return meeting(one)
            if isinstance(one, Call) and one.op in DISTANCES:
                found = _within(Call("<=", (one, other)), one, other)
                return None if found is None else _loosely(found, expr)
    if expr.op == "!":
        left = _negated(expr.args[0])
        found = None if left is None else meeting(left)
        return None if found is None else _loosely(found, expr)
    return None


def _loosely(found: Meeting, whole: Expr) -> Meeting:
    """The condition as implied by another, which has to be tested itself."""
    if found.limit is not None:
        return replace(found, rest=whole)
    return replace(found, call=_near(found), rest=whole)


def _near(found: Meeting) -> Call:
    metres = Const(Literal(repr(found.metres), _XSD + "double"))
    return Call(NEAR, (found.first, found.second, metres))


def _negated(expr: Expr) -> Expr | None:
    """What holds where an expression is false; None if that tells nothing of places."""
    if not isinstance(expr, Call):
        return None
    match expr.op:
        case "!":
            return expr.args[0]
        case "&&" | "||":
            other = "||" if expr.op == "&&" else "&&"
            return Call(other, tuple(Call("!", (arg,)) for arg in expr.args))
        case op if op in _OPPOSITE:
            return Call(_OPPOSITE[op], expr.args)
        case op if op in APART:
            return Call(GEOF + "sfIntersects", expr.args)
        case op if op == GEOF + "relate" and len(expr.args) == 3 and _is_apart(expr.args[2]):
            return Call(GEOF + "sfIntersects", expr.args[:2])
    return None


def _either(expr: Call) -> Meeting | None:
    found = [meeting(branch) for branch in expr.args]
    first = found[0]
    if first is None or any(one is None or one.limit is not None for one in found):
        return None
    pair = {first.first, first.second}
    if any(one is not None and {one.first, one.second} != pair for one in found):
        return None
    metres = max(one.metres for one in found if one is not None)
    both = Meeting(expr, first.first, first.second, metres)
    return replace(both, call=_near(both), rest=expr)


def _pattern(expr: Expr) -> str:
    if not (isinstance(expr, Const) and isinstance(expr.term, Literal)):
        return ""
    text = expr.term.lexical.upper()
    return text if len(text) == 9 else ""


def _common_point(pattern: Expr) -> bool:
    text = _pattern(pattern)
    return bool(text) and any(text[k] in "T012" for k in (0, 1, 3, 4))


def _is_apart(pattern: Expr) -> bool:
    """Whether all geometries without a common point fit a pattern, and no others."""
    return _pattern(pattern) == "FF*FF****"


def _within(expr: Call, near: Expr, far: Expr) -> Meeting | None:
    if not isinstance(near, Call):
        return None
    factor = metres_per_unit(near)
    if factor is None:
        return None
    first, second = near.args[:2]
    if isinstance(far, Const):
        limit = _number(far)
        if limit is None:
            return None
        return Meeting(expr, first, second, metres=max(limit * factor, LEAST_METRES))
    if not is_settled(far):
        return None
    return Meeting(expr, first, second, limit=far)


def metres_per_unit(near: Call) -> float | None:
    """Metres of one unit of a distance; None if it is no distance in a unit of length."""
    if near.op == GEOF + "metricDistance" and len(near.args) == 2:
        return 1.0
    if near.op != GEOF + "distance" or len(near.args) != 3:
        return None
    name = near.args[2]
    if not (isinstance(name, Const) and isinstance(name.term, IRI)):
        return None
    try:
        found = unit(name.term.value)
    except GeoloomError:
        return None
    return found.factor if found.kind == "length" else None


def _number(expr: Const) -> float | None:
    if not (isinstance(expr.term, Literal) and expr.term.datatype in _NUMBERS):
        return None
    try:
        value = float(expr.term.lexical)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def parts_of(expr: Expr) -> Iterator[Expr]:
    """An expression and those it is made of, without going into EXISTS."""
    yield expr
    if isinstance(expr, Call):
        for arg in expr.args:
            yield from parts_of(arg)


def is_spatial(expr: Expr) -> bool:
    """Whether an expression relates two geometries, or measures how far apart they are."""
    return any(
        isinstance(one, Call) and (one.op in RELATIONS or one.op in DISTANCES)
        for one in parts_of(expr)
    )
