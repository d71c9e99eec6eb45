"""The parts of a join with those triple patterns grouped that rows of a table may answer together.

Filters that stand around some patterns of a star move around the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..algebra import (
    Bgp,
    Expr,
    Filter,
    GraphName,
    Plan,
    TriplePattern,
    ValueRange,
    Window,
    expression_variables,
    visible,
)
from ..conditions import conjuncts, is_settled
from ..passes.walk import filtered
from .branches import branches, few_choices
from .context import Context
from .lane_index import LaneIndex
from .target import Target, target_of
from .trees import Tree, is_starlike, trees


@dataclass(frozen=True, slots=True)
class _Piece:
    """Patterns of one graph that were one part, and the conditions around them."""

    at: int
    part: Plan
    bgp: Bgp
    conditions: tuple[Expr, ...] = ()


def grouped(context: Context, parts: Sequence[Plan]) -> tuple[list[Plan], list[Expr]]:
    """Merge parts into stars; conditions that no part has all variables of are left over."""
    if context.snapshot is None or not context.snapshot.tables:
        return list(parts), []
    made: list[tuple[int, Plan]] = []
    pieces: dict[GraphName, list[_Piece]] = {}
    for at, part in enumerate(parts):
        piece = _piece(context.lanes(), at, part)
        if piece is None:
            made.append((at, part))
        else:
            pieces.setdefault(piece.bgp.graph, []).append(piece)
    left: list[Expr] = []
    for graph, found in pieces.items():
        more, over = _stars(context, graph, found)
        made += more
        left += over
    return [part for _, part in sorted(made, key=lambda one: one[0])], left


def _piece(lanes: LaneIndex, at: int, part: Plan) -> _Piece | None:
    def fits(pattern: TriplePattern) -> bool:
        return is_starlike(pattern) and few_choices(lanes, pattern)

    match part:
        case Bgp((pattern,)) if fits(pattern):
            return _Piece(at, part, part)
        case Filter(condition, Bgp(patterns) as bgp) if patterns and all(map(fits, patterns)):
            conditions = tuple(conjuncts(condition))
            inside = visible(bgp)
            if all(expression_variables(c) <= inside and is_settled(c) for c in conditions):
                return _Piece(at, part, bgp, conditions)
    return None


def _stars(
    context: Context, graph: GraphName, pieces: Sequence[_Piece]
) -> tuple[list[tuple[int, Plan]], list[Expr]]:
    """The stars of one graph by their place; pieces that share none stay what they were."""
    whole = _merged(graph, pieces)
    target = target_of(context, whole)
    if target.merges:
        return [(piece.at, piece.part) for piece in pieces], []
    owners = [k for k, piece in enumerate(pieces) for _ in piece.bgp.patterns]
    made: list[tuple[int, Plan]] = []
    over: list[Expr] = []
    for members, group in _connected(target, whole.patterns, owners):
        own = [pieces[k] for k in members]
        if (len(own) == 1 and own[0].conditions) or not any(_pays(target, t) for t in group):
            made += [(piece.at, piece.part) for piece in own]
            continue
        conditions = [condition for piece in own for condition in piece.conditions]
        for tree in group:
            plan = _merged(graph, own, tuple(tree.every_pattern()))
            inside = [c for c in conditions if expression_variables(c) <= visible(plan)]
            conditions = [c for c in conditions if c not in inside]
            made.append((own[0].at, filtered(plan, inside)))
        over += conditions
    return made, over


def _merged(
    graph: GraphName, pieces: Iterable[_Piece], patterns: tuple[TriplePattern, ...] | None = None
) -> Bgp:
    every: list[TriplePattern] = []
    windows: dict[Window, None] = {}
    ranges: dict[ValueRange, None] = {}
    for piece in pieces:
        every += piece.bgp.patterns
        windows |= dict.fromkeys(piece.bgp.windows)
        ranges |= dict.fromkeys(piece.bgp.ranges)
    return Bgp(tuple(every) if patterns is None else patterns, graph, tuple(windows), tuple(ranges))


def _connected(
    target: Target, patterns: Sequence[TriplePattern], owners: Sequence[int]
) -> list[tuple[list[int], list[Tree]]]:
    """Trees that hold patterns of the same pieces, together with those pieces."""
    of_pattern: dict[int, int] = {
        id(pattern): k for pattern, k in zip(patterns, owners, strict=True)
    }
    groups: list[tuple[set[int], list[Tree]]] = []
    for tree in trees(target.lanes, patterns):
        members = {of_pattern[id(pattern)] for pattern in tree.every_pattern()}
        joined = [group for group in groups if group[0] & members]
        groups = [group for group in groups if not group[0] & members]
        held = [one for group in joined for one in group[1]]
        groups.append((members.union(*(group[0] for group in joined)), [*held, tree]))
    return [(sorted(members), found) for members, found in groups]


def _pays(target: Target, tree: Tree) -> bool:
    """Return whether some row answers several patterns."""
    found = (branches(target, star) or () for star in (tree, *tree.without_links()))
    return any(len(branch.matches) > 1 for star in found for branch in star)
