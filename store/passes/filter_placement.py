"""Filters as near to the scans as they may stand.

Preserves: the answer. May drop: nothing. A condition moves into one side of a join only if all its
variables are certainly bound there, so it sees the same values.
"""

from __future__ import annotations

from dataclasses import replace

from ..algebra import (
    Distinct,
    Expr,
    Extend,
    Filter,
    Join,
    LeftJoin,
    Minus,
    Plan,
    Project,
    Union,
    expression_variables,
    map_plans,
)
from ..catalog import Snapshot
from ..conditions import conjuncts, is_settled
from .spatial_bindings import bindings_of, written_out
from .walk import certain, everywhere, filtered


def place_filters(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Split conjunctions and push every part down.

    Examples
    --------
    >>> from ..sparql import parse_query
    >>> from .printer import format_plan
    >>> query = parse_query("ASK { { ?s a ?c } UNION { ?s ?p ?c } FILTER(?c = 1) }")
    >>> print(format_plan(place_filters(query.plan, None)))
    (union
      (filter (= ?c "1"^^<http://www.w3.org/2001/XMLSchema#integer>)
        (bgp
          ?s rdf:type ?c))
      (filter (= ?c "1"^^<http://www.w3.org/2001/XMLSchema#integer>)
        (bgp
          ?s ?p ?c)))
    """

    def place(node: Plan) -> Plan:
        if not isinstance(node, Filter):
            return node
        placed = node.child
        for part in conjuncts(node.condition):
            placed = _push(part, placed)
        return placed

    return everywhere(plan, place)


def _push(condition: Expr, plan: Plan) -> Plan:
    if not is_settled(condition):
        return filtered(plan, [condition])
    used = expression_variables(condition)
    match plan:
        case Join(left, right):
            if used <= certain(left):
                return Join(_push(condition, left), right)
            if used <= certain(right):
                return Join(left, _push(condition, right))
        case LeftJoin(left, right, inner):
            if used <= certain(left):
                return LeftJoin(_push(condition, left), right, inner)
        case Union():
            return map_plans(plan, lambda branch: _push(condition, branch))
        case Minus(left):
            return replace(plan, left=_push(condition, left))
        case Extend(variable, expr, child):
            if variable not in used:
                return Extend(variable, expr, _push(condition, child))
            inlined = written_out(condition, bindings_of(plan))
            if inlined != condition:
                return Extend(variable, expr, _push(inlined, child))
        case Distinct(child):
            return Distinct(_push(condition, child))
        case Project(variables, child):
            if used <= set(variables):
                return Project(variables, _push(condition, child))
        case Filter(other, child):
            return filtered(_push(condition, child), conjuncts(other))
    return filtered(plan, [condition])
