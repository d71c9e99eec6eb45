"""Relations that stand under a name before the whole statement, so that they run once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from .context import Context
from .relation import Body, Relation, relations_of, table


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
    return Relation(body, kept, relation.undecoded & kept.keys())


def reads_outer(context: Context, relation: Relation) -> bool:
    """Return whether the relation reads the solution around an EXISTS."""
    outer = relations_of(context.outer)
    return bool(outer) and any(c.table in outer for c in relation.query.find_all(exp.Column))
