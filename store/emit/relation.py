"""A relation: SQL that gives the solutions of a plan, and how its columns are to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlglot import exp

from ..lower import sql
from ..values import FACETS, Value, column_name, columns_of

Sql = exp.Expression
Scope = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class OrderColumn:
    """A column to sort by: its name and direction; NULL comes first going up.

    ``node`` is the key itself in an open relation, which has not given it that name yet.
    """

    name: str
    descending: bool
    node: Sql | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """FROM, JOIN and WHERE of a SELECT whose items are still open."""

    origin: Sql
    joins: tuple[exp.Join, ...] = ()
    where: tuple[Sql, ...] = ()


@dataclass(frozen=True, slots=True)
class Branches:
    """A union whose branches can still be changed one by one; ``united`` makes it a query."""

    relations: tuple[Relation, ...]
    united: Callable[[Sequence[Relation], Scope], exp.Query]


@dataclass(frozen=True, slots=True)
class Relation:
    """Solutions as SQL.

    A relation is closed, a query that gives its columns their names, or open: then more can be
    joined, tested and left out before anything is selected, without one more sub-query.

    Attributes
    ----------
    source : sqlglot.exp.Query, Body or Branches
        Closed: gives one column a facet of each variable (see :func:`store.values.column_name`).
    shape : mapping of variable to Value
        Which facets each variable has; a variable not in it is never bound. In an open relation
        the facets are expressions over the tables of the body.
    undecoded : frozenset of str
        Variables whose nodes may lack their text.
    order : tuple of OrderColumn
        The order of the solutions, if they have one.
    """

    source: exp.Query | Body | Branches
    shape: Scope
    undecoded: frozenset[str] = frozenset()
    order: tuple[OrderColumn, ...] = field(default=())

    @property
    def query(self) -> exp.Query:
        """The relation as a query of named columns."""
        match self.source:
            case Body():
                return self.select(self.items())
            case Branches(relations, united):
                return united(relations, self.shape)
            case query:
                return query

    @property
    def branches(self) -> tuple[Relation, ...]:
        """The relations this is the union of, if it still is no more than that."""
        return self.source.relations if isinstance(self.source, Branches) else ()

    @property
    def body(self) -> Body:
        """What an open relation selects from."""
        assert isinstance(self.source, Body)
        return self.source

    def items(self) -> list[Sql]:
        """SELECT items of an open relation: every facet and sort column under its name."""
        keys = [named(key.node, key.name) for key in self.order if key.node is not None]
        return [*outputs(self.shape), *keys]

    def select(self, items: Sequence[Sql]) -> exp.Select:
        """SELECT items over the body of an open relation."""
        body = self.body
        joins = [_fresh(join) for join in body.joins]
        return select(items, sql.own(body.origin), joins, body.where)

    def opened(self, alias: str) -> Relation:
        """The same solutions, open; ``alias`` names a closed one."""
        if isinstance(self.source, Body):
            return self
        order = tuple(replace(key, node=column(key.name, alias)) for key in self.order)
        return Relation(Body(source(self.query, alias)), self.read(alias), self.undecoded, order)

    def joined(self, *joins: exp.Join) -> Relation:
        """An open relation with more joins."""
        return replace(self, source=replace(self.body, joins=(*self.body.joins, *joins)))

    def where(self, tests: Iterable[Sql]) -> Relation:
        """An open relation with more conditions."""
        return replace(self, source=replace(self.body, where=(*self.body.where, *tests)))

    def with_shape(self, shape: Scope) -> Relation:
        """An open relation with other variables."""
        return replace(self, shape=shape, undecoded=self.undecoded & shape.keys())

    def read(self, alias: str) -> dict[str, Value]:
        """Values of the variables, read from this relation under an alias."""
        return {name: columns_of(name, value, alias) for name, value in self.shape.items()}

    def always(self, variable: str) -> bool:
        """Return whether the variable is bound in every solution."""
        return variable in self.shape and not self.shape[variable].maybe_unbound

    def unordered(self) -> Relation:
        """The same solutions, in no order."""
        return replace(self, order=()) if self.order else self


def _fresh(join: exp.Join) -> exp.Join:
    return join if join.parent is None else join.copy()


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


def order_by(order: Iterable[OrderColumn], *, selected: bool) -> exp.Order:
    """ORDER BY of an open relation; ``selected`` where the sort columns are among the items."""
    return exp.Order(
        expressions=[
            exp.Ordered(
                this=_name(key.name) if selected or key.node is None else sql.own(key.node),
                desc=key.descending,
                nulls_first=not key.descending,
            )
            for key in order
        ]
    )


def _name(name: str) -> exp.Column:
    return exp.Column(this=exp.Identifier(this=name, quoted=True))


def source(query: exp.Query, alias: str) -> exp.Subquery:
    """A query as something to select from."""
    return exp.Subquery(this=query, alias=_alias(alias))


def table(node: Sql, alias: str) -> exp.Table:
    """A table function, or the name of a CTE, as something to select from."""
    return exp.Table(this=node, alias=_alias(alias))


def parquet(paths: Sequence[Path], alias: str) -> exp.Table:
    """``read_parquet`` of an explicit list of files."""
    names = exp.Array(expressions=[sql.string(str(path)) for path in paths])
    return table(sql.func("read_parquet", names), alias)


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


def make(values: Scope, query: exp.Select | Body, undecoded: Iterable[str] = ()) -> Relation:
    """A relation from a query that selects ``outputs(values)``, or from a body."""
    return Relation(query, values, frozenset(undecoded) & values.keys())


def empty() -> Relation:
    """No solution."""
    return Relation(select(outputs({}), where=[sql.boolean(False)]), {})


def unit() -> Relation:
    """One solution that binds nothing."""
    return Relation(select(outputs({})), {})
