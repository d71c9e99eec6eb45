"""What two joined sides share: keys where both are bound, residuals where one may not be."""

from __future__ import annotations

from dataclasses import dataclass

from ..values import Value
from .keys import certain, compatible, merged, same_term
from .relation import Relation, Scope, Sql


@dataclass(frozen=True, slots=True)
class Pairing:
    """How two scopes join: conditions by strength, and the joined scope."""

    keys: tuple[Sql, ...]
    residuals: tuple[Sql, ...]
    uncertain: tuple[str, ...]
    scope: dict[str, Value]
    possible: bool = True


def pair(left: Scope, right: Scope) -> Pairing:
    """Compare the variables two scopes share."""
    keys: list[Sql] = []
    residuals: list[Sql] = []
    uncertain: list[str] = []
    scope = dict(left)
    possible = True
    for name, value in right.items():
        if name not in left:
            scope[name] = value
            continue
        scope[name] = merged(left[name], value)
        if certain(left[name], value):
            keys.append(same_term(left[name], value))
            possible = possible and bool(scope[name].lanes)
        else:
            residuals.append(compatible(left[name], value))
            uncertain.append(name)
    return Pairing(tuple(keys), tuple(residuals), tuple(uncertain), scope, possible)


def join_undecoded(left: Relation, right: Relation) -> frozenset[str]:
    """Variables that still lack text after a join."""
    found = set()
    for name in left.undecoded | right.undecoded:
        sides = [side for side in (left, right) if name in side.shape]
        if all(name in side.undecoded or side.shape[name].maybe_unbound for side in sides):
            found.add(name)
    return frozenset(found)
