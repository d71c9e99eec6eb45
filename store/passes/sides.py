"""The two sides of a join by a condition: parts of a pattern that little else connects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI

from ..algebra import Bgp, LeftJoin, Plan, TermTable, Var, expression_variables, visible
from ..catalog import Snapshot
from .walk import certain, joined, leaves

FEW: Final = 1000
"""Different values up to which an equality of them joins worse than a condition."""
_OFTEN: Final = 4


def parts_of(plan: Plan) -> list[Plan]:
    """What a tree of inner joins joins; an OPTIONAL stays with the parts it shares variables with.

    It then adds the same to each of their solutions, whatever they are joined with.
    """
    if not isinstance(plan, LeftJoin):
        return list(leaves(plan))
    parts = parts_of(plan.left)
    names = set(visible(plan.right))
    if plan.condition is not None:
        names |= expression_variables(plan.condition)
    near = [part for part in parts if names & set(visible(part))]
    held = joined(near)
    shared = names & shown(parts)
    if not near or not shared <= certain(held):
        return [plan]
    others = [part for part in parts if part not in near]
    return [*others, LeftJoin(held, plan.right, plan.condition)]


def bound(parts: Sequence[Plan]) -> frozenset[str]:
    """Variables bound in every solution of the parts' join."""
    return frozenset(chain.from_iterable(map(certain, parts)))


def shown(parts: Sequence[Plan]) -> frozenset[str]:
    """Variables bound in some solution of the parts' join."""
    return frozenset(chain.from_iterable(map(visible, parts)))


def reaches(parts: Sequence[Plan], names: frozenset[str], *, surely: bool = True) -> bool:
    """Whether the parts bind all of these, and belong together."""
    linked, _ = connected(parts, set(sorted(names)[:1]), frozenset())
    held = bound(parts) if surely else shown(parts)
    return names <= held and len(linked) == len(parts)


def split(
    parts: Sequence[Plan],
    first: frozenset[str],
    second: frozenset[str],
    ignored: frozenset[str],
    *,
    surely: bool = True,
) -> tuple[list[Plan], list[Plan]] | None:
    """The parts connected to the first variables, and the rest, which holds the second ones.

    None where there are no two such sides, or, if ``surely``, the variables may be unbound.
    """
    reached, names = connected(parts, first, ignored)
    if second & names or not reached:
        return None
    others = [part for part in parts if part not in reached]
    held = bound if surely else shown
    if not (second <= held(others) and first <= held(reached)):
        return None
    crossing = {name for part in others for name in visible(part)} & names
    sure = all(_certain_on_both(name, reached, others) for name in crossing)
    return (reached, others) if sure else None


def _certain_on_both(name: str, reached: Sequence[Plan], others: Sequence[Plan]) -> bool:
    return all(any(name in certain(part) for part in side) for side in (reached, others))


def connected(
    parts: Sequence[Plan], names: Set[str], ignored: frozenset[str]
) -> tuple[list[Plan], Set[str]]:
    """The parts that shared variables, but for those ignored, lead to; and all their variables."""
    reached: list[Plan] = []
    waiting = list(parts)
    grown = True
    while grown:
        grown = False
        for part in list(waiting):
            if (names - ignored) & set(visible(part)):
                names = names | set(visible(part))
                reached.append(part)
                waiting.remove(part)
                grown = True
    order = [part for part in parts if part in reached]
    return order, names


def weak_links(parts: Sequence[Plan], snapshot: Snapshot | None) -> frozenset[str]:
    """Variables that stand only as objects of predicates, or in tables, with few values."""
    counts = Counter(name for part in parts for name in visible(part))
    shared = {name for name, count in counts.items() if count > 1}
    strong: set[str] = set()
    weak: set[str] = set()
    for part in parts:
        match part:
            case Bgp((pattern,)) if isinstance(pattern.predicate, IRI):
                few = _few_objects(pattern.predicate.value, snapshot)
                for node in (pattern.subject, pattern.object):
                    if isinstance(node, Var):
                        (weak if node is pattern.object and few else strong).add(node.name)
            case TermTable(variables, table):
                for name in shared.intersection(variables):
                    (weak if _repeats(table, name) else strong).add(name)
            case _:
                strong |= set(visible(part))
    return frozenset(weak - strong)


def _repeats(table: pa.Table, name: str) -> bool:
    """Whether a column of terms has few different values, each of them often."""
    distinct = pc.count_distinct(pc.struct_field(table.column(name), "value")).as_py()
    return bool(distinct <= FEW and distinct * _OFTEN <= len(table))


def _few_objects(predicate: str, snapshot: Snapshot | None) -> bool:
    if snapshot is None:
        return False
    counts = [lane.distinct_objects for lane in snapshot.lanes if lane.predicate == predicate]
    return bool(counts) and all(count is not None and count <= FEW for count in counts)
