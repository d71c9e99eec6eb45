"""Stars over entity tables: patterns that a row answers together are one scan."""

from __future__ import annotations

from ..algebra import Bgp
from .branches import MOST_SCANS, Branch, branches, scans
from .context import Context
from .joins import inner_join
from .relation import Relation
from .row_scan import scan_row
from .scan import scan_lanes, scan_pattern
from .target import Target, target_of
from .trees import Tree, trees
from .union import union_all


def stars(context: Context, bgp: Bgp) -> Relation:
    """The solutions of patterns with constant predicates in one graph."""
    target = target_of(context, bgp)
    found = trees(target.snapshot, bgp.patterns)
    return inner_join(context, [_tree(context, target, tree) for tree in found])


def _tree(context: Context, target: Target, tree: Tree) -> Relation:
    if scans(target, tree) <= MOST_SCANS:
        return _star(context, target, tree)
    parts: list[Relation] = []
    for star in tree.without_links():
        if scans(target, star) <= MOST_SCANS:
            parts.append(_star(context, target, star))
        else:
            parts += [scan_pattern(context, target, pattern) for pattern in star.patterns]
    return inner_join(context, parts)


def _star(context: Context, target: Target, tree: Tree) -> Relation:
    found = [_branch(context, target, branch) for branch in branches(target, tree) or ()]
    return union_all(context, [relation for relation in found if relation is not None])


def _branch(context: Context, target: Target, branch: Branch) -> Relation | None:
    """The solutions whose triples lie in one kind of place; None if there are none."""
    parts: list[Relation] = []
    if branch.matches:
        row = scan_row(context, target, branch.matches)
        if row is None:
            return None
        parts.append(row)
    for pattern in branch.rest:
        lanes = scan_lanes(context, target, pattern)
        if lanes is None:
            return None
        parts.append(lanes)
    parts += [_star(context, target, child) for child in branch.outside]
    return inner_join(context, parts)
