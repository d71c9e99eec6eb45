"""What is estimated of a plan's solutions, and how that changes under selections and joins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from ontology import Term

from ..catalog import LaneTable
from .characteristic import Vector
from .constants import Key, object_key
from .lanes import share_equal
from .spread import Side, Spread, found_share, meeting, merged

_NONE: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected solutions of a plan.

    Attributes
    ----------
    rows : float
        Solutions, never negative.
    distinct : mapping of variable to float
        Different values of each variable; never more than rows, nor less than one unless there
        are fewer rows.
    lanes : mapping of variable to pairs of lane and rows
        Which lanes a variable's values were read from, and how many rows each of them gave.
    constants : mapping of variable to terms
        Every value a variable can take, where a few constants are all.
    windowed : frozenset of str
        Variables whose geometries were already taken to lie in a window.
    domain : mapping of variable to float
        Different values before any selection: what a join compares (see :func:`joined`).
    spread : Spread, optional
        Over which characteristic sets the nodes of variables are spread.
    """

    rows: float
    distinct: Mapping[str, float] = field(default_factory=dict)
    lanes: Mapping[str, tuple[tuple[LaneTable, float], ...]] = field(default_factory=dict)
    constants: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    windowed: frozenset[str] = frozenset()
    domain: Mapping[str, float] = field(default_factory=dict)
    spread: Spread | None = field(default=None, compare=False)

    def before(self, variable: str) -> float:
        """Different values of a variable before any selection, at least one."""
        return max(self.domain.get(variable, 0.0), self.of(variable))

    def of(self, variable: str) -> float:
        """Different values of a variable, at least one."""
        return max(self.distinct.get(variable, self.rows), 1.0)

    def lanes_of(self, variable: str) -> tuple[tuple[LaneTable, float], ...]:
        """The lanes a variable's values were read from, with the rows of each that are left."""
        held = self.lanes.get(variable, ())
        if len(held) < 2 or self.spread is None:
            return held
        left = self.spread.rows_of_lanes(variable, held)
        return held if left is None else left

    def side(self, variable: str) -> Side:
        """What a join on a variable asks."""
        return Side(self.spread, self.before(variable), self.of(variable))


def left_over(distinct: float, rows: float, share: float) -> float:
    """Different values left when a share of the rows is kept at random (Yao, CACM 20(4), 1977)."""
    if distinct <= 0 or rows <= 0 or share >= 1:
        return distinct
    return float(distinct * (1 - (1 - max(share, 0.0)) ** (rows / distinct)))


def selected(estimate: Estimate, share: float, narrowed: Mapping[str, float] = _NONE) -> Estimate:
    """The estimate after a selection; ``narrowed`` gives distincts of the selected variables."""
    share = min(max(share, 0.0), 1.0)
    rows = estimate.rows * share
    distinct = {
        name: narrowed[name] if name in narrowed else left_over(count, estimate.rows, share)
        for name, count in estimate.distinct.items()
    }
    return replace(estimate, rows=rows, distinct=capped(distinct, rows))


def capped(distinct: Mapping[str, float], rows: float) -> dict[str, float]:
    """No variable has more values than there are rows."""
    return {name: min(count, rows) for name, count in distinct.items()}


def joined(left: Estimate, right: Estimate) -> Estimate:
    """The join on every shared variable.

    Where the characteristic sets of a variable are known on both sides, pairs are counted set by
    set. Else, before selections, each value of the side that has fewer is taken to occur on the
    other side, and selections are taken as independent of the join (System R). Of several shared
    variables the most selective counts fully, the next by its square root, and so on, since they
    are seldom independent. Constants are looked up in the other side's lanes.
    """
    shared = [name for name in right.distinct if name in left.distinct]
    met = {name: found for name in shared if (found := _met(left, right, name)) is not None}
    factors = sorted(
        float(met[name][0].sum()) if name in met else _factor(left, right, name) for name in shared
    )
    rows = left.rows * right.rows
    for k, factor in enumerate(factors):
        rows *= factor ** (0.5**k)
    distinct = {
        **_reduced(left, right, shared),
        **_reduced(right, left, shared),
        **{
            name: float(met[name][1].sum())
            if name in met
            else left.of(name) * right.of(name) / max(left.before(name), right.before(name))
            for name in shared
        },
    }
    domain = {**right.domain, **left.domain}
    domain |= {name: min(left.before(name), right.before(name)) for name in shared}
    return Estimate(
        rows,
        capped(distinct, rows),
        {**right.lanes, **left.lanes},
        {**right.constants, **left.constants},
        left.windowed | right.windowed,
        domain,
        merged(left.spread, right.spread, {name: pairs for name, (pairs, _) in met.items()}),
    )


def _met(left: Estimate, right: Estimate, name: str) -> tuple[Vector, Vector] | None:
    if name in left.constants or name in right.constants:
        return None
    return meeting(left.side(name), right.side(name), name)


def _factor(left: Estimate, right: Estimate, name: str) -> float:
    for few, many in ((left, right), (right, left)):
        if name in few.constants and many.lanes.get(name):
            constants = few.constants[name]
            return share_of_constants(many, name, constants) / max(len(constants), 1)
    return 1 / max(left.before(name), right.before(name))


def share_of_constants(estimate: Estimate, name: str, constants: Iterable[Term]) -> float:
    """Share of the rows in which a variable is one of some constants."""
    lanes = estimate.lanes_of(name)
    total = sum(rows for _, rows in lanes)
    keys = [object_key(term) for term in constants]
    if not lanes or total <= 0:
        return min(len(keys) / estimate.of(name), 1.0)
    found = sum(rows * _share(lane, keys) for lane, rows in lanes)
    return min(found / total, 1.0)


def _share(lane: LaneTable, keys: Iterable[tuple[object, Key | None]]) -> float:
    return sum(share_equal(lane, key) for kind, key in keys if kind is lane.lane)


def _reduced(one: Estimate, other: Estimate, shared: Iterable[str]) -> dict[str, float]:
    """Distincts of one side's variables after its rows without a partner are gone."""
    kept = kept_share(one, other, shared)
    return {name: left_over(count, one.rows, kept) for name, count in one.distinct.items()}


def kept_share(one: Estimate, other: Estimate, shared: Iterable[str]) -> float:
    """Share of one side's rows that find a partner on the other."""
    if other.rows < 1:
        return max(other.rows, 0.0)
    shares = (_found(one, other, name) for name in shared)
    return min(shares, default=1.0)


def _found(one: Estimate, other: Estimate, name: str) -> float:
    known = found_share(one.side(name), other.side(name), name)
    return other.of(name) / max(one.before(name), other.before(name)) if known is None else known
