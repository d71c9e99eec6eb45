"""Interval joins: comparisons of times join two sides, everything else is tested after them.

DuckDB sorts both sides for them (IE_JOIN, PIECEWISE_MERGE_JOIN), or hashes where ends are equal.
Whatever else must hold stands inside ``CASE WHEN … THEN true ELSE false END``: an equality of few
values as a plain condition would make DuckDB choose a hash join of near all pairs. None of this is
materialised, for DuckDB has no IE_JOIN in a statement with a materialised CTE, only the other,
which compares 100,000 periods with as many in minutes instead of a third of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from .. import lower
from ..algebra import Call, Expr, IntervalJoin, Plan, expression_variables
from ..conditions import conjuncts, is_settled
from ..lower import sql
from ..passes.interval_calls import Timing, timing
from ..passes.sides import FEW
from .context import Context
from .decode import decode, demand
from .expressions import tests
from .pairing import Pairing, join_undecoded, pair
from .relation import Relation, Scope, Sql, make, outputs, relations_of, select, source


def interval_join(
    context: Context,
    left: Relation,
    right: Relation,
    node: IntervalJoin,
    keep: Sequence[str] | None = None,
) -> Relation:
    """Join two relations by when they are; the result has the variables ``keep``."""
    first, second = context.alias(), context.alias()
    pairing = pair(left.read(first), right.read(second))
    compared, rest = _conditions(context, node.conditions, node.residual, pairing)
    kind = "INNER" if compared else "CROSS"
    on = sql.every(compared) if compared else None
    join = exp.Join(this=source(right.query, second), kind=kind, on=on)
    kept = {n: value for n, value in pairing.scope.items() if keep is None or n in keep}
    body = select(outputs(kept), source(left.query, first), [join], rest)
    return make(kept, body, join_undecoded(left, right))


def _conditions(
    context: Context, conditions: Sequence[Call], residual: Sequence[Expr], pairing: Pairing
) -> tuple[list[Sql], list[Sql]]:
    """Comparisons of one side with the other, and all else as one condition that is no equality."""
    scope: Scope = {**context.outer, **pairing.scope}
    compared: list[Sql] = []
    rest = [*pairing.keys, *pairing.residuals]
    for condition in conditions:
        found = lower.interval_condition(condition, scope)
        compared += found.join
        rest += [] if found.residual is None else [found.residual]
    for other in residual:
        rest += tests(context, other, pairing.scope)
    if not rest:
        return compared, []
    return compared, [sql.case([(sql.every(rest), sql.boolean(True))], sql.boolean(False))]


def interval_exists(
    context: Context, left: Relation, right: Relation, condition: Expr, *, negated: bool
) -> Relation:
    """Rows of the left for which the right has one, or none, that fulfils the condition."""
    found, left, right = _split(context, condition, left, right)
    left = context.opened(left.unordered())
    alias = context.alias()
    pairing = pair(left.shape, right.read(alias))
    where = _within(_conditions(context, *found, pairing), left.shape)
    held = exp.Exists(this=select([sql.number(1)], source(right.query, alias), where=where))
    return left.where([sql.negate(held) if negated else held])


def interval_optional(
    context: Context, left: Relation, right: Relation, condition: Expr
) -> Relation:
    """Rows of the left with those of the right that fulfil the condition, or alone."""
    found, left, right = _split(context, condition, left, right)
    first, second, third = (context.alias() for _ in range(3))
    mine = left.read(first)
    pairing = pair(mine, right.read(second))
    where = _within(_conditions(context, *found, pairing), mine)
    new = {name: value for name, value in right.read(second).items() if name not in mine}
    matches = make(new, select(outputs(new), source(right.query, second), where=where))
    lateral = exp.Lateral(this=exp.Subquery(this=matches.query), alias=_named(third))
    join = exp.Join(this=lateral, side="LEFT", on=sql.boolean(True))
    added = {n: replace(value, maybe_unbound=True) for n, value in matches.read(third).items()}
    scope = {**mine, **added}
    undecoded = left.undecoded | (right.undecoded & added.keys())
    return make(scope, select(outputs(scope), source(left.query, first), [join]), undecoded)


def _within(conditions: tuple[list[Sql], list[Sql]], around: Scope) -> list[Sql]:
    """Conditions as a sub-query has them that reads the values around it."""
    relations = relations_of(around)
    return [lower.without_captures(node, relations) for held in conditions for node in held]


def _named(alias: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(alias, quoted=True))


def _split(
    context: Context, condition: Expr, left: Relation, right: Relation
) -> tuple[tuple[list[Call], list[Expr]], Relation, Relation]:
    """The parts of a condition, and both sides with the texts that it reads."""
    found, rest = _parts(condition, left, right)
    calls = [one.call for one in found]
    for part in (*calls, *rest):
        left, right = (decode(context, side, demand(part)) for side in (left, right))
    return (calls, rest), left, right


def joins_by_time(
    context: Context, condition: Expr, left: Relation, right: Relation, expected: Plan
) -> bool:
    """Whether a condition brings rows of two relations together by their times.

    It must be a relation of periods near each other, and what the relations share always bound and
    of few values: an equality of many joins better. ``expected`` is the right's plan.
    """
    found, rest = _parts(condition, left, right)
    if not any(one.near for one in found) or not all(map(is_settled, rest)):
        return False
    held = left.shape.keys() | right.shape.keys()
    if not expression_variables(condition) <= held | context.outer.keys():
        return False
    shared = left.shape.keys() & right.shape.keys()
    if not all(left.always(name) and right.always(name) for name in shared):
        return False
    return not shared or all(context.estimate(expected).of(name) <= FEW for name in shared)


def _parts(condition: Expr, left: Relation, right: Relation) -> tuple[list[Timing], list[Expr]]:
    """The parts of a conjunction that relate periods of both relations, and the other parts."""
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
    return found, rest
