"""Sides of a spatial join of which a few geometries have very many vertices.

See :mod:`store.lower.giant_joins`. Only where files are known to hold such geometries is a join
planned this way; elsewhere it would cost a test more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from .. import lower
from ..algebra import SpatialJoin, Unit
from ..values import column_name
from .context import Context
from .relation import Relation, Scope, column, named, select, source

_KEY: Final = "#giant"
_FEW: Final = 10_000
"""Rows of a side of which each geometry may be looked at before the join."""


@dataclass(frozen=True, slots=True)
class GiantSide:
    """The variable whose geometries are few and some of them giants; ``second``: on the right."""

    variable: str
    second: bool

    def key(self, sides: tuple[str, str]) -> exp.Column:
        """The column with the keys of giants, in one of two relations of these aliases."""
        return column(_KEY, sides[self.second])

    def keyed(self, query: exp.Query, alias: str) -> exp.Select:
        """The rows of the side with the keys of the giants among them."""
        geometry = column(column_name(self.variable, "geometry"), alias)
        everything = exp.Column(this=exp.Star(), table=exp.to_identifier(alias, quoted=True))
        return select([everything, named(lower.giant_key(geometry), _KEY)], source(query, alias))


def giant_side(
    context: Context, node: SpatialJoin, sides: tuple[Relation, Relation], scope: Scope
) -> GiantSide | None:
    """The side of a spatial join whose giants are to be asked one by one; None if there is none."""
    found: list[tuple[float, GiantSide]] = []
    for plan, relation in zip((node.left, node.right), sides, strict=True):
        if isinstance(plan, Unit):
            continue
        variable = lower.giant_side(node.condition, scope, frozenset(relation.shape))
        estimate = context.estimate(plan)
        if variable is None or estimate.rows > _FEW:
            continue
        files = (file for lane, _ in estimate.lanes_of(variable) for file in lane.files)
        if any((file.largest or 0) >= lower.GIANT_BYTES for file in files):
            found.append((estimate.rows, GiantSide(variable, relation is sides[1])))
    return min(found, key=lambda one: one[0])[1] if found else None
