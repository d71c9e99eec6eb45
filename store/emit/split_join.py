"""Inner joins without any variable that is always bound on both sides (engine notes, B2).

A solution pair either has a variable bound on both sides, and the first of them is the key of a
hash join, one branch a variable; or it has none, and then it is enough that the sets of bound
variables are disjoint: both sides are joined through a table of all such pairs of sets, so that
only combinations that occur cost anything. No branch is a nested loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

from sqlglot import exp

from ..lower import sql
from ..values import Value
from .context import Context
from .keys import bound, compatible, same_term, unbound
from .naming import named_before, read_by_name, reads_outer
from .pairing import join_undecoded, pair
from .relation import Relation, Sql, column, select
from .union import union_all

_IN_SETS: Final = 6
"""Variables whose boundness is joined by sets; further ones are tested beside them."""

_LEFT, _RIGHT = "#left", "#right"


def split_join(context: Context, left: Relation, right: Relation) -> Relation:
    """Join two sides whose shared variables may all be unbound."""
    names = pair(left.shape, right.shape).uncertain
    sides = [_Side(context, side) for side in (left, right)]
    branches = [_first_bound(context, sides, names, k) for k in range(len(names))]
    branches.append(_none_bound(context, sides, names))
    joined = union_all(context, branches)
    undecoded = join_undecoded(left, right)
    query = joined.query
    for side in sides:
        query = side.before(query)
    return Relation(query, joined.shape, undecoded)


class _Side:
    """One side under a name, since several branches read it."""

    def __init__(self, context: Context, relation: Relation) -> None:
        self._context = context
        self._local = reads_outer(context, relation)
        self._relation = relation
        self._name = context.alias() if self._local else named_before(context, relation)[0]

    def read(self) -> Relation:
        """The side, open, under an alias of its own."""
        relation = self._relation
        return read_by_name(self._context, self._name, relation, tuple(relation.shape))

    def before(self, query: exp.Query) -> exp.Query:
        """The query with the side defined before it, where it is not before the statement."""
        if not self._local:
            return query
        whole = select([exp.Star()], exp.Subquery(this=query))
        name = exp.to_identifier(self._name, quoted=True)
        return whole.with_(name, as_=self._relation.query, materialized=True, copy=False)


def _first_bound(
    context: Context, sides: Sequence[_Side], names: Sequence[str], k: int
) -> Relation:
    """Pairs of which ``names[k]`` is the first variable bound on both sides."""
    left, right = (side.read() for side in sides)
    mine, theirs = left.shape, right.shape
    tests = [_apart(mine[name], theirs[name]) for name in names[:k]]
    tests += [compatible(mine[name], theirs[name]) for name in names[k + 1 :]]
    key = same_term(mine[names[k]], theirs[names[k]])
    join = exp.Join(this=right.body.origin, kind="INNER", on=sql.every([key, *tests]))
    return left.joined(join).with_shape(pair(mine, theirs).scope)


def _apart(left: Value, right: Value) -> Sql:
    """SQL: the variable is bound on one side at most."""
    return sql.any_of([unbound(value) for value in (left, right) if value.maybe_unbound])


def _none_bound(context: Context, sides: Sequence[_Side], names: Sequence[str]) -> Relation:
    """Pairs without a variable bound on both sides, through the table of disjoint sets."""
    inside, beside = names[:_IN_SETS], names[_IN_SETS:]
    left, right = (side.read() for side in sides)
    mine, theirs = left.shape, right.shape
    sets = context.alias()
    own, other = [mine[name] for name in inside], [theirs[name] for name in inside]
    on = sql.binary("=", column(_LEFT, sets), _set_of(own))
    first = exp.Join(this=_disjoint_sets(own, other, sets), kind="INNER", on=on)
    equal = sql.binary("=", column(_RIGHT, sets), _set_of(other))
    tests = [_apart(mine[name], theirs[name]) for name in beside]
    second = exp.Join(this=right.body.origin, kind="INNER", on=sql.every([equal, *tests]))
    return left.joined(first, second).with_shape(pair(mine, theirs).scope)


def _set_of(values: Sequence[Value]) -> Sql:
    """The set of bound variables as a number, a bit each."""
    bits = [
        sql.case([(bound(value), sql.number(1 << k))], sql.number(0))
        for k, value in enumerate(values)
    ]
    total = bits[0]
    for bit in bits[1:]:
        total = sql.binary("+", total, bit)
    return sql.cast(total, "INTEGER")


def _disjoint_sets(left: Sequence[Value], right: Sequence[Value], alias: str) -> exp.Values:
    """All pairs of sets of bound variables that have none in common."""
    states = [
        [state for state in ((0, 0), (1, 0), (0, 1)) if _possible(one, state[0], other, state[1])]
        for one, other in zip(left, right, strict=True)
    ]
    rows = [
        exp.Tuple(expressions=[_bits(chosen, side) for side in (0, 1)])
        for chosen in product(*states)
    ]
    columns = [exp.to_identifier(name, quoted=True) for name in (_LEFT, _RIGHT)]
    held = exp.TableAlias(this=exp.to_identifier(alias, quoted=True), columns=columns)
    return exp.Values(expressions=rows, alias=held)


def _bits(chosen: Sequence[tuple[int, int]], side: int) -> Sql:
    number = sum(pair_[side] << k for k, pair_ in enumerate(chosen))
    return sql.cast(sql.number(number), "INTEGER")


def _possible(left: Value, left_bound: int, right: Value, right_bound: int) -> bool:
    sides = ((left, left_bound), (right, right_bound))
    return all(bound_ or value.maybe_unbound for value, bound_ in sides)
