"""Interval joins: comparisons of times join two sides, everything else is tested after them.

DuckDB sorts both sides for them (IE_JOIN, PIECEWISE_MERGE_JOIN), or hashes where ends are equal.
Whatever else must hold stands inside ``CASE WHEN … THEN true ELSE false END``: an equality of few
values as a plain condition would make DuckDB choose a hash join of near all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from .. import lower
from ..algebra import Expr, IntervalJoin, Unit
from ..conditions import conjuncts
from ..lower import sql
from ..passes.interval_calls import Timing, timing
from .context import Context
from .decode import decode, demand
from .expressions import tests
from .pairing import join_undecoded, pair
from .relation import Relation, Sql, make, outputs, select, source, table


def interval_join(
    context: Context,
    left: Relation,
    right: Relation,
    node: IntervalJoin,
    keep: Sequence[str] | None = None,
) -> Relation:
    """Join two relations by when they are; the result has the variables ``keep``.

    It is materialised: no join planned on top can then come before the comparisons.
    """
    first, second = context.alias(), context.alias()
    pairing = pair(left.read(first), right.read(second))
    scope = pairing.scope
    rest = [*pairing.keys, *pairing.residuals]
    compared: list[Sql] = []
    for condition in node.conditions:
        found = lower.interval_condition(condition, {**context.outer, **scope})
        compared += found.join
        rest += [] if found.residual is None else [found.residual]
    for residual in node.residual:
        rest += tests(context, residual, scope)
    kind = "INNER" if compared else "CROSS"
    on = sql.every(compared) if compared else None
    join = exp.Join(this=source(right.query, second), kind=kind, on=on)
    where = [sql.case([(sql.every(rest), sql.boolean(True))], sql.boolean(False))] if rest else []
    kept = {name: value for name, value in scope.items() if keep is None or name in keep}
    body = select(outputs(kept), source(left.query, first), [join], where)
    name = exp.to_identifier(context.alias(), quoted=True)
    query = select([exp.Star()], table(name, context.alias()))
    query = query.with_(name.copy(), as_=body, materialized=True, copy=False)
    return make(kept, query, join_undecoded(left, right))


def interval_pairs(
    context: Context,
    rows: Relation,
    right: Relation,
    condition: Expr,
    keep: Sequence[str] | None = None,
) -> Relation | None:
    """The pairs of rows for which a condition on both their times holds, or None."""
    split = split_interval(condition, rows, right)
    if split is None:
        return None
    found, rest = split
    for other in (*rest, *(one.call for one in found)):
        rows = decode(context, rows, demand(other))
        right = decode(context, right, demand(other))
    node = IntervalJoin(Unit(), Unit(), tuple(one.call for one in found), tuple(rest))
    return interval_join(context, rows, right, node, keep)


def split_interval(
    condition: Expr, left: Relation, right: Relation
) -> tuple[list[Timing], list[Expr]] | None:
    """The parts of a conjunction on times of two relations, and the other parts.

    None unless one is a relation of periods near each other: an equality then joins better.
    """
    own = frozenset(left.shape.keys() - right.shape.keys())
    theirs = frozenset(right.shape.keys() - left.shape.keys())
    found: list[Timing] = []
    rest: list[Expr] = []
    for part in conjuncts(condition):
        one = timing(part)
        if one is not None and not one.compares and one.across(own, theirs):
            found.append(one)
        else:
            rest.append(part)
    return (found, rest) if any(one.near for one in found) else None
