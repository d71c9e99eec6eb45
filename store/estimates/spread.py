"""Over which characteristic sets the nodes of each variable are spread, and how joins change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from ..catalog import LaneTable
from .characteristic import Sets, Vector


@dataclass(frozen=True, slots=True)
class Link:
    """Shares of the solutions by the sets of two variables that a triple links."""

    subject: str
    object: str
    shares: Vector


@dataclass(frozen=True, slots=True)
class Spread:
    """Shares of the solutions by the sets of their nodes.

    Attributes
    ----------
    sets : Sets
    shares : mapping of variable to vector
        They add up to 1.
    present : mapping of variable to vector
        Of variables that stand as subjects: share of each set's subjects that lie in the graphs
        that are read.
    links : tuple of Link
    """

    sets: Sets
    shares: Mapping[str, Vector] = field(default_factory=dict)
    present: Mapping[str, Vector] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def narrowed(self, variable: str, shares: Vector) -> Spread:
        """The spread once a variable has other shares; what is linked to it follows."""
        found = dict(self.shares)
        links = list(self.links)
        waiting = [(variable, _ratio(shares, found[variable]))]
        found[variable] = shares
        seen: set[int] = set()
        while waiting:
            name, ratio = waiting.pop()
            for k, link in enumerate(links):
                if k in seen or name not in (link.subject, link.object):
                    continue
                seen.add(k)
                forward = name == link.subject
                other = link.object if forward else link.subject
                made = link.shares * (ratio[:, None] if forward else ratio[None, :])
                links[k] = replace(link, shares=_whole(made))
                after = links[k].shares.sum(axis=0 if forward else 1)
                waiting.append((other, _ratio(after, found[other])))
                found[other] = after
        return replace(self, shares=found, links=tuple(links))

    def rows_of_lanes(
        self, variable: str, lanes: Sequence[tuple[LaneTable, float]]
    ) -> tuple[tuple[LaneTable, float], ...] | None:
        """Rows of each lane an object was read from, once its subjects are spread as they are."""
        subject = next((link.subject for link in self.links if link.object == variable), None)
        if subject is None:
            return None
        by_set = np.zeros((len(lanes), len(self.sets)))
        for k, (lane, rows) in enumerate(lanes):
            weights = self.sets.of_lane(lane)
            if weights is None or weights.sum() <= 0:
                return None
            by_set[k] = weights * (rows / weights.sum())
        total = by_set.sum(axis=0)
        of_set = np.where(total > 0, by_set / np.maximum(total, 1e-300), 0.0)
        left = of_set @ self.shares[subject]
        if left.sum() <= 0:
            return None
        scale = sum(rows for _, rows in lanes) / left.sum()
        return tuple((lane, share * scale) for (lane, _), share in zip(lanes, left, strict=True))

    def root(self, variable: str) -> str:
        """The variable from which links lead to another one, against their direction."""
        above = {link.object: link.subject for link in self.links}
        seen = {variable}
        while variable in above and above[variable] not in seen:
            variable = above[variable]
            seen.add(variable)
        return variable

    def only(self, variables: Collection[str]) -> Spread:
        """What is known of some variables."""
        return Spread(
            self.sets,
            {name: held for name, held in self.shares.items() if name in variables},
            {name: held for name, held in self.present.items() if name in variables},
            tuple(x for x in self.links if x.subject in variables and x.object in variables),
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a join on a variable: its spread, and its different values before and now."""

    spread: Spread | None
    before: float
    now: float


def meeting(left: Side, right: Side, name: str) -> tuple[Vector, Vector] | None:
    """Shares of all pairs that meet in each set, and values of a variable on both sides.

    None where a side's sets are not known.
    """
    if left.spread is None or right.spread is None:
        return None
    ours, theirs = left.spread.shares.get(name), right.spread.shares.get(name)
    if ours is None or theirs is None:
        return None
    values = _values(left, right, name)
    both = left.now * ours * right.now * theirs / values
    return ours * theirs / values, both


def found_share(one: Side, other: Side, name: str) -> float | None:
    """Share of one side's rows that find a partner; None where a side's sets are not known."""
    if one.spread is None or other.spread is None:
        return None
    ours, theirs = one.spread.shares.get(name), other.spread.shares.get(name)
    if ours is None or theirs is None:
        return None
    held = np.minimum(other.now * theirs / _values(one, other, name), 1.0)
    return float(ours @ held)


def _values(left: Side, right: Side, name: str) -> Vector:
    """Different values a variable may have in each set: its subjects, or objects if fewer."""
    assert left.spread is not None
    assert right.spread is not None
    objects = np.maximum(
        left.before * left.spread.shares[name], right.before * right.spread.shares[name]
    )
    held = (left.spread.present.get(name), right.spread.present.get(name))
    presents = [present for present in held if present is not None]
    subjects = left.spread.sets.subjects
    if presents:
        return np.maximum(subjects * reduce(np.maximum, presents), 1.0)
    found = np.minimum(objects, subjects)
    found[-1] = objects[-1]
    return np.maximum(found, 1.0)


def merged(left: Spread | None, right: Spread | None, met: Mapping[str, Vector]) -> Spread | None:
    """The spread of a join; ``met`` are shares of pairs by variable, see :func:`meeting`."""
    if left is None or right is None:
        return left or right
    for name, pairs in met.items():
        whole = _whole(pairs)
        left, right = left.narrowed(name, whole), right.narrowed(name, whole)
    present = {**left.present, **right.present}
    for name in left.present.keys() & right.present.keys():
        present[name] = np.maximum(left.present[name], right.present[name])
    shares = {**right.shares, **left.shares}
    return Spread(left.sets, shares, present, (*left.links, *right.links))


def united(left: Spread | None, right: Spread | None, rows: tuple[float, float]) -> Spread | None:
    """The spread of a union of so many rows each."""
    total = sum(rows)
    if left is None or right is None or total <= 0:
        return None
    shares = {
        name: (left.shares[name] * rows[0] + right.shares[name] * rows[1]) / total
        for name in left.shares.keys() & right.shares.keys()
    }
    present = {
        name: np.maximum(left.present[name], right.present[name])
        for name in left.present.keys() & right.present.keys()
    }
    return Spread(left.sets, shares, present)


def _ratio(after: Vector, before: Vector) -> Vector:
    return np.asarray(np.where(before > 0, after / np.maximum(before, 1e-300), 0.0))


def _whole(shares: Vector) -> Vector:
    total = shares.sum()
    return shares / total if total > 0 else shares
