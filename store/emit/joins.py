"""Inner joins with SPARQL's compatibility: an unbound variable is compatible with anything.

Shared variables that are always bound are equality keys. One that may be unbound is a residual
beside a key; without any key the join is a UNION ALL over who is bound where (engine notes, B2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from sqlglot import exp

from ..lower import sql
from ..values import Value
from .context import Context
from .keys import bound, certain, compatible, merged, same_term, unbound
from .relation import Relation, Scope, Sql, empty, make, outputs, select, table
from .union import union_all

_MAX_SPLIT = 3


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


def inner_join(context: Context, relations: Sequence[Relation]) -> Relation:
    """Join relations, connected ones first, as one flat SELECT where all keys are certain."""
    waiting = [relation.unordered() for relation in relations]
    if len(waiting) == 1:
        return waiting[0]
    chain = _Chain(context, waiting.pop(0))
    while waiting:
        at = _next(chain.relation_shape, waiting)
        if not chain.add(waiting.pop(at)):
            return empty()
    return chain.finished()


def _next(shape: Iterable[str], waiting: Sequence[Relation]) -> int:
    names = set(shape)
    connected = (k for k, relation in enumerate(waiting) if names & relation.shape.keys())
    return next(connected, 0)


class _Chain:
    """A flat join that grows; it starts over from a sub-query where a join must be split."""

    def __init__(self, context: Context, first: Relation) -> None:
        self._context = context
        self._start(first)

    def _start(self, first: Relation) -> None:
        self._whole = self._context.opened(first)

    @property
    def relation_shape(self) -> Iterable[str]:
        """Variables joined so far."""
        return self._whole.shape.keys()

    def add(self, relation: Relation) -> bool:
        """Join one more relation; False if nothing can come out."""
        whole, more = self._whole, _one_table(self._context, relation)
        pairing = pair(whole.shape, more.shape)
        if not pairing.possible:
            return False
        if pairing.residuals and not pairing.keys:
            self._start(split_join(self._context, whole, relation))
            return True
        on = sql.every([*pairing.keys, *pairing.residuals])
        origin = sql.own(more.body.origin)
        join = (
            exp.Join(this=origin, kind="INNER", on=on)
            if pairing.keys
            else exp.Join(this=origin, kind="CROSS")
        )
        undecoded = join_undecoded(whole, relation)
        joined = whole.joined(join).where(more.body.where)
        self._whole = replace(joined, shape=pairing.scope, undecoded=undecoded)
        return True

    def finished(self) -> Relation:
        """The join as one relation."""
        return self._whole


def _one_table(context: Context, relation: Relation) -> Relation:
    """The relation, open; closed before if it is a join itself."""
    relation = context.opened(relation)
    if relation.body.joins:
        return replace(relation, source=relation.query).opened(context.alias())
    return relation


def split_join(context: Context, left: Relation, right: Relation) -> Relation:
    """Join without any certain key: one branch for each way the shared variables are bound."""
    names = pair(left.shape, right.shape).uncertain
    split, rest = names[:_MAX_SPLIT], names[_MAX_SPLIT:]
    with_left, with_right = context.alias(), context.alias()
    branches = [
        _branch(
            context,
            (left, with_left),
            (right, with_right),
            dict(zip(split, states, strict=True)),
            rest,
        )
        for states in product(*(_states(left.shape[name], right.shape[name]) for name in split))
    ]
    joined = union_all(context, branches)
    query = select([exp.Star()], exp.Subquery(this=joined.query))
    for name, relation in ((with_left, left), (with_right, right)):
        query = query.with_(
            exp.to_identifier(name, quoted=True),
            as_=relation.query,
            materialized=True,
            copy=False,
        )
    return Relation(query, joined.shape, join_undecoded(left, right))


def _states(left: Value, right: Value) -> list[str]:
    """Both bound, left unbound, or only right unbound: disjoint, and all there is."""
    states = ["both"]
    if left.maybe_unbound:
        states.append("left")
    if right.maybe_unbound:
        states.append("right")
    return states


def _branch(
    context: Context,
    left: tuple[Relation, str],
    right: tuple[Relation, str],
    states: dict[str, str],
    rest: Sequence[str],
) -> Relation:
    first, second = context.alias(), context.alias()
    mine, theirs = left[0].read(first), right[0].read(second)
    keys = [
        same_term(mine[name], theirs[name]) for name, state in states.items() if state == "both"
    ]
    tests = [compatible(mine[name], theirs[name]) for name in rest]
    for name, state in states.items():
        if state == "left":
            tests.append(unbound(mine[name]))
        elif state == "right":
            tests += [bound(mine[name]), unbound(theirs[name])]
    scope = pair(mine, theirs).scope
    joined = table(exp.to_identifier(right[1], quoted=True), second)
    on = {"on": sql.every(keys)} if keys else {}
    join = exp.Join(this=joined, kind="INNER" if keys else "CROSS", **on)
    origin = table(exp.to_identifier(left[1], quoted=True), first)
    return make(scope, select(outputs(scope), origin, [join], tests))
