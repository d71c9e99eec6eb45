"""Spatial joins: one indexable predicate joins, everything else is tested after it.

Whatever else must hold, equalities above all, stands inside ``CASE WHEN … THEN true ELSE
false END``: as plain conditions they would make DuckDB choose a hash join (engine notes, B6).
"""

from __future__ import annotations

from sqlglot import exp

from .. import lower
from ..algebra import SpatialJoin
from ..lower import sql
from .context import Context
from .expressions import tests
from .joins import join_undecoded, pair
from .relation import Relation, make, outputs, select, source


def spatial_join(context: Context, left: Relation, right: Relation, node: SpatialJoin) -> Relation:
    """Join two relations by a spatial predicate."""
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
    query = select(outputs(scope), source(left.query, first), [join], where)
    return make(scope, query, join_undecoded(left, right))
