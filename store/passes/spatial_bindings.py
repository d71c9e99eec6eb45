"""Conditions on places that speak of variables which BIND or VALUES bound, in their terms.

``BIND(geof:distance(?a, ?b, uom:metre) AS ?d) FILTER(?d < 10)`` becomes a condition on ``?a`` and
``?b``, a geometry that is the same in every solution a constant. Preserves: the answer. May drop:
nothing. Applies only where a condition thereby becomes one that brings two geometries together.
"""

from __future__ import annotations

from collections.abc import Mapping

from ontology import GEOMETRY_DATATYPES, XSD_STRING, Literal, Term

from ..algebra import (
    Const,
    Expr,
    Extend,
    Filter,
    Join,
    LeftJoin,
    Minus,
    OrderBy,
    Plan,
    SpatialJoin,
    Values,
    Var,
    visible,
)
from ..catalog import Snapshot
from ..conditions import conjuncts, is_settled
from .spatial_calls import meeting
from .walk import everywhere, filtered, substituted

_XSD = XSD_STRING.removesuffix("string")
_PLAIN = frozenset(_XSD + name for name in ("integer", "decimal", "double"))


def inline_bindings(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Write spatial conditions without variables that only name an expression."""

    def inline(node: Plan) -> Plan:
        if not isinstance(node, Filter):
            return node
        known = bindings_of(node.child)
        if not known:
            return node
        parts = [written_out(part, known) for part in conjuncts(node.condition)]
        return filtered(node.child, parts) if parts else node

    return everywhere(plan, inline)


def written_out(part: Expr, known: Mapping[Expr, Expr]) -> Expr:
    """A spatial condition with what its variables stand for; any other condition as it is."""
    if not is_settled(part):
        return part
    made = substituted(part, known)
    return made if made != part and meeting(made) is not None else part


def bindings_of(plan: Plan) -> dict[Expr, Expr]:
    """What variables stand for in every solution: expressions of others, or one constant."""
    match plan:
        case Extend(variable, expr, child):
            known = bindings_of(child)
            if variable not in visible(child) and is_settled(expr):
                made = substituted(expr, known)
                if not isinstance(made, Const) or _is_plain(made.term):
                    known[Var(variable)] = made
            return known
        case Filter(child=child) | OrderBy(child=child):
            return bindings_of(child)
        case Values(variables, (row,)):
            pairs = zip(variables, row, strict=True)
            return {Var(name): Const(term) for name, term in pairs if term and _is_plain(term)}
        case Join(left, right) | SpatialJoin(left, right):
            return {**_constants(left), **_constants(right)}
        case LeftJoin(left) | Minus(left):
            return _constants(left)
    return {}


def _constants(plan: Plan) -> dict[Expr, Expr]:
    return {name: expr for name, expr in bindings_of(plan).items() if isinstance(expr, Const)}


def _is_plain(term: Term) -> bool:
    """Whether a constant may stand anywhere: a geometry or a number."""
    return isinstance(term, Literal) and term.datatype in {*GEOMETRY_DATATYPES, *_PLAIN}
