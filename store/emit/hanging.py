"""OPTIONAL patterns about the subject of a star: they hang on it, to be read from its rows.

A left join commutes with joins, filters and other left joins that it shares no more than the
subject with, which is bound in every solution.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..algebra import (
    Bgp,
    Expr,
    Filter,
    LeftJoin,
    Plan,
    TriplePattern,
    Var,
    expression_variables,
    mentioned,
    visible,
)
from ..conditions import conjuncts, is_settled
from .branches import few_choices
from .context import Context
from .target import target_of
from .trees import Tree, is_starlike, trees


@dataclass(frozen=True, slots=True)
class Hanging:
    """An OPTIONAL: a tree whose subject is one of a star, and a condition on it alone."""

    tree: Tree
    condition: Expr | None = None

    @property
    def patterns(self) -> tuple[TriplePattern, ...]:
        """All of its patterns."""
        return tuple(self.tree.every_pattern())


@dataclass(frozen=True, slots=True)
class Laden:
    """A star, the conditions around it and what hangs on it."""

    star: Bgp
    conditions: tuple[Expr, ...]
    hanging: tuple[Hanging, ...] = ()


def chain(plan: LeftJoin) -> tuple[Plan, list[LeftJoin]]:
    """What a chain of OPTIONALs begins with, and its links, the first one first."""
    links: list[LeftJoin] = []
    base: Plan = plan
    while isinstance(base, LeftJoin):
        links.insert(0, base)
        base = base.left
    return base, links


def hang(
    context: Context, parts: Sequence[Plan], links: Iterable[LeftJoin], around: Iterable[Expr]
) -> tuple[dict[int, Laden], list[LeftJoin]]:
    """Hang OPTIONALs on the parts of a join that are stars.

    Returns
    -------
    dict of int to Laden
        By their numbers, the parts on which something hangs.
    list of LeftJoin
        Those that hang nowhere.
    """
    laden: dict[int, Laden] = {}
    left: list[LeftJoin] = []
    taken = set().union(*map(mentioned, parts), *map(expression_variables, around))
    for link in links:
        found = _hanging(context, link, parts, taken)
        taken |= mentioned(link.right)
        if link.condition is not None:
            taken |= expression_variables(link.condition)
        if found is None:
            left.append(link)
            continue
        at, hanging = found
        held = laden.get(at) or _unladen(parts[at])
        assert held is not None
        laden[at] = Laden(held.star, held.conditions, (*held.hanging, hanging))
    return laden, left


def _unladen(part: Plan) -> Laden | None:
    match part:
        case Bgp(patterns) if patterns and all(map(is_starlike, patterns)):
            return Laden(part, ())
        case Filter(condition, Bgp(patterns) as star) if all(map(is_starlike, patterns)):
            return Laden(star, tuple(conjuncts(condition)))
    return None


def _hanging(
    context: Context, link: LeftJoin, parts: Sequence[Plan], taken: set[str]
) -> tuple[int, Hanging] | None:
    """On which part an OPTIONAL can hang, and how."""
    right, condition = link.right, link.condition
    if not isinstance(right, Bgp) or not all(map(is_starlike, right.patterns)):
        return None
    if not all(few_choices(context.lanes(), pattern) for pattern in right.patterns):
        return None
    grown = trees(context.lanes(), right.patterns)
    if len(grown) != 1 or not isinstance(grown[0].subject, Var):
        return None
    if target_of(context, right).merges:
        return None
    tree = grown[0]
    shared = {one.name for one in (tree.subject, right.graph) if isinstance(one, Var)}
    own = set(visible(right))
    if own & taken - shared or (condition is not None and not _decided_by(condition, own)):
        return None
    for at, part in enumerate(parts):
        star = _unladen(part)
        if star is None or star.star.graph != right.graph:
            continue
        if any(pattern.subject == tree.subject for pattern in star.star.patterns):
            return at, Hanging(tree, condition)
    return None


def _decided_by(condition: Expr, names: set[str]) -> bool:
    return is_settled(condition) and expression_variables(condition) <= names
