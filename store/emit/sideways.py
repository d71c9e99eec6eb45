"""Joins that hold paths: what is bound beside a path is where the path starts.

The parts of a join without open paths come first; then one path after the other, each seeded from
what it is connected to. A path that nothing connects is walked whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..algebra import (
    Bgp,
    Closure,
    Distinct,
    Extend,
    Filter,
    GraphName,
    Group,
    Join,
    OrderBy,
    Plan,
    Project,
    TermTable,
    Union,
    Unit,
    Values,
    Var,
    child_plans,
)
from ..conditions import is_settled
from .context import Context
from .joins import inner_join
from .naming import named_before, reads_outer
from .relation import Relation
from .seeds import Seed

_NARROWER: Final = 0.25
"""Share of the seeds a join with more parts must leave to be made for them."""

Emit = Callable[[Plan, Context], Relation]


@dataclass(frozen=True, slots=True)
class _Part:
    """Plans already emitted, and their relation."""

    plans: tuple[Plan, ...]
    relation: Relation


def joined_parts(context: Context, parts: Sequence[Plan], leaf: Emit) -> Relation:
    """The inner join of plans; ``leaf`` emits one of them."""
    open_ends = {k: frozenset(_open_ends(part)) for k, part in enumerate(parts)}
    ready = [
        _Part((part,), leaf(part, context)) for k, part in enumerate(parts) if not open_ends[k]
    ]
    late = [k for k in range(len(parts)) if open_ends[k]]
    while late:
        found = {k: _seeds(context, ready, open_ends[k]) for k in late}
        best = min(late, key=lambda k: _smallest(found[k]))
        late.remove(best)
        ready, seeds = _shared(context, ready, found[best])
        inside = replace(context, seeds={**context.seeds, **seeds})
        ready.append(_Part((parts[best],), leaf(parts[best], inside)))
    return inner_join(context, [part.relation for part in ready])


def seeded_by(
    context: Context, plan: Plan, left: Relation, right: Plan
) -> tuple[Relation, Context]:
    """The left side of an OPTIONAL, and the context to emit its right side in."""
    certain = {name: seed for name, seed in context.seeds.items() if left.always(name)}
    inside = replace(context, seeds=certain)
    ends = frozenset(_open_ends(right))
    if not ends:
        return left, inside
    ready = [_Part((plan,), left)]
    ready, seeds = _shared(context, ready, _seeds(context, ready, ends))
    return ready[0].relation, replace(inside, seeds={**certain, **seeds})


def _open_ends(plan: Plan) -> Iterator[str]:
    """Variables at the ends of paths without a constant, as far as seeds reach down."""
    match plan:
        case Closure(subject=Var(start), object=Var(end)):
            yield from (start, end)
        case Project(names, child):
            yield from (name for name in _open_ends(child) if name in names)
        case Join() | Union() | Filter() | Extend() | Distinct() | OrderBy():
            for child in child_plans(plan):
                yield from _open_ends(child)


def _smallest(seeds: Mapping[str, tuple[list[int], Seed]]) -> float:
    return min((seed.size for _, seed in seeds.values()), default=float("inf"))


def _seeds(
    context: Context, ready: Sequence[_Part], ends: frozenset[str]
) -> dict[str, tuple[list[int], Seed]]:
    """For each end that is bound: the parts that bind it, and the seed they make."""
    found: dict[str, tuple[list[int], Seed]] = {}
    for end in sorted(ends):
        binding = [k for k, part in enumerate(ready) if part.relation.always(end)]
        if not binding:
            continue
        sizes = {k: _size(context, ready[k], end) for k in binding}
        direct = min(binding, key=lambda k: sizes[k])
        chosen, size = [direct], sizes[direct]
        around = _connected(ready, direct)
        narrowed = _size(context, _Part(_plans(ready, around), ready[direct].relation), end)
        if narrowed < _NARROWER * size:
            chosen, size = around, narrowed
        if any(reads_outer(context, ready[k].relation) for k in chosen):
            continue
        relation = ready[direct].relation
        nodes = frozenset(
            graph for k in chosen for plan in ready[k].plans for graph in _nodes_of(plan, end)
        )
        found[end] = (chosen, Seed(end, relation, size, nodes))
    return found


def _plans(ready: Sequence[_Part], chosen: Sequence[int]) -> tuple[Plan, ...]:
    return tuple(plan for k in chosen for plan in ready[k].plans)


def _size(context: Context, part: _Part, variable: str) -> float:
    plan, *further = part.plans
    for other in further:
        plan = Join(plan, other)
    return context.estimate(plan).of(variable)


def _connected(ready: Sequence[_Part], first: int) -> list[int]:
    """Parts connected to one by shared variables, in order of their connection."""
    reached, names = [first], set(ready[first].relation.shape)
    grown = True
    while grown:
        grown = False
        for k, part in enumerate(ready):
            if k not in reached and any(map(part.relation.always, names)):
                reached.append(k)
                names |= part.relation.shape.keys()
                grown = True
    return reached


def _shared(
    context: Context, ready: list[_Part], found: Mapping[str, tuple[list[int], Seed]]
) -> tuple[list[_Part], dict[str, Seed]]:
    """Make the seeds' relations; what must not or should not run twice is kept under a name."""
    ready = list(ready)
    for k in {k for chosen, _ in found.values() for k in chosen}:
        if not all(map(_cheap, ready[k].plans)):
            _, relation = named_before(context, ready[k].relation)
            ready[k] = replace(ready[k], relation=relation)
    seeds: dict[str, Seed] = {}
    for end, (chosen, seed) in found.items():
        copies = [_copied(ready[k].relation) for k in chosen]
        seeds[end] = replace(seed, relation=inner_join(context, copies))
    return ready, seeds


def _copied(relation: Relation) -> Relation:
    relation = relation.unordered()
    return replace(relation, source=relation.query.copy())


def _cheap(plan: Plan) -> bool:
    """Return whether the plan gives the same solutions each time, and soon."""
    match plan:
        case Filter(condition, child):
            return is_settled(condition) and _cheap(child)
        case Bgp() | Values() | TermTable() | Unit() | Closure():
            return True
        case Join(left, right) | Union(left, right):
            return _cheap(left) and _cheap(right)
    return False


def _nodes_of(plan: Plan, variable: str) -> Iterator[GraphName]:
    """Graphs of which the variable is certainly a node."""
    match plan:
        case Bgp(patterns, graph):
            if any(Var(variable) in (p.subject, p.object) for p in patterns):
                yield graph
        case Closure(subject, object, sign=sign, graph=graph) if Var(variable) in (subject, object):
            if sign == "+" or (isinstance(subject, Var) and isinstance(object, Var)):
                yield graph
        case Filter(_, child):
            yield from _nodes_of(child, variable)
        case Group(keys, _, child) if (variable, Var(variable)) in keys:
            yield from _nodes_of(child, variable)
        case Join(left, right):
            yield from _nodes_of(left, variable)
            yield from _nodes_of(right, variable)
