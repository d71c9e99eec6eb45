"""The nearest few: boxes one after the other, each read only if those before held too few.

Each step is a common table expression with the solutions of its box that are near enough; the next
is a product with one row or none, so that DuckDB stops reading it at once where it is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from sqlglot import exp

from ..algebra import Nearest, Plan, Window
from ..lower import sql
from ..passes.spatial_window import with_window
from ..passes.walk import told
from .context import Context
from .expressions import evaluate
from .naming import named_before, reads_outer
from .relation import Relation, Sql, named, select, source, table
from .union import union_all


@dataclass(frozen=True, slots=True)
class _Step:
    """Solutions under a name, and whether they are enough together with what has no place."""

    rows: Relation
    enough: Sql


def nearest(context: Context, node: Nearest) -> Relation:
    """Solutions among which are the nearest."""
    unseeded = replace(context, seeds={})
    whole = context.emit(node.child, context)
    if reads_outer(context, whole):
        return whole
    nowhere = _named(context, _within(unseeded, node, Window(node.variable, _NO_BOX, "", True)))
    steps: list[_Step] = []
    for window, reach in node.steps:
        inside = context.opened(_within(unseeded, node, window))
        near = inside.where([_at_most(context, node, inside, reach)])
        name, rows = named_before(context, _gated(context, near, steps))
        total = sql.binary("+", _count(name), _count(nowhere[0]))
        steps.append(_Step(rows, sql.binary(">=", total, sql.number(node.count))))
    found = [_where(context, step.rows, [step.enough]) for step in steps]
    some = sql.any_of([step.enough for step in steps])
    rest = _gated(context, context.opened(whole), steps)
    return union_all(context, [*found, _where(context, nowhere[1], [some]), rest])


_NO_BOX = (0.0, 0.0, 0.0, 0.0)


def _within(context: Context, node: Nearest, window: Window) -> Relation:
    child: Plan = told(node.child, node.variable, partial(with_window, window))
    return context.emit(child, context).unordered()


def _named(context: Context, relation: Relation) -> tuple[str, Relation]:
    return named_before(context, context.opened(relation))


def _at_most(context: Context, node: Nearest, inside: Relation, reach: float) -> Sql:
    """The distance is an error, or not beyond what the box is sure to hold."""
    distance = evaluate(context, node.key, inside.shape).get("double")
    limit = sql.cast(sql.number(repr(reach)), "DOUBLE")
    return sql.any_of([sql.is_null(distance), sql.binary("<=", distance, limit)])


def _gated(context: Context, relation: Relation, steps: list[_Step]) -> Relation:
    """The relation, empty where one of the steps before was enough."""
    if not steps:
        return relation
    alias = context.alias()
    short = [sql.negate(step.enough) for step in steps]
    gate = source(select([named(sql.number(1), "#")], where=short), alias)
    return relation.joined(exp.Join(this=gate, kind="CROSS"))


def _where(context: Context, relation: Relation, tests: list[Sql]) -> Relation:
    return context.opened(relation).where(tests)


def _count(name: str) -> Sql:
    origin = table(exp.to_identifier(name, quoted=True), "#")
    return exp.Subquery(this=select([sql.func("count", exp.Star())], origin))
