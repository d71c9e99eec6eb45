"""``GRAPH``: the graph's name goes down to every basic graph pattern."""

from __future__ import annotations

from dataclasses import replace

from ontology import IRI, UnsupportedError

from ..algebra import (
    Bgp,
    Closure,
    Exists,
    Expr,
    Group,
    Join,
    Minus,
    Plan,
    Project,
    Service,
    Slice,
    Unit,
    Var,
    map_expressions,
    map_plans,
    visible,
)


def in_graph(plan: Plan, name: Var | IRI) -> Plan:
    """Evaluate the plan in one graph, or in each named graph with the variable bound to it."""
    inner = _push(plan, name)
    if isinstance(name, Var) and name.name not in visible(inner):
        return Join(Bgp((), name), inner)
    return inner


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
        case Closure() if isinstance(name, Var) and plan.sign != "+":
            raise UnsupportedError(
                "The paths ? and * inside GRAPH with a variable are not supported",
                remedy="name the graph",
            )
        case Closure():
            return replace(plan, step=_push(plan.step, name), graph=name)
        case Project(names, child) if isinstance(name, Var):
            kept = names if name.name in names else (*names, name.name)
            return Project(kept, _push(child, name))
        case Group(keys) if isinstance(name, Var):
            grouped = (
                plan if name.name in dict(keys) else replace(plan, keys=(*keys, (name.name, name)))
            )
            return replace(grouped, child=_push(plan.child, name))
    pushed = map_plans(plan, lambda child: _push(child, name))
    return map_expressions(pushed, lambda expr: _push_exists(expr, name))


def _push_exists(expr: Expr, name: Var | IRI) -> Expr:
    return Exists(_push(expr.plan, name), expr.negated) if isinstance(expr, Exists) else expr
