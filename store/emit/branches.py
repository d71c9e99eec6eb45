"""Where the subject of a star may be: in the rows of a table, or in no row with its predicates.

A subject is a row of at most one table a graph, and its triples with the table's predicates all lie
in that row, all others in lanes. So the solutions of a star are, for every view of a table that has
some of its predicates, the row joined with lanes for the others, and the join of lanes for all of
them; no solution comes twice. Where no lane has a predicate the branch is empty, and usually one
scan is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final

from ontology import IRI

from ..algebra import Node, TriplePattern, Var
from ..catalog import LaneTable
from .lane_index import Columns, LaneIndex
from .row_scan import Match
from .scan import can_match
from .target import Target
from .trees import Tree

MOST_SCANS: Final = 32
"""Scans that a star may become; beyond, each of its patterns is scanned by itself."""

_FEW_COLUMNS: Final = 3

_MOST_CHOICES: Final = 8
"""Ways to choose among columns of the same predicates."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the triples of a star lie.

    Attributes
    ----------
    matches : tuple of Match
        In one row of a table; empty if none does.
    rest : tuple of TriplePattern
        In lanes.
    outside : tuple of Tree
        Stars that hang on it but lie elsewhere.
    views : mapping of node to view
        The subjects that lie in the row.
    """

    matches: tuple[Match, ...] = ()
    rest: tuple[TriplePattern, ...] = ()
    outside: tuple[Tree, ...] = ()
    views: Mapping[Node, str] = field(default_factory=dict)

    def with_row_of(self, other: Branch) -> Branch:
        """Both, lying in the same row."""
        return Branch(
            self.matches + other.matches,
            self.rest + other.rest,
            self.outside + other.outside,
            {**self.views, **other.views},
        )


def branches(target: Target, tree: Tree) -> list[Branch] | None:
    """The branches of a star; None if there are too many ways."""
    found: list[Branch] = []
    for table in target.lanes.tables_of(_predicates(tree.patterns)):
        if not any(_is_read(target, part.graph) for part in table.parts):
            continue
        columns = target.lanes.columns(table)
        for view in table.views:
            own = _in_row(target, columns, tree, view)
            if own is None:
                return None
            found += own
    found += _in_lanes(target, tree)
    return found


def scans(target: Target, tree: Tree, most: int = MOST_SCANS) -> int:
    """How many scans a star becomes; more than ``most`` where it is too many."""
    found = branches(target, tree)
    if found is None:
        return most + 1
    count = 0
    for branch in found:
        count += bool(branch.matches) + len(branch.rest)
        for child in branch.outside:
            if count > most:
                return count
            count += scans(target, child, most - count)
    return count


def few_choices(lanes: LaneIndex, pattern: TriplePattern) -> bool:
    """Return whether few columns of any one view may match a pattern."""
    if not isinstance(pattern.object, Var):
        return True
    held = (lane for one in _predicates([pattern]) for lane in lanes.of(one))
    places = (lane.place for lane in held if can_match(lane, pattern))
    found = Counter((id(place.table), place.column.view) for place in places if place)
    return max(found.values(), default=0) <= _FEW_COLUMNS


def _is_read(target: Target, graph: int | None) -> bool:
    return graph is None if target.graphs is None else graph in target.graphs


def _predicates(patterns: Sequence[TriplePattern]) -> list[str]:
    return [one.predicate.value for one in patterns if isinstance(one.predicate, IRI)]


def _of(columns: Columns, view: str, pattern: TriplePattern) -> Sequence[LaneTable]:
    assert isinstance(pattern.predicate, IRI)
    return columns.get((view, pattern.predicate.value), ())


def _in_row(target: Target, columns: Columns, tree: Tree, view: str) -> list[Branch] | None:
    """Branches whose subject is of a view; none unless the view has some of the predicates."""
    if not any(_of(columns, view, pattern) for pattern in tree.patterns):
        return []
    return _placed(target, columns, tree, view)


def _placed(target: Target, columns: Columns, tree: Tree, view: str) -> list[Branch] | None:
    """Branches whose subject is known to be of a view."""
    choices: list[list[Match]] = []
    rest: list[TriplePattern] = []
    for pattern in tree.patterns:
        held = _of(columns, view, pattern)
        if held:
            choices.append(_matches(pattern, held))
        elif _in_any_lane(target, pattern):
            rest.append(pattern)
        else:
            return []
    if prod(map(len, choices)) > _MOST_CHOICES:
        return None
    found: list[Branch] = []
    for chosen in product(*choices):
        own = Branch(chosen, tuple(rest), (), {tree.subject: view})
        grown = _with_links(target, columns, tree, own)
        if grown is None:
            return None
        found += grown
    return found


def _matches(pattern: TriplePattern, held: Sequence[LaneTable]) -> list[Match]:
    """The columns a pattern may match: any of them at once for a constant object."""
    found = [lane for lane in held if can_match(lane, pattern)]
    if isinstance(pattern.object, Var) or len(found) < 2:
        return [Match(pattern, lane) for lane in found]
    return [Match(pattern, found[0], tuple(found[1:]))]


def _with_links(target: Target, columns: Columns, tree: Tree, own: Branch) -> list[Branch] | None:
    """A branch with the stars that hang on it: in the same row where its column is a view."""
    found = [own]
    for link, child in tree.links:
        links = (m for m in own.matches if m.pattern is link and not m.others)
        column = next((match.place.column.name for match in links), None)
        table = own.matches[0].place.table if own.matches else None
        if column is None or table is None or column not in table.views:
            ways: list[Branch] | None = [Branch(outside=(child,))]
        else:
            ways = _placed(target, columns, child, column)
        if ways is None:
            return None
        found = [branch.with_row_of(way) for branch in found for way in ways]
    return found


def within_row(target: Target, branch: Branch, tree: Tree) -> Branch | None:
    """Where a further tree about a subject of a branch's row lies, beginning at that row.

    None if it cannot be told for the branch as a whole: the subject is not in the row, or several
    columns may hold an object. Without any match nothing of it lies in the row.
    """
    view = branch.views.get(tree.subject)
    if view is None or not branch.matches:
        return None
    ways = _placed(target, target.lanes.columns(branch.matches[0].place.table), tree, view)
    if ways is None or len(ways) > 1:
        return None
    return ways[0] if ways else Branch(rest=tree.patterns)


def _in_lanes(target: Target, tree: Tree) -> Iterator[Branch]:
    if all(_in_any_lane(target, pattern) for pattern in tree.patterns):
        yield Branch(rest=tree.patterns, outside=tuple(child for _, child in tree.links))


def _in_any_lane(target: Target, pattern: TriplePattern) -> bool:
    lanes = (lane for one in _predicates([pattern]) for lane in target.lanes.of(one))
    return any(lane.place is None and can_match(lane, pattern) for lane in lanes)
