"""Plans to relations: one case a node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from ontology import IRI, UnsupportedError

from ..algebra import (
    Bgp,
    Closure,
    Distinct,
    Empty,
    Exists,
    Expr,
    Extend,
    Filter,
    Given,
    Group,
    IntervalJoin,
    Join,
    LeftJoin,
    Minus,
    Nearest,
    OrderBy,
    Plan,
    Project,
    RemoteScan,
    Service,
    Slice,
    SpatialJoin,
    TermTable,
    Union,
    Unit,
    Values,
    Var,
    expression_variables,
    mentioned,
)
from ..conditions import conjunction, conjuncts
from ..engine.limits import check_limit
from ..passes.interval_calls import timing
from ..passes.spatial_calls import meeting
from . import modifiers
from .closure import closure
from .context import Context
from .decode import decode, demand
from .expressions import restrict
from .grouping import grouped
from .hanging import chain, hang
from .interval import interval_exists, interval_join, interval_optional, joins_by_time
from .joins import inner_join
from .late_tests import joined_first
from .leaves import inline, term_table
from .naming import read_by_name
from .nearest import nearest
from .optional import left_join, minus, numbered_left_join, semi_join
from .relation import Relation, empty, unit
from .scan import scan
from .sideways import joined_parts, seeded_by
from .spatial import spatial_join, spatial_pairs, split_spatial
from .stars import stars
from .union import union_all


def emit(plan: Plan, context: Context) -> Relation:
    """Turn a plan into SQL.

    Raises
    ------
    UnsupportedError
        For remote leaves, which federation must answer first.
    DeadlineError
        The time is up.
    """
    check_limit()
    match plan:
        case Unit():
            return unit()
        case Empty():
            return empty()
        case Bgp() | Join():
            return _joined(plan, context)
        case Values():
            return inline(context, plan)
        case TermTable():
            return term_table(context, plan)
        case Given(name, variables):
            return read_by_name(context, name, context.given[name], variables)
        case RemoteScan() | Service():
            raise _remote(plan)
        case Closure():
            return closure(context, plan)
        case SpatialJoin():
            return _spatial(plan, context, None)
        case Project(names, SpatialJoin() as pairs):
            return _spatial(pairs, context, names)
        case IntervalJoin():
            return _interval(plan, context, None)
        case Project(names, IntervalJoin() as pairs):
            return _interval(pairs, context, names)
        case Nearest():
            return nearest(context, plan)
        case LeftJoin():
            return _optional(plan, context)
        case Union():
            return union_all(context, [emit(branch, context) for branch in _branches(plan)])
        case Minus(left, right, apart):
            unseeded = replace(context, seeds={})
            return minus(context, emit(left, context), emit(right, unseeded), apart)
        case Filter(condition, child):
            rows = joined_first(context, emit(child, context), child, condition)
            return _filtered(rows, condition, context)
        case _:
            return _modified(plan, context)


def _modified(
    plan: Extend | Group | OrderBy | Project | Distinct | Slice, context: Context
) -> Relation:
    child = emit(plan.child, _inside(plan, context))
    match plan:
        case Extend(variable, expr):
            return modifiers.extend(context, child, variable, expr)
        case Group():
            return modifiers.group(context, child, plan)
        case OrderBy(keys):
            return modifiers.order(context, child, keys)
        case Project(variables):
            return modifiers.project(context, child, variables)
        case Distinct():
            return modifiers.distinct(context, child)
        case Slice(_, offset, limit, per):
            return modifiers.limit(context, child, offset, limit, per)
        case _:
            assert_never(plan)


def _inside(plan: Plan, context: Context) -> Context:
    """The context of the child: seeds reach down only as far as they drop no other solution."""
    match plan:
        case Project(names):
            seeds = {name: seed for name, seed in context.seeds.items() if name in names}
            return replace(context, seeds=seeds)
        case Group() | Slice():
            return replace(context, seeds={})
    return context


def _joined(plan: Bgp | Join, context: Context) -> Relation:
    parts, conditions = grouped(context, list(_parts(plan)))
    return _all_filtered(joined_parts(context, parts, _part), conditions, context)


def _parts(plan: Plan) -> Iterator[Plan]:
    """Flatten nested joins and basic graph patterns into what they join."""
    match plan:
        case Join(left, right):
            yield from _parts(left)
            yield from _parts(right)
        case Bgp(patterns) if len(patterns) > 1:
            yield from (replace(plan, patterns=(pattern,)) for pattern in patterns)
        case _:
            yield plan


def _part(plan: Plan, context: Context) -> Relation:
    match plan:
        case Bgp((), Var(name)):
            graphs = tuple((IRI(graph),) for graph in context.graph_names())
            return inline(context, Values((name,), graphs))
        case Bgp((), IRI(name)):
            return unit() if name in context.graph_names() else empty()
        case Bgp((_,)):
            return scan(context, plan)
        case Bgp(()):
            return unit()
        case Bgp():
            return stars(context, plan)
    return emit(plan, context)


def _branches(plan: Plan) -> Iterator[Plan]:
    if isinstance(plan, Union):
        yield from _branches(plan.left)
        yield from _branches(plan.right)
    else:
        yield plan


def _filtered(relation: Relation, condition: Expr, context: Context) -> Relation:
    """FILTER; an EXISTS by place or time between inside and outside is a join by these."""
    rest: list[Expr] = []
    for part in conjuncts(condition):
        near = _paired_exists(relation, part, context) if isinstance(part, Exists) else None
        if near is None:
            rest.append(part)
        else:
            relation = near
    if not rest:
        return relation
    return restrict(context, relation, conjunction(rest))


def _paired_exists(relation: Relation, part: Exists, context: Context) -> Relation | None:
    if not isinstance(part.plan, Filter):
        return None
    condition, child = part.plan.condition, part.plan.child
    if not any(meeting(test) or timing(test) for test in conjuncts(condition)):
        return None
    inner = emit(child, replace(context, outer={}))
    if mentioned(child) - inner.shape.keys():
        return None
    if split_spatial(condition, relation, inner) is None:
        if not joins_by_time(context, condition, relation, inner, child):
            return None
        return interval_exists(context, relation, inner, condition, negated=part.negated)

    def match(rows: Relation) -> Relation:
        number = [name for name in rows.shape if name not in relation.shape]
        pairs = spatial_pairs(context, rows, inner, condition, number)
        assert pairs is not None
        return pairs

    return semi_join(context, relation.unordered(), match, negated=part.negated)


def _spatial(plan: SpatialJoin, context: Context, keep: Sequence[str] | None) -> Relation:
    left, right = emit(plan.left, context), emit(plan.right, context)
    for residual in plan.residual:
        left, right = (decode(context, side, demand(residual)) for side in (left, right))
    return spatial_join(context, left, right, plan, keep)


def _interval(plan: IntervalJoin, context: Context, keep: Sequence[str] | None) -> Relation:
    left, right = emit(plan.left, context), emit(plan.right, context)
    for test in (*plan.conditions, *plan.residual):
        left, right = (decode(context, side, demand(test)) for side in (left, right))
    return interval_join(context, left, right, plan, keep)


def _optional(plan: LeftJoin, context: Context) -> Relation:
    found = _laden(plan, context)
    if found is None:
        return _left_joined(plan, emit(plan.left, context), context)
    relation, links = found
    for link in links:
        relation = _left_joined(link, relation, context)
    return relation


def _laden(plan: LeftJoin, context: Context) -> tuple[Relation, list[LeftJoin]] | None:
    """The start of a chain of OPTIONALs with those that hang on its stars, and the others."""
    base, links = chain(plan)
    around: list[Expr] = []
    while isinstance(base, Filter):
        around += conjuncts(base.condition)
        base = base.child
    if context.snapshot is None or not context.snapshot.tables:
        return None
    if not isinstance(base, Bgp | Join):
        return None
    parts, over = grouped(context, list(_parts(base)))
    around += over
    laden, left = hang(context, parts, links, around)
    if not laden:
        return None
    plans = {id(parts[at]): held for at, held in laden.items()}

    def leaf(part: Plan, inside: Context) -> Relation:
        held = plans.get(id(part))
        if held is None:
            return _part(part, inside)
        relation = stars(inside, held.star, held.hanging)
        return _all_filtered(relation, held.conditions, inside)

    return _all_filtered(joined_parts(context, parts, leaf), around, context), left


def _all_filtered(relation: Relation, conditions: Sequence[Expr], context: Context) -> Relation:
    if not conditions:
        return relation
    return _filtered(relation, conjunction(conditions), context)


def _left_joined(plan: LeftJoin, left: Relation, context: Context) -> Relation:
    left, inside = seeded_by(context, plan.left, left, plan.right)
    right = emit(plan.right, inside)
    condition = plan.condition
    if condition is None:
        return left_join(context, left, right)
    if _right_only(condition, left, right):
        return left_join(context, left, restrict(context, right, condition))

    spatial = split_spatial(condition, left, right) is not None
    if not spatial and joins_by_time(context, condition, left, right, plan.right):
        return interval_optional(context, left, right, condition)

    def match(rows: Relation) -> Relation:
        pairs = spatial_pairs(context, rows, right, condition)
        if pairs is not None:
            return pairs
        return restrict(context, inner_join(context, [rows, right]), condition)

    return numbered_left_join(context, left, match)


def _right_only(condition: Expr, left: Relation, right: Relation) -> bool:
    """Return whether the right side alone decides the condition."""
    if any(isinstance(part, Exists) for part in conjuncts(condition)):
        return False
    return all(
        name in right.shape
        and (name not in left.shape or (left.always(name) and right.always(name)))
        for name in expression_variables(condition)
    )


def _remote(plan: RemoteScan | Service) -> UnsupportedError:
    name = plan.source if isinstance(plan, RemoteScan) else getattr(plan.endpoint, "value", "?")
    return UnsupportedError(
        "This query has a remote part, which the store alone does not answer",
        where=name,
        remedy="ask it of a federation (`geoloom federate`, the /federated endpoint)",
    )
