"""Spatial joins: one indexable predicate joins, everything else is tested after it.

Whatever else must hold, equalities above all, stands inside ``CASE WHEN … THEN true ELSE
false END``: as plain conditions they would make DuckDB choose a hash join (engine notes, B6).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from .. import lower
from ..algebra import Expr, SpatialJoin, Unit, Var
from ..conditions import conjuncts
from ..lower import sql
from ..passes.spatial_calls import Meeting, meeting
from .context import Context
from .decode import decode, demand
from .expressions import tests
from .pairing import join_undecoded, pair
from .relation import Relation, make, outputs, select, source, table


def spatial_join(
    context: Context,
    left: Relation,
    right: Relation,
    node: SpatialJoin,
    keep: Sequence[str] | None = None,
) -> Relation:
    """Join two relations by a spatial predicate; the result has the variables ``keep``.

    It is materialised: a join planned on top would make DuckDB take the predicate for a filter
    over a cross product.
    """
    first, second = context.alias(), context.alias()
    pairing = pair(left.read(first), right.read(second))
    scope = pairing.scope
    predicate, exact = lower.spatial_condition(node.condition, {**context.outer, **scope})
    rest = [*pairing.keys, *pairing.residuals]
    if exact is not None:
        rest.append(exact)
    for residual in node.residual:
        rest += tests(context, residual, scope)
    join = exp.Join(this=source(right.query, second), kind="INNER", on=predicate)
    where = [sql.case([(sql.every(rest), sql.boolean(True))], sql.boolean(False))] if rest else []
    kept = {name: value for name, value in scope.items() if keep is None or name in keep}
    body = select(outputs(kept), source(left.query, first), [join], where)
    name = context.alias()
    query = select([exp.Star()], table(exp.to_identifier(name, quoted=True), context.alias()))
    query = query.with_(
        exp.to_identifier(name, quoted=True), as_=body, materialized=True, copy=False
    )
    return make(kept, query, join_undecoded(left, right))


def spatial_pairs(
    context: Context,
    rows: Relation,
    right: Relation,
    condition: Expr,
    keep: Sequence[str] | None = None,
) -> Relation | None:
    """The pairs of rows for which a condition holds that is spatial between them, or None."""
    split = split_spatial(condition, rows, right)
    if split is None:
        return None
    found, rest = split
    for other in rest:
        rows = decode(context, rows, demand(other))
        right = decode(context, right, demand(other))
    node = SpatialJoin(Unit(), Unit(), found.call, tuple(rest))
    return spatial_join(context, rows, right, node, keep)


def split_spatial(
    condition: Expr, left: Relation, right: Relation
) -> tuple[Meeting, list[Expr]] | None:
    """The part of a conjunction that is spatial between two relations, and the other parts."""
    parts = list(conjuncts(condition))
    for part in parts:
        found = meeting(part)
        if found is not None and _across(found, left, right):
            rest = [other for other in parts if other is not part]
            return found, (rest if found.rest is None else [*rest, found.rest])
    return None


def _across(found: Meeting, left: Relation, right: Relation) -> bool:
    match found.first, found.second:
        case Var(one), Var(other):
            own, theirs = left.shape.keys(), right.shape.keys()
            forward = one in own - theirs and other in theirs - own
            return forward or (other in own - theirs and one in theirs - own)
    return False
