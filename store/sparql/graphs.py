"""``GRAPH``: the graph's name goes down to every basic graph pattern."""

from __future__ import annotations

from dataclasses import replace

from ontology import IRI, UnsupportedError

from ..algebra import (
    Bgp,
    Call,
    Closure,
    Empty,
    Exists,
    Expr,
    Extend,
    Filter,
    Group,
    Join,
    Minus,
    Plan,
    Project,
    Service,
    Slice,
    Union,
    Unit,
    Var,
    map_expressions,
    map_plans,
    mentioned,
    visible,
)


def in_graph(plan: Plan, name: Var | IRI, fresh: str) -> Plan:
    """Evaluate the plan in one graph, or in each named graph with the variable bound to it.

    ``fresh`` names the graph inside where the pattern uses the variable itself: there it is not
    bound to the graph yet (SPARQL 1.1 section 18.6, evaluation of Graph).
    """
    if isinstance(name, IRI):
        return _push(plan, name)
    if name.name not in mentioned(plan):
        return _with_graphs(_push(plan, name), name)
    hidden = Var(fresh)
    inner = _with_graphs(_push(plan, hidden), hidden)
    if name.name in visible(inner):
        same = Call("SAMETERM", (name, hidden))
        inner = Filter(Call("||", (Call("!", (Call("BOUND", (name,)),)), same)), inner)
        inner = Project(tuple(v for v in visible(inner) if v != name.name), inner)
    return Extend(name.name, hidden, inner)


def _with_graphs(plan: Plan, name: Var) -> Plan:
    return plan if name.name in visible(plan) else Join(Bgp((), name), plan)


def _push(plan: Plan, name: Var | IRI) -> Plan:
    match plan:
        case Bgp(_, None):
            return replace(plan, graph=name)
        case Bgp() | Service():
            return plan
        case Unit():
            return Bgp((), name)
        case Minus(left, right):
            if not visible(left) & visible(right):
                return _push(left, name)
            return Minus(_push(left, name), _push(right, name))
        case Slice() if isinstance(name, Var):
            raise UnsupportedError(
                "LIMIT in a sub-query inside GRAPH with a variable is not supported",
                remedy="name the graph, or move the LIMIT outside",
            )
        case Closure() if isinstance(name, Var):
            raise UnsupportedError(
                "A path of any length inside GRAPH with a variable is not supported",
                remedy="name the graph",
            )
        case Closure():
            return replace(plan, step=_push(plan.step, name), graph=name)
        case Project(names, child) if isinstance(name, Var):
            return Project((*names, name.name), _push(child, name))
        case Group() if isinstance(name, Var):
            return _push_group(plan, name)
    pushed = map_plans(plan, lambda child: _push(child, name))
    return map_expressions(pushed, lambda expr: _push_exists(expr, name))


def _push_group(plan: Group, name: Var) -> Plan:
    """Group by graph; without keys, a graph without solutions still has its one empty group."""
    child = _with_graphs(_push(plan.child, name), name)
    grouped = replace(plan, keys=(*plan.keys, (name.name, name)), child=child)
    if plan.keys:
        return grouped
    without = Minus(Bgp((), name), Project((name.name,), child))
    return Union(grouped, Join(without, replace(plan, child=Empty())))


def _push_exists(expr: Expr, name: Var | IRI) -> Expr:
    return Exists(_push(expr.plan, name), expr.negated) if isinstance(expr, Exists) else expr
