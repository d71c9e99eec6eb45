"""Which conditions compare times of two things: those a range join can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..algebra import Call, Expr, expression_variables
from ..conditions import is_settled
from ..lower.period_relations import PERIOD_RELATIONS

_COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Timing:
    """A condition on two periods, or two values, by the variables of each.

    ``near`` says that only periods near each other in time fulfil it, ``compares`` that it is a
    plain comparison.
    """

    call: Call
    first: frozenset[str]
    second: frozenset[str]
    near: bool
    compares: bool

    def across(self, left: frozenset[str], right: frozenset[str]) -> bool:
        """Whether each side decides one of the two, and not the same."""
        straight = self.first <= left and self.second <= right
        return straight or (self.first <= right and self.second <= left)


def timing(expr: Expr) -> Timing | None:
    """Return how the condition brings two times together, or None if it does not.

    Comparisons count whatever they compare: what their values are is only known later.
    """
    if not isinstance(expr, Call) or not is_settled(expr):
        return None
    half = len(expr.args) // 2
    relation = PERIOD_RELATIONS.get(expr.op)
    if relation is not None:
        if len(expr.args) not in (2, 4) or not relation.needed:
            return None
    elif expr.op not in _COMPARISONS or len(expr.args) != 2:
        return None
    first, second = _variables(expr.args[:half]), _variables(expr.args[half:])
    if not (first and second) or first & second:
        return None
    near = relation is not None and relation.bounded
    return Timing(expr, first, second, near, compares=relation is None)


def _variables(args: tuple[Expr, ...]) -> frozenset[str]:
    return frozenset().union(*map(expression_variables, args))
