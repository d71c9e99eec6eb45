"""Three-valued logic and functional forms: SPARQL 1.1 sections 17.2.2 and 17.4.1.

These take their arguments unlowered: an error in one of them is not an error of the whole.
"""

from __future__ import annotations

from ontology import Lane

from ..algebra import Call, Expr, Var
from ..values import Value
from . import numbers, sql
from .binding import with_bound
from .compare import equal
from .scope import Context
from .shapes import NUMBER_LANES, TEXT_LANES, has_lane, is_bound, merge, of_lane, of_lanes, truth
from .sql import Sql


def truth_of(value: Value) -> Sql:
    """Effective boolean value (17.2.2), NULL = error."""
    if value.only_lane is Lane.BOOLEAN:
        return value.get("boolean")
    branches: list[Sql] = []
    if Lane.BOOLEAN in value.lanes:
        branches.append(of_lane(value, Lane.BOOLEAN))
    if value.lanes & TEXT_LANES:
        text = of_lanes(value, TEXT_LANES, "text")
        branches.append(sql.binary("!=", text, sql.string("")))
    if value.lanes & (NUMBER_LANES | {Lane.OTHER}):
        branches.extend(_number_truth(value))
    return sql.first_of(branches) if branches else sql.null("BOOLEAN")


def _number_truth(value: Value) -> list[Sql]:
    found = []
    for kind, node in numbers.parts(value).items():
        nonzero = sql.binary("!=", node, sql.number(0))
        if kind in ("float", "double"):
            nonzero = sql.every([nonzero, sql.negate(sql.func("isnan", node))])
        found.append(nonzero)
    return found


def _truth(expr: Expr, context: Context) -> Sql:
    return truth_of(context.value(expr))


def conjunction(context: Context, call: Call) -> Value:
    """``&&``."""
    return truth(sql.every([_truth(arg, context) for arg in call.args]))


def disjunction(context: Context, call: Call) -> Value:
    """``||``."""
    return truth(sql.any_of([_truth(arg, context) for arg in call.args]))


def negation(context: Context, call: Call) -> Value:
    """``!``."""
    return truth(sql.negate(_truth(call.args[0], context)))


def bound(context: Context, call: Call) -> Value:
    """``BOUND``; a variable that is not in scope is never bound."""
    (arg,) = call.args
    value = context.scope.get(arg.name) if isinstance(arg, Var) else context.value(arg)
    if value is None:
        return truth(sql.boolean(False))
    if not value.maybe_unbound:
        return truth(sql.boolean(True))
    return truth(is_bound(value))


def conditional(context: Context, call: Call) -> Value:
    """``IF``: an error in the condition is an error, one in the branch not taken is not."""

    def choose(test: Value, yes: Value, no: Value) -> Value:
        true = truth_of(test)
        return merge([(true, yes), (sql.negate(true), no)])

    return with_bound([context.value(arg) for arg in call.args], choose)


def coalesce(context: Context, call: Call) -> Value:
    """``COALESCE``: the first argument that is neither unbound nor an error."""
    values = [context.value(arg) for arg in call.args]
    values = [value for value in values if value.lanes] or values
    if len(values) == 1:
        return values[0]

    def first(*found: Value) -> Value:
        *head, last = found
        return merge([*((is_bound(v), v) for v in head), (None, last)])

    return with_bound(values, first)


def contained(context: Context, call: Call) -> Value:
    """``IN``: true if equal to one, an error if to none and one comparison was an error."""

    def among(left: Value, *choices: Value) -> Value:
        return truth(sql.any_of([equal(left, choice) for choice in choices]))

    return with_bound([context.value(arg) for arg in call.args], among)


def not_contained(context: Context, call: Call) -> Value:
    """``NOT IN``."""
    return truth(sql.negate(contained(context, call).get("boolean")))


def is_kind(value: Value, lanes: frozenset[Lane], *, blank: bool | None = None) -> Sql:
    """Type test that is an error on unbound."""
    test = has_lane(value, lanes)
    if blank is not None and Lane.NODE in value.lanes:
        flag = value.get("blank")
        here = flag if blank else sql.negate(flag)
        test = here if value.only_lane else sql.every([test, here])
    return sql.when(is_bound(value), test) if value.maybe_unbound else test
