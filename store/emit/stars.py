"""Stars over entity tables: patterns that a row answers together are one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from ..algebra import Bgp
from .branches import MOST_SCANS, Branch, branches, scans, within_row
from .context import Context
from .expressions import restrict
from .hanging import Hanging
from .joins import inner_join
from .optional import left_join
from .relation import Relation
from .row_scan import Beside, scan_row
from .scan import scan_lanes, scan_pattern
from .target import Target, target_of
from .trees import Tree, trees
from .union import union_all


def stars(context: Context, bgp: Bgp, hanging: Sequence[Hanging] = ()) -> Relation:
    """The solutions of patterns with constant predicates in one graph.

    ``hanging`` are OPTIONAL patterns about subjects of these.
    """
    target = target_of(context, bgp)
    found = trees(target.lanes, bgp.patterns)
    if not hanging:
        return inner_join(context, [_tree(context, target, tree) for tree in found])
    whole = replace(bgp, patterns=(*bgp.patterns, *(p for h in hanging for p in h.patterns)))
    target = replace(target_of(context, whole), windows=bgp.windows, ranges=bgp.ranges)
    parts = []
    for tree in found:
        subjects = {pattern.subject for pattern in tree.every_pattern()}
        own = [one for one in hanging if one.tree.subject in subjects]
        parts.append(_tree(context, target, tree, own))
    return inner_join(context, parts)


def _tree(
    context: Context, target: Target, tree: Tree, hanging: Sequence[Hanging] = ()
) -> Relation:
    if scans(target, tree) <= MOST_SCANS:
        return _star(context, target, tree, hanging)
    parts: list[Relation] = []
    for star in tree.without_links():
        if scans(target, star) <= MOST_SCANS:
            parts.append(_star(context, target, star))
        else:
            parts += [scan_pattern(context, target, pattern) for pattern in star.patterns]
    joined = inner_join(context, parts)
    return reduce(lambda rows, one: _left_joined(context, target, rows, one), hanging, joined)


def _star(
    context: Context, target: Target, tree: Tree, hanging: Sequence[Hanging] = ()
) -> Relation:
    found = [_branch(context, target, branch, hanging) for branch in branches(target, tree) or ()]
    return union_all(context, [relation for relation in found if relation is not None])


def _branch(
    context: Context, target: Target, branch: Branch, hanging: Sequence[Hanging]
) -> Relation | None:
    """The solutions whose triples lie in one kind of place; None if there are none."""
    placed = {id(one): within_row(target, branch, one.tree) for one in hanging}
    beside = [
        Beside(way.matches, one.condition)
        for one in hanging
        if (way := placed[id(one)]) is not None and not way.rest and not way.outside
    ]
    parts: list[Relation] = []
    if branch.matches:
        row = scan_row(context, target, branch.matches, beside)
        if row is None:
            return None
        parts.append(row)
    for pattern in branch.rest:
        lanes = scan_lanes(context, target, pattern)
        if lanes is None:
            return None
        parts.append(lanes)
    parts += [_star(context, target, child) for child in branch.outside]
    relation = inner_join(context, parts)
    for one in hanging:
        way = placed[id(one)]
        if way is None:
            relation = _left_joined(context, target, relation, one)
        elif way.rest or way.outside:
            relation = _left_joined(context, target, relation, one, way)
    return relation


def _left_joined(
    context: Context,
    target: Target,
    rows: Relation,
    hanging: Hanging,
    way: Branch | None = None,
) -> Relation:
    """Left join an OPTIONAL that does not lie in the row, or not wholly."""
    right = None
    if way is not None and not way.matches:
        right = _branch(context, target, way, ())
        if right is None:
            return rows
    if right is None:
        right = _tree(context, target, hanging.tree)
    if hanging.condition is not None:
        right = restrict(context, right, hanging.condition)
    return left_join(context, rows, right)
