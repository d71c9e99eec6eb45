"""A relation: SQL that gives the solutions of a plan, and how its columns are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ..lower import sql
from ..values import FACETS, Value, column_name, columns_of

Sql = exp.Expression
Scope = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """A column to sort by: its name and direction; NULL comes first going up."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """Solutions as SQL.

    Attributes
    ----------
    query : sqlglot.exp.Query
        Gives one column a facet of each variable (see :func:`store.values.column_name`).
    shape : mapping of variable to Value
        Which facets each variable has; a variable not in it is never bound.
    undecoded : frozenset of str
        Variables whose nodes may lack their text.
    order : tuple of OrderColumn
        The order of the solutions, if they have one.
    """

    query: exp.Query
    shape: Scope
    undecoded: frozenset[str] = frozenset()
    order: tuple[OrderColumn, ...] = field(default=())

    def read(self, alias: str) -> dict[str, Value]:
        """Values of the variables, read from this relation under an alias."""
        return {name: columns_of(name, value, alias) for name, value in self.shape.items()}

    def always(self, variable: str) -> bool:
        """Return whether the variable is bound in every solution."""
        return variable in self.shape and not self.shape[variable].maybe_unbound

    def unordered(self) -> Relation:
        """The same solutions, in no order."""
        return replace(self, order=()) if self.order else self


def column(name: str, relation: str) -> exp.Column:
    """A column of a relation, both quoted."""
    return exp.Column(
        this=exp.Identifier(this=name, quoted=True),
        table=exp.Identifier(this=relation, quoted=True),
    )


def named(node: Sql, name: str) -> Sql:
    """``node AS "name"``."""
    return exp.Alias(this=sql.own(node), alias=exp.Identifier(this=name, quoted=True))


def outputs(values: Scope) -> list[Sql]:
    """SELECT items that give every facet its column."""
    items = [
        named(value.facets[facet], column_name(name, facet))
        for name, value in values.items()
        for facet in FACETS
        if facet in value.facets
    ]
    return [*items] or [named(sql.number(1), "#")]


def relations_of(scope: Scope) -> frozenset[str]:
    """Names of the relations whose columns the values of a scope are read from."""
    nodes = (node for value in scope.values() for node in value.facets.values())
    return frozenset(found.table for node in nodes for found in node.find_all(exp.Column))


def order_items(order: Iterable[OrderColumn], relation: str) -> list[Sql]:
    """SELECT items that hand the sort columns on."""
    return [named(column(key.name, relation), key.name) for key in order]


def order_terms(order: Iterable[OrderColumn], relation: str) -> list[Sql]:
    """ORDER BY terms."""
    return [
        exp.Ordered(
            this=column(key.name, relation), desc=key.descending, nulls_first=not key.descending
        )
        for key in order
    ]


def source(query: exp.Query, alias: str) -> exp.Subquery:
    """A query as something to select from."""
    return exp.Subquery(this=query, alias=_alias(alias))


def table(node: Sql, alias: str) -> exp.Table:
    """A table function, or the name of a CTE, as something to select from."""
    return exp.Table(this=node, alias=_alias(alias))


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.Identifier(this=name, quoted=True))


def select(
    items: Sequence[Sql],
    origin: Sql | None = None,
    joins: Sequence[exp.Join] = (),
    where: Sequence[Sql] = (),
) -> exp.Select:
    """SELECT items FROM origin JOIN … WHERE all of them."""
    made = exp.Select(expressions=list(items))
    if origin is not None:
        made.set("from_", exp.From(this=origin))
    if joins:
        made.set("joins", list(joins))
    if where:
        made.set("where", exp.Where(this=sql.every(where)))
    return made


def make(values: Scope, query: exp.Select, undecoded: Iterable[str] = ()) -> Relation:
    """A relation from a query that selects ``outputs(values)``."""
    return Relation(query, values, frozenset(undecoded) & values.keys())


def empty() -> Relation:
    """No solution."""
    return Relation(select(outputs({}), where=[sql.boolean(False)]), {})


def unit() -> Relation:
    """One solution that binds nothing."""
    return Relation(select(outputs({})), {})
