"""Three-valued logic and functional forms: SPARQL 1.1 sections 17.2.2 and 17.4.1.

These take their arguments unlowered: an error in one of them is not an error of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from ontology import IRI, Lane, UnsupportedError, node_ids

from ..algebra import Call, Const, Expr, Var
from ..values import Value
from . import numbers, sql
from .binding import with_bound, with_bound_sql
from .compare import equal
from .scope import Context
from .shapes import (
    NUMBER_LANES,
    TEXT_LANES,
    error,
    has_lane,
    is_bound,
    merge,
    of_lane,
    of_lanes,
    truth,
)
from .sql import Sql


def truth_of(value: Value) -> Sql:
    """Effective boolean value (17.2.2), NULL = error."""
    if value.only_lane is Lane.BOOLEAN:
        return value.get("boolean")
    return with_bound_sql(value, _effective)


def _effective(value: Value) -> Sql:
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
    if not values:
        return error()
    if len(values) == 1:
        return values[0]

    def first(*found: Value) -> Value:
        *head, last = found
        return merge([*((is_bound(v), v) for v in head), (None, last)])

    return with_bound(values, first)


_MAX_CHOICES: Final = 1000
"""IN compares with each choice that is not an IRI in its own way; IRIs only by their id."""


def contained(context: Context, call: Call) -> Value:
    """``IN``: true if equal to one, an error if to none and one comparison was an error.

    Raises
    ------
    UnsupportedError
        More than 1000 choices are no IRIs.
    """
    tested, *listed = call.args
    iris = [
        arg.term.value for arg in listed if isinstance(arg, Const) and isinstance(arg.term, IRI)
    ]
    others = [arg for arg in listed if not (isinstance(arg, Const) and isinstance(arg.term, IRI))]
    if len(others) > _MAX_CHOICES:
        raise UnsupportedError(
            "A list after IN is too long",
            why=f"{len(others)} choices that are no IRIs, the limit is {_MAX_CHOICES}",
            remedy="put them into VALUES, which takes any number",
        )

    def among(left: Value, *choices: Value) -> Value:
        if not listed:
            return truth(sql.when(is_bound(left), sql.boolean(False)))
        tests = [_is_one(left, iris)] if iris else []
        return truth(sql.any_of(tests + [equal(left, choice) for choice in choices]))

    return with_bound([context.value(arg) for arg in (tested, *others)], among)


def _is_one(left: Value, iris: Sequence[str]) -> Sql:
    """The row is one of the IRIs; false for literals, NULL for an error."""
    if Lane.NODE not in left.lanes:
        return sql.when(is_bound(left), sql.boolean(False))
    ids = node_ids(pa.array(dict.fromkeys(iris), pa.string()))
    found = sql.one_of(left.get("id"), [sql.number(int(one)) for one in ids])
    if left.only_lane is Lane.NODE:
        return found
    apart = sql.when(is_bound(left), sql.boolean(False))
    return sql.case([(has_lane(left, (Lane.NODE,)), found)], apart)


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
