"""Relations of periods in time, as comparisons of their ends; definitions in docs/time.md.

Periods are half-open, so ``[a, b)`` meets ``[b, c)``. Allen's thirteen relations ('Maintaining
knowledge about temporal intervals', CACM 1983) exclude each other; those of Strabon are the
operators of PostgreSQL on ranges and may hold together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ontology import PREFIXES

GLF: Final = PREFIXES["glf"]
STRDF: Final = PREFIXES["strdf"]

End = Literal["start", "until"]
Comparison = tuple[End, str, End]
"""An end of the first period, an operator, an end of the second."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What must hold of the ends of two periods.

    Attributes
    ----------
    either : tuple of tuples of Comparison
        All comparisons of one of them.
    needed : tuple of Comparison
        What holds whenever the relation does: what a join can go by.
    negated : bool
        The relation is that ``either`` does not hold.
    """

    either: tuple[tuple[Comparison, ...], ...]
    needed: tuple[Comparison, ...] = ()
    negated: bool = False

    @property
    def exact(self) -> bool:
        """Whether ``needed`` is all there is to it."""
        return self.either == (self.needed,) and not self.negated

    @property
    def bounded(self) -> bool:
        """Whether only periods near each other in time are so related."""
        upward = any(op in ("<", "<=") for _, op, _ in self.needed)
        downward = any(op in (">", ">=") for _, op, _ in self.needed)
        return (upward and downward) or any(op == "=" for _, op, _ in self.needed)


def _all(*comparisons: str) -> tuple[Comparison, ...]:
    """Comparisons written as ``s<u``: the start of the first, the end of the second."""
    ends: dict[str, End] = {"s": "start", "u": "until"}
    return tuple((ends[one[0]], one[1:-1], ends[one[-1]]) for one in comparisons)


def _relation(*comparisons: str) -> Relation:
    held = _all(*comparisons)
    return Relation((held,), held)


_SHARING: Final = _relation("s<u", "u>s")
_INSIDE: Final = _relation("s>=s", "u<=u")
_AROUND: Final = _relation("s<=s", "u>=u")
_EQUAL: Final = _relation("s=s", "u=u")

_ALLEN: Final[dict[str, Relation]] = {
    "before": _relation("u<s"),
    "after": _relation("s>u"),
    "meets": _relation("u=s"),
    "metBy": _relation("s=u"),
    "overlaps": _relation("s<s", "u>s", "u<u"),
    "overlappedBy": _relation("s>s", "s<u", "u>u"),
    "starts": _relation("s=s", "u<u"),
    "startedBy": _relation("s=s", "u>u"),
    "during": _relation("s>s", "u<u"),
    "contains": _relation("s<s", "u>u"),
    "finishes": _relation("s>s", "u=u"),
    "finishedBy": _relation("s<s", "u=u"),
    "equals": _EQUAL,
    "intersects": _SHARING,
}
"""Allen's relations, and whether two periods share an instant."""

_STRABON: Final[dict[str, Relation]] = {
    **dict.fromkeys(("periodOverlaps", "PeriodOverlaps"), _SHARING),
    **dict.fromkeys(("periodIntersects", "PeriodIntersects"), _SHARING),
    "during": _INSIDE,
    **dict.fromkeys(("periodContains", "PeriodContains"), _AROUND),
    "equalsPeriod": _EQUAL,
    "nequalsPeriod": Relation(_EQUAL.either, negated=True),
    "adjacent": Relation((_all("u=s"), _all("s=u")), _all("s<=u", "u>=s")),
    **dict.fromkeys(("before", "beforePeriod"), _relation("u<=s")),
    "after": _relation("s>=u"),
    "overleft": _relation("u<=u"),
    "overright": _relation("s>=s"),
    **dict.fromkeys(("meets", "meetsBefore"), _relation("u=s")),
    "meetsAfter": _relation("s=u"),
    "starts": _ALLEN["starts"],
    "finishes": _ALLEN["finishes"],
}

PERIOD_RELATIONS: Final[Mapping[str, Relation]] = {
    **{GLF + name: relation for name, relation in _ALLEN.items()},
    **{STRDF + name: relation for name, relation in _STRABON.items()},
}
"""Function IRI: the relation; all take two periods, or the four ends of two."""
