"""Conditions as conjunctions, and which of them may be evaluated elsewhere or again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

from .algebra import Call, Exists, Expr

NEAR: Final = "near"
"""Operator of passes: two geometries lie within so many metres, or perhaps not: never decides."""

_DRAWN: Final = frozenset({"RAND", "UUID", "STRUUID", "BNODE"})


def conjuncts(expr: Expr) -> Iterator[Expr]:
    """The parts of a conjunction; each must be true for the whole to be true."""
    if isinstance(expr, Call) and expr.op == "&&":
        for part in expr.args:
            yield from conjuncts(part)
    else:
        yield expr


def disjuncts(expr: Expr) -> Iterator[Expr]:
    """The parts of a disjunction; one that is true makes the whole true."""
    if isinstance(expr, Call) and expr.op == "||":
        for part in expr.args:
            yield from disjuncts(part)
    else:
        yield expr


def conjunction(parts: Iterable[Expr]) -> Expr:
    """One condition of at least one part."""
    return reduce(lambda first, second: Call("&&", (first, second)), parts)


def is_drawn(expr: Expr) -> bool:
    """Return whether an expression, EXISTS aside, may give another value each time."""
    return isinstance(expr, Call) and (expr.op in _DRAWN or any(map(is_drawn, expr.args)))


def is_settled(expr: Expr) -> bool:
    """Return whether the values of its variables decide an expression, wherever it stands."""
    if isinstance(expr, Exists):
        return False
    if isinstance(expr, Call):
        return expr.op not in _DRAWN and all(map(is_settled, expr.args))
    return True
