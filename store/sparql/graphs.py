"""``GRAPH``: the pattern of one graph, or of every named graph with a variable bound to it.

The standard evaluates the pattern once for each named graph (SPARQL 1.1 section 18.6). Here it is
evaluated once for all: whatever reads a graph also binds the variable to it, joins compare it,
groups, limits and differences are made for each of its values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ontology import IRI, LANE_DATATYPES, Lane, Literal

from ..algebra import (
    Aggregate,
    Bgp,
    Call,
    Closure,
    Const,
    Exists,
    Expr,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Minus,
    Plan,
    Project,
    Service,
    Slice,
    Union,
    Unit,
    Var,
    child_plans,
    map_expressions,
    map_plans,
    mentioned,
    visible,
)

_ZERO: Final = Literal("0", LANE_DATATYPES[Lane.INTEGER])
_OF_NOTHING: Final = {
    "COUNT": _ZERO,
    "SUM": _ZERO,
    "AVG": _ZERO,
    "GROUP_CONCAT": Literal("", LANE_DATATYPES[Lane.STRING]),
}
"""Aggregates of no solution that are no error (SPARQL 1.1 section 18.5.1)."""

_ROWS: Final = ".rows"


def in_graph(plan: Plan, name: Var | IRI, fresh: str) -> Plan:
    """Evaluate the plan in one graph, or in each named graph with the variable bound to it.

    ``fresh`` names the graph inside where the pattern uses the variable itself: there it is not
    bound to the graph yet (SPARQL 1.1 section 18.6, evaluation of Graph).
    """
    if isinstance(name, IRI):
        inner = _within(plan, name)
        return inner if _reads_surely(inner, name) else Join(Bgp((), name), inner)
    if name.name not in mentioned(plan):
        return _bound(plan, name)
    hidden = Var(fresh)
    inner = _bound(plan, hidden)
    if name.name in visible(inner):
        same = Call("SAMETERM", (name, hidden))
        inner = Filter(Call("||", (Call("!", (Call("BOUND", (name,)),)), same)), inner)
        inner = Project(tuple(v for v in visible(inner) if v != name.name), inner)
    return Extend(name.name, hidden, inner)


def _within(plan: Plan, name: IRI) -> Plan:
    """The plan over one graph instead of the default graph."""
    match plan:
        case Bgp(patterns, None) if patterns:
            return replace(plan, graph=name)
        case Closure(graph=None):
            return replace(plan, step=_within(plan.step, name), graph=name)
        case Bgp() | Closure() | Service():
            return plan

    def inside(expr: Expr) -> Expr:
        return replace(expr, plan=_within(expr.plan, name)) if isinstance(expr, Exists) else expr

    return map_expressions(map_plans(plan, lambda child: _within(child, name)), inside)


def _reads_surely(plan: Plan, name: IRI) -> bool:
    """Return whether the plan has no solution where the graph does not exist."""
    match plan:
        case Bgp(patterns, graph):
            return bool(patterns) and graph == name
        case Closure(sign="+", graph=graph):
            return graph == name
        case Union(left, right):
            return _reads_surely(left, name) and _reads_surely(right, name)
        case Join(left, right):
            return _reads_surely(left, name) or _reads_surely(right, name)
        case LeftJoin(left) | Minus(left):
            return _reads_surely(left, name)
        case Closure() | Service() | Group(keys=()):
            return False
    return any(_reads_surely(child, name) for child in child_plans(plan))


def _reads(plan: Plan) -> bool:
    """Return whether the plan depends on what graph it is evaluated in."""
    match plan:
        case Bgp(patterns, graph):
            return graph is None and bool(patterns)
        case Closure(graph=graph):
            return graph is None
        case Service():
            return False
    return any(map(_reads, child_plans(plan))) or _tests_graph(plan)


def _tests_graph(plan: Plan) -> bool:
    found: list[bool] = []

    def note(expr: Expr) -> Expr:
        if isinstance(expr, Exists):
            found.append(_reads(expr.plan))
        return expr

    map_expressions(plan, note)
    return any(found)


def _bound(plan: Plan, name: Var) -> Plan:
    """The plan in each graph, its name bound in every solution."""
    return _each(plan, name) if _reads(plan) else _beside(plan, name)


def _beside(plan: Plan, name: Var) -> Plan:
    graphs = Bgp((), name)
    return graphs if isinstance(plan, Unit) else Join(graphs, plan)


def _each(plan: Plan, name: Var) -> Plan:
    """As :func:`_bound`, but what reads no graph stays as it is."""
    if not _reads(plan):
        return plan
    plan = map_expressions(plan, lambda expr: _each_exists(expr, name))
    match plan:
        case Bgp():
            return replace(plan, graph=name)
        case Closure():
            return replace(plan, step=_bound(plan.step, name), graph=name)
        case Join(left, right):
            return Join(_each(left, name), _each(right, name))
        case LeftJoin(left, right, condition):
            return LeftJoin(_bound(left, name), _each(right, name), condition)
        case Minus(left, right, apart):
            further = (name.name,) if _reads(right) else ()
            return Minus(_bound(left, name), _each(right, name), (*apart, *further))
        case Slice():
            return replace(plan, child=_bound(plan.child, name), per=(*plan.per, name.name))
        case Project(names, child):
            return Project((*names, name.name), _bound(child, name))
        case Group():
            return _grouped(plan, name)
    return map_plans(plan, lambda child: _bound(child, name))


def _each_exists(expr: Expr, name: Var) -> Expr:
    return replace(expr, plan=_each(expr.plan, name)) if isinstance(expr, Exists) else expr


def _grouped(plan: Group, name: Var) -> Plan:
    """Group by graph; without keys, a graph without solutions still has its one empty group."""
    keys = (*plan.keys, (name.name, name))
    grouped = replace(plan, keys=keys, child=_bound(plan.child, name))
    if plan.keys:
        return grouped
    inner = {made: f".of{k}" for k, (made, _) in enumerate(plan.aggregates)}
    counted = tuple((inner[made], call) for made, call in plan.aggregates)
    rows = (_ROWS, Aggregate("COUNT", None))
    every: Plan = LeftJoin(Bgp((), name), replace(grouped, aggregates=(*counted, rows)))
    for made, call in plan.aggregates:
        value: Expr = Var(inner[made])
        if call.name in _OF_NOTHING:
            none = Call("!", (Call("BOUND", (Var(_ROWS),)),))
            value = Call("IF", (none, Const(_OF_NOTHING[call.name]), value))
        every = Extend(made, value, every)
    return Project((name.name, *inner), every)
