"""Estimates of whole plans, node by node."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Final

from ontology import IRI, Term, term_id

from ..algebra import (
    Bgp,
    Closure,
    Const,
    Distinct,
    Empty,
    Exists,
    Expr,
    Extend,
    Filter,
    Given,
    GraphName,
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
    TriplePattern,
    Union,
    Unit,
    Values,
    Var,
    Window,
    expression_variables,
    visible,
)
from ..catalog import LaneTable, Snapshot
from ..lower.period_relations import PERIOD_RELATIONS
from .characteristic import sets_of
from .estimate import Estimate, capped, joined, kept_share, selected
from .patterns import pattern_estimate
from .selectivity import UNKNOWN, condition_share
from .spatial import pair_share
from .spread import united

REMOTE_ROWS: Final = 1000.0
"""What a remote source is taken to send."""
_PATH_GROWTH: Final = 3.0
"""Pairs of a path of any length for each pair of one step."""
_LOOKED_UP: Final = 1000
"""Constants of VALUES up to which each is looked up in the statistics."""
_SURELY_KEPT: Final = 0.1
"""Share of the rows MINUS and NOT EXISTS keep at least."""


@dataclass(slots=True)
class Estimator:
    """Estimates of the plans of one query over one snapshot; each node is estimated once.

    Attributes
    ----------
    snapshot : Snapshot or None
    default_graphs, named_graphs : tuple of IRI
        The query's dataset.
    """

    snapshot: Snapshot | None
    default_graphs: tuple[IRI, ...] = ()
    named_graphs: tuple[IRI, ...] = ()
    _found: dict[int, tuple[Plan, Estimate]] = field(default_factory=dict)
    _lanes: dict[str, tuple[LaneTable, ...]] = field(default_factory=dict)

    def of(self, plan: Plan) -> Estimate:
        """Expected solutions of a plan."""
        held = self._found.get(id(plan))
        if held is None:
            held = (plan, self._estimate(plan))
            self._found[id(plan)] = held
        return held[1]

    def pattern(
        self, pattern: TriplePattern, graph: GraphName = None, windows: Sequence[Window] = ()
    ) -> Estimate:
        """Expected solutions of a triple pattern in one graph."""
        if self.snapshot is None:
            return Estimate(0.0)
        lanes: Iterable[LaneTable] = self.snapshot.lanes
        if isinstance(pattern.predicate, IRI):
            lanes = self._of_predicate(pattern.predicate.value)
        graphs = self._graphs(graph)
        sets = sets_of(self.snapshot.sets)
        found = pattern_estimate(lanes, pattern, graphs, windows, sets)
        if isinstance(graph, Var):
            count = float(len(graphs or ()))
            found = replace(found, distinct={**found.distinct, graph.name: count})
        return found

    def _of_predicate(self, predicate: str) -> tuple[LaneTable, ...]:
        if not self._lanes and self.snapshot is not None:
            for lane in self.snapshot.lanes:
                self._lanes[lane.predicate] = (*self._lanes.get(lane.predicate, ()), lane)
        return self._lanes.get(predicate, ())

    def _graphs(self, graph: GraphName) -> tuple[int, ...] | None:
        """Ids of the graphs a pattern reads, None for the unnamed one."""
        held = self.snapshot.graphs if self.snapshot is not None else ()
        has_dataset = bool(self.default_graphs or self.named_graphs)
        if isinstance(graph, IRI):
            names: Iterable[str] = (graph.value,)
        elif isinstance(graph, Var):
            named = {iri.value for iri in self.named_graphs}
            names = (name for name in held if name in named) if has_dataset else held
        elif has_dataset:
            names = (iri.value for iri in self.default_graphs)
        else:
            return None
        return tuple(term_id(f"<{name}>") for name in names)

    def _estimate(self, plan: Plan) -> Estimate:
        match plan:
            case Unit():
                return Estimate(1.0)
            case Empty(variables):
                return Estimate(0.0, dict.fromkeys(variables, 0.0))
            case Bgp(patterns, graph, windows):
                found = [self.pattern(pattern, graph, windows) for pattern in patterns]
                return reduce(joined, found, Estimate(1.0))
            case Values(variables, rows):
                return _values(variables, rows)
            case TermTable(variables, table):
                return _flat(variables, float(table.num_rows))
            case Given() | RemoteScan() | Service():
                return _flat(tuple(visible(plan)), REMOTE_ROWS)
            case Closure():
                return self._closure(plan)
            case Join(left, right):
                return joined(self.of(left), self.of(right))
            case SpatialJoin():
                return self._spatial(plan)
            case IntervalJoin():
                return self._interval(plan)
            case LeftJoin():
                return self._optional(plan)
            case Union(left, right):
                return _union(self.of(left), self.of(right))
            case Minus(left, right):
                return self._minus(self.of(left), self.of(right))
            case Nearest(child, _, count):
                whole = self.of(child)
                return selected(whole, min(1.0, count / whole.rows) if whole.rows else 0.0)
            case _:
                return self._modified(plan)

    def _modified(
        self, plan: Filter | Extend | Group | OrderBy | Project | Distinct | Slice
    ) -> Estimate:
        child = self.of(plan.child)
        match plan:
            case Filter(condition):
                return self._filtered(child, condition)
            case Extend(variable, expr):
                return _extended(child, variable, expr)
            case Group():
                return _grouped(child, plan)
            case Project(variables):
                return _projected(child, variables)
            case Distinct():
                return _distinct(child)
            case Slice(_, offset, limit):
                rows = max(child.rows - offset, 0.0)
                rows = rows if limit is None else min(rows, float(limit))
                return selected(child, rows / child.rows if child.rows else 0.0)
            case OrderBy():
                return child

    def _filtered(self, child: Estimate, condition: Expr) -> Estimate:
        share, narrowed = condition_share(condition, child, lambda e: self._exists(child, e))
        return selected(child, share, narrowed)

    def _exists(self, around: Estimate, expr: Exists) -> float:
        inner = self.of(expr.plan)
        shared = [name for name in inner.distinct if name in around.distinct]
        share = kept_share(around, inner, shared) if shared else min(inner.rows, 1.0)
        return max(1 - share, _SURELY_KEPT) if expr.negated else share

    def _minus(self, left: Estimate, right: Estimate) -> Estimate:
        shared = [name for name in right.distinct if name in left.distinct]
        if not shared:
            return left
        return selected(left, max(1 - kept_share(left, right, shared), _SURELY_KEPT))

    def _optional(self, plan: LeftJoin) -> Estimate:
        left = self.of(plan.left)
        right = self.of(plan.right)
        both = joined(left, right)
        shared = [name for name in right.distinct if name in left.distinct]
        kept = kept_share(left, right, shared)
        if plan.condition is not None:
            some = self._filtered(both, plan.condition)
            kept *= some.rows / both.rows if both.rows > 0 else 0.0
            both = some
        rows = max(both.rows + left.rows * (1 - kept), left.rows)
        known = left.spread
        if known is not None and both.spread is not None:
            known = replace(both.spread, shares={**both.spread.shares, **known.shares})
        distinct = {**both.distinct, **left.distinct}
        return replace(both, rows=rows, distinct=distinct, spread=known)

    def _spatial(self, plan: SpatialJoin) -> Estimate:
        left, right = self.of(plan.left), self.of(plan.right)
        names = [name for name in expression_variables(plan.condition) if name in left.lanes]
        others = [name for name in expression_variables(plan.condition) if name in right.lanes]
        pairs = joined(left, right)
        if names and others:
            share = pair_share(left, right, plan.condition, (names[0], others[0]))
            pairs = selected(pairs, share)
        for residual in plan.residual:
            pairs = self._filtered(pairs, residual)
        return pairs

    def _interval(self, plan: IntervalJoin) -> Estimate:
        """As many pairs as the larger side has rows, where times must be near each other."""
        left, right = self.of(plan.left), self.of(plan.right)
        relations = (PERIOD_RELATIONS.get(one.op) for one in plan.conditions)
        near = any(one is not None and one.bounded for one in relations)
        fewer = max(min(left.rows, right.rows), 1.0)
        pairs = selected(joined(left, right), 1 / fewer if near else UNKNOWN)
        for residual in plan.residual:
            pairs = self._filtered(pairs, residual)
        return pairs

    def _closure(self, plan: Closure) -> Estimate:
        """A guess: paths branch and meet in ways no statistics of single steps tell."""
        step = self.of(plan.step)
        starts, ends = step.of(plan.start), step.of(plan.end)
        rows = step.rows if plan.sign == "?" else min(step.rows * _PATH_GROWTH, starts * ends)
        distinct: dict[str, float] = {}
        fixed = 0
        for node, count in ((plan.subject, starts), (plan.object, ends)):
            if isinstance(node, Var):
                distinct[node.name] = count
            else:
                rows /= count
                fixed += 1
        if plan.sign != "+":
            rows += 1.0 if fixed else max(starts, ends)
        if isinstance(plan.graph, Var):
            distinct[plan.graph.name] = float(len(self._graphs(plan.graph) or ()))
        return Estimate(rows, capped(distinct, rows))


def _values(variables: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> Estimate:
    count = float(len(rows))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(variables)
    terms = dict(zip(variables, columns, strict=True))
    constants = {
        name: tuple(term for term in column if term is not None)
        for name, column in terms.items()
        if None not in column and 0 < len(set(column)) == len(column) <= _LOOKED_UP
    }
    distinct = {name: float(len(set(column))) for name, column in terms.items()}
    return Estimate(count, distinct, constants=constants)


def _flat(variables: Sequence[str], rows: float) -> Estimate:
    return Estimate(rows, dict.fromkeys(variables, rows))


def _union(left: Estimate, right: Estimate) -> Estimate:
    names = dict.fromkeys([*left.distinct, *right.distinct])
    return Estimate(
        left.rows + right.rows,
        {name: left.distinct.get(name, 0.0) + right.distinct.get(name, 0.0) for name in names},
        {name: (*left.lanes.get(name, ()), *right.lanes.get(name, ())) for name in names},
        windowed=left.windowed & right.windowed,
        domain={name: max(left.domain.get(name, 0), right.domain.get(name, 0)) for name in names},
        spread=united(left.spread, right.spread, (left.rows, right.rows)),
    )


def _extended(child: Estimate, variable: str, expr: Expr) -> Estimate:
    count = math.prod(child.of(name) for name in expression_variables(expr))
    count = 1.0 if isinstance(expr, Const) else min(count, child.rows)
    lanes = dict(child.lanes)
    if isinstance(expr, Var) and expr.name in lanes:
        lanes[variable] = lanes[expr.name]
    distinct = {**child.distinct, variable: min(count, child.rows)}
    return replace(child, distinct=distinct, lanes=lanes)


def _grouped(child: Estimate, plan: Group) -> Estimate:
    made = child
    for name, expr in plan.keys:
        made = _extended(made, name, expr)
    keys = {name: made.distinct.get(name, 1.0) for name, _ in plan.keys}
    rows = min(math.prod(keys.values()), child.rows) if keys else 1.0
    lanes = {name: made.lanes[name] for name in keys if name in made.lanes}
    aggregates = {name: rows for name, _ in plan.aggregates}
    domain = {name: made.domain[name] for name in keys if name in made.domain}
    return Estimate(rows, capped({**keys, **aggregates}, rows), lanes, domain=domain)


def _projected(child: Estimate, variables: Sequence[str]) -> Estimate:
    return replace(
        child,
        distinct={name: child.distinct[name] for name in variables if name in child.distinct},
        lanes={name: child.lanes[name] for name in variables if name in child.lanes},
        domain={name: child.domain[name] for name in variables if name in child.domain},
        constants={},
        spread=None if child.spread is None else child.spread.only(variables),
    )


def _distinct(child: Estimate) -> Estimate:
    rows = min(math.prod(max(count, 1.0) for count in child.distinct.values()), child.rows)
    return replace(child, rows=rows, distinct=capped(child.distinct, rows))
