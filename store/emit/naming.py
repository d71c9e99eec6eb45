"""Relations that stand under a name before the whole statement, so that they run once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from .context import Context
from .relation import Body, Relation, column, relations_of, table

MOST_JOINS: Final = 48
"""DuckDB orders 80 joins in 0.5 s, 160 in 3 s, 300 in 15 s, and nothing interrupts it."""


def cut(context: Context, relation: Relation, more: int = 1) -> Relation:
    """An open relation, begun anew from a name where it joins more than DuckDB orders soon."""
    joins = len(relation.body.joins)
    if not joins or joins + more <= MOST_JOINS or reads_outer(context, relation):
        return relation
    return named_before(context, relation)[1]


def named_before(context: Context, relation: Relation) -> tuple[str, Relation]:
    """Materialise a relation, which must not read the solution around an EXISTS.

    Returns its name, and the relation read by it.
    """
    name = context.alias()
    held = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    context.notes.paths.append(exp.CTE(this=relation.query, alias=held, materialized=True))
    return name, read_by_name(context, name, relation, tuple(relation.shape))


def read_by_name(
    context: Context, name: str, relation: Relation, variables: Sequence[str]
) -> Relation:
    """Some variables of a relation that :func:`named_before` named."""
    alias = context.alias()
    body = Body(table(exp.to_identifier(name, quoted=True), alias))
    values = relation.read(alias)
    kept = {variable: values[variable] for variable in variables if variable in values}
    order = tuple(replace(key, node=column(key.name, alias)) for key in relation.order)
    return Relation(body, kept, relation.undecoded & kept.keys(), order)


def reads_outer(context: Context, relation: Relation) -> bool:
    """Return whether the relation reads the solution around an EXISTS."""
    outer = relations_of(context.outer)
    return bool(outer) and any(c.table in outer for c in relation.query.find_all(exp.Column))
