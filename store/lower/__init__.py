"""SPARQL expressions over facets as SQL expressions; see docs/architecture.md."""

from __future__ import annotations

from collections.abc import Set

from ontology import UnsupportedError

from ..algebra import Aggregate, Call, Const, Exists, Expr, Var
from ..conditions import NEAR
from ..values import Value
from . import sql
from .aggregates import apply_aggregate, count_rows, distinct_key
from .binding import without_captures
from .constants import constant
from .demand import text_demand
from .functions import in_python, register
from .geometry.giants import GIANT_BYTES
from .geometry.texts import geometry_texts
from .giant_joins import GiantJoin, giant_join, giant_key, giant_side
from .identity import term_key, to_struct
from .logic import truth_of
from .odd import odd_values, with_geometry
from .order import order_keys
from .period_joins import IntervalCondition, split_interval
from .period_relations import PERIOD_RELATIONS
from .prepare import PreparedTerms, prepare_terms
from .printing import lexical
from .registry import LOWERED, REFUSED, SPECIAL, lower_call
from .scope import Context, ExistsLowering, Scope
from .shapes import OWN_FACET, merged_crs, truth
from .spatial import SpatialCondition, split_condition
from .sql import Sql

__all__ = [
    "GIANT_BYTES",
    "LOWERED",
    "OWN_FACET",
    "PERIOD_RELATIONS",
    "REFUSED",
    "SPECIAL",
    "GiantJoin",
    "IntervalCondition",
    "PreparedTerms",
    "SpatialCondition",
    "aggregate",
    "condition",
    "constant",
    "distinct_key",
    "expression",
    "geometry_texts",
    "giant_condition",
    "giant_key",
    "giant_side",
    "in_python",
    "interval_condition",
    "lexical",
    "merged_crs",
    "odd_values",
    "order_keys",
    "prepare_terms",
    "register",
    "spatial_condition",
    "term_key",
    "text_demand",
    "to_struct",
    "with_geometry",
    "without_captures",
]


def expression(expr: Expr, scope: Scope, *, exists: ExistsLowering | None = None) -> Value:
    """Lower an expression.

    Parameters
    ----------
    expr : Expr
    scope : mapping of str to Value
        The variables that can be bound; one that is missing is unbound.
    exists : callable, optional
        Gives the BOOLEAN SQL of an ``EXISTS``.

    Returns
    -------
    Value
        With a NULL ``tag`` wherever SPARQL has an error or an unbound value.

    Raises
    ------
    UnsupportedError
        A function is unknown, refused or has the wrong number of arguments.
    """
    return _lower(expr, Context(scope, exists, _lower))


def condition(expr: Expr, scope: Scope, *, exists: ExistsLowering | None = None) -> Sql:
    """Effective boolean value of an expression as BOOLEAN SQL; NULL is an error."""
    return truth_of(expression(expr, scope, exists=exists))


def aggregate(call: Aggregate, scope: Scope, *, exists: ExistsLowering | None = None) -> Value:
    """Lower an aggregate over the rows of a group.

    Raises
    ------
    UnsupportedError
        As :func:`expression`, and for an unknown aggregate.
    """
    if call.expr is None:
        return count_rows(scope, distinct=call.distinct)
    return apply_aggregate(call, expression(call.expr, scope, exists=exists))


def spatial_condition(call: Call, scope: Scope, few: Set[str] = frozenset()) -> SpatialCondition:
    """Split a spatial condition into what DuckDB joins by and what is left to check.

    Parameters
    ----------
    call : Call
        A topological function, a distance that must not exceed something, or
        :data:`store.conditions.NEAR`.
    scope : mapping of str to Value
    few : set of str
        Variables of the side with fewer rows: boxes are widened there.

    Returns
    -------
    SpatialCondition
        ``(join, residual)``; the residual is None where the join is exact.
    """
    context = Context(scope, None, _lower)
    exact = None if call.op == NEAR else truth_of(_lower(call, context))
    return split_condition(call, context, exact, few)


def giant_condition(call: Call, scope: Scope, giant: str, key: Sql) -> GiantJoin:
    """Split a relation of which one side may have giants; see :mod:`store.lower.giant_joins`.

    Parameters
    ----------
    call : Call
    scope : mapping of str to Value
    giant : str
        What :func:`giant_side` found.
    key : Sql
        Column with what :func:`giant_key` makes.

    Returns
    -------
    GiantJoin
    """
    exact = truth_of(_lower(call, Context(scope, None, _lower)))
    return giant_join(call, scope, giant, key, exact)


def interval_condition(call: Call, scope: Scope) -> IntervalCondition:
    """Split a condition on times of two sides into comparisons of these and what is left to check.

    Parameters
    ----------
    call : Call
        A relation of periods, or a comparison.
    scope : mapping of str to Value

    Returns
    -------
    IntervalCondition
        ``(join, residual)``; the residual is None where the comparisons are exact.
    """
    context = Context(scope, None, _lower)
    return split_interval(call, context, truth_of(_lower(call, context)))


def _lower(expr: Expr, context: Context) -> Value:
    match expr:
        case Var(name):
            return context.scope.get(name) or _unbound()
        case Const(term):
            return constant(term)
        case Exists():
            return truth(_exists(expr, context))
        case Call():
            return lower_call(expr, context)


def _unbound() -> Value:
    return Value(frozenset(), {"tag": sql.null("UTINYINT")})


def _exists(expr: Exists, context: Context) -> Sql:
    if context.exists is None:
        raise UnsupportedError(
            "EXISTS cannot be used here", remedy="move it into a FILTER of its own"
        )
    return context.exists(expr)
