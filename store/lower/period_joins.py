"""Conditions on times of two sides as DuckDB's range join takes them, and what is left to check."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlglot import exp

from ontology import Lane

from ..algebra import Call
from ..values import Value
from . import sql
from .period_relations import PERIOD_RELATIONS
from .periods import argument_periods, compared
from .scope import Context
from .shapes import TIME_LANES
from .sql import Sql

_PLAIN: Final = (exp.LT, exp.LTE, exp.GT, exp.GTE)


class IntervalCondition(NamedTuple):
    """``join``, comparisons of one side with the other, and ``residual`` (None: they are exact)."""

    join: tuple[Sql, ...]
    residual: Sql | None


def split_interval(call: Call, context: Context, exact: Sql) -> IntervalCondition:
    """Split a relation of periods, or a comparison, into what a range join takes and the rest."""
    relation = PERIOD_RELATIONS.get(call.op)
    values = [context.value(arg) for arg in call.args]
    if relation is not None:
        join = compared(relation, *argument_periods(call, values))
        return IntervalCondition(tuple(join), None if relation.exact else exact)
    if isinstance(exact, _PLAIN):
        return IntervalCondition((exact,), None)
    if all(_is_time(value) for value in values):
        times = (value.get("time") for value in values)
        return IntervalCondition((sql.binary(call.op, *times),), exact)
    return IntervalCondition((), exact)


def _is_time(value: Value) -> bool:
    """Whether all that can be compared at all are times."""
    return value.lanes <= TIME_LANES | {Lane.NODE, Lane.GEOMETRY}
