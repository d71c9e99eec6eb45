"""Spatial joins: one indexable predicate joins, everything else is tested after it.

Whatever else must hold, equalities above all, stands inside ``CASE WHEN … THEN true ELSE
false END``: as plain conditions they would make DuckDB choose a hash join (engine notes, B6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlglot import exp

from .. import lower
from ..algebra import Call, Expr, SpatialJoin, Unit, Var, expression_variables
from ..conditions import conjuncts
from ..lower import sql
from ..passes.spatial_calls import DISTANCES, Meeting, meeting
from ..passes.walk import substituted
from .context import Context
from .decode import decode, demand
from .expressions import tests
from .giants import giant_side
from .modifiers import extend
from .pairing import join_undecoded, pair
from .relation import Relation, Sql, column, make, named, outputs, select, source, table
from .tiles import JOINED, TILED, tiled, too_large

Late = tuple[Sql, Mapping[Sql, Sql]]
"""A test of pairs once they are materialised, and what it reads in place of some columns."""

_COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})


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
    names = left.shape.keys() | right.shape.keys()
    left, right, node = _with_columns(context, left, right, node)
    first, second = context.alias(), context.alias()
    pairing = pair(left.read(first), right.read(second))
    scope = pairing.scope
    fewer, rows = _fewer(context, node, left, right)
    few = frozenset(fewer.shape)
    rest = [*pairing.keys, *pairing.residuals]
    giants = giant_side(context, node, (left, right), scope)
    queries, late = [left.query, right.query], list[Late]()
    if giants is None:
        predicate, exact = lower.spatial_condition(node.condition, {**context.outer, **scope}, few)
        rest += [] if exact is None else [exact]
    else:
        queries[giants.second] = giants.keyed(queries[giants.second], context.alias())
        key = giants.key((first, second))
        found = lower.giant_condition(node.condition, scope, giants.variable, key)
        predicate = found.join
        late.append((found.test, found.thinned))
    for residual in node.residual:
        rest += tests(context, residual, scope)
    origin = source(queries[0], first)
    join = exp.Join(this=source(queries[1], second), kind="INNER", on=predicate)
    tiles: list[tuple[str, exp.Query]] = []
    if context.tiled or too_large(rows):
        free = (context.alias(), context.alias())
        tiles, origin, join, meeting = tiled(
            (queries[0], first), (queries[1], second), predicate, free
        )
        rest = [meeting, predicate, *rest]
        context.notes.spatial.append(TILED)
    else:
        context.notes.spatial.append(JOINED)
    slow = [test for test in rest if lower.in_python(test)]
    late += [(test, {}) for test in slow]
    wanted = names if keep is None else set(keep)
    kept = {name: value for name, value in scope.items() if name in wanted}
    pairs = context.alias()
    items, tested = _tested_later(late, (first, second), pairs)
    where = _whole([test for test in rest if test not in slow])
    body = select([*outputs(kept), *items], origin, [join], where)
    name = exp.to_identifier(context.alias(), quoted=True)
    if late:
        numbered = source(_numbered(table(name, context.alias())), pairs)
        query = select(outputs(make(kept, body).read(pairs)), numbered, where=tested)
    else:
        query = select([exp.Star()], table(name, pairs))
    for alias, made in tiles:
        called = exp.to_identifier(alias, quoted=True)
        query = query.with_(called, as_=made, materialized=False, copy=False)
    query = query.with_(name.copy(), as_=body, materialized=True, copy=False)
    return make(kept, query, join_undecoded(left, right))


def _numbered(rows: exp.Table) -> exp.Select:
    """The rows with their numbers: DuckDB moves no condition through a window.

    It does move them into a common table expression, materialised or not.
    """
    number = exp.Window(this=sql.func("row_number"))
    return select([exp.Star(), named(number, "#n")], rows)


def _whole(tests: Sequence[Sql]) -> list[Sql]:
    """All tests as one condition that is no equality."""
    if not tests:
        return []
    return [sql.case([(sql.every(tests), sql.boolean(True))], sql.boolean(False))]


def _tested_later(
    tests: Sequence[Late], sides: tuple[str, str], pairs: str
) -> tuple[list[Sql], list[Sql]]:
    """Columns that pairs need for tests once they are materialised, and the tests over them.

    A join gives hundreds of nearly empty vectors, and a call of Python costs as much for one row
    as for two thousand. A test may name columns of which it needs less than the whole.
    """
    needed: dict[str, Sql] = {}

    def read(node: Sql, thinned: Mapping[Sql, Sql]) -> Sql:
        if not isinstance(node, exp.Column) or node.table not in sides:
            return node
        thin = thinned.get(node)
        name = f"{node.table}.{node.name}" + ("" if thin is None else ".thin")
        made = column(node.name, node.table) if thin is None else thin
        needed.setdefault(name, named(made, name))
        return column(name, pairs)

    moved = [sql.own(test).transform(read, thinned) for test, thinned in tests]
    return [*needed.values()], moved


def _fewer(
    context: Context, node: SpatialJoin, left: Relation, right: Relation
) -> tuple[Relation, float]:
    """The side that has fewer rows and how many, as far as that can be told."""
    if isinstance(node.left, Unit) or isinstance(node.right, Unit):
        return left, 0.0
    rows = [context.estimate(side).rows for side in (node.left, node.right)]
    return (right, rows[1]) if rows[1] < rows[0] else (left, rows[0])


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
    """Whether the geometries are of one side each, and what limits their distance of one."""
    own, theirs = left.shape.keys(), right.shape.keys()
    one, other = (expression_variables(expr) for expr in (found.first, found.second))
    forward = one <= own - theirs and other <= theirs - own
    if not (one and other and (forward or (one <= theirs - own and other <= own - theirs))):
        return False
    limits = frozenset() if found.limit is None else expression_variables(found.limit)
    return limits <= own - theirs or limits <= theirs - own


def _with_columns(
    context: Context, left: Relation, right: Relation, node: SpatialJoin
) -> tuple[Relation, Relation, SpatialJoin]:
    """The sides with the geometries made for the condition as variables, made once a row."""
    made: dict[Expr, Expr] = {}
    for expr in _geometries(node.condition):
        names = expression_variables(expr)
        if isinstance(expr, Var) or expr in made or not names:
            continue
        variable = f"#{context.alias()}"
        if names <= left.shape.keys():
            left = extend(context, left, variable, expr)
        else:
            right = extend(context, right, variable, expr)
        made[expr] = Var(variable)
    if not made:
        return left, right, node
    condition = substituted(node.condition, made)
    assert isinstance(condition, Call)
    residual = tuple(substituted(expr, made) for expr in node.residual)
    return left, right, SpatialJoin(node.left, node.right, condition, residual)


def _geometries(call: Call) -> tuple[Expr, ...]:
    """The two geometries a condition relates."""
    for arg in call.args:
        if isinstance(arg, Call) and arg.op in DISTANCES and call.op in _COMPARISONS:
            return arg.args[:2]
    return call.args[:2]
