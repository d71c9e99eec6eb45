"""``OPTIONAL``, ``MINUS`` and ``EXISTS``: the joins that keep or drop the left side."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from sqlglot import exp

from ontology import Lane

from ..lower import sql
from ..values import Value, tag
from .context import Context
from .joins import inner_join
from .keys import compatible, merged, same_term
from .naming import named_before, reads_outer
from .pairing import pair
from .relation import Body, Relation, Scope, Sql, empty, make, outputs, select, source, table

Restrict = Callable[[Relation], Relation]


def left_join(context: Context, left: Relation, right: Relation) -> Relation:
    """OPTIONAL without a condition on both sides."""
    if pair(left.shape, right.shape).residuals:
        return numbered_left_join(context, left, lambda rows: inner_join(context, [rows, right]))
    first, second = context.alias(), context.alias()
    mine, theirs = left.read(first), right.read(second)
    on = sql.every(pair(mine, theirs).keys)
    join = exp.Join(this=source(right.query, second), side="LEFT", on=on)
    scope = {**mine, **{name: _maybe(v) for name, v in theirs.items() if name not in mine}}
    undecoded = left.undecoded | {name for name in right.undecoded if name not in mine}
    return make(scope, select(outputs(scope), source(left.query, first), [join]), undecoded)


def numbered_left_join(context: Context, left: Relation, match: Restrict) -> Relation:
    """OPTIONAL of any kind: number the left rows, match them, then left join by the number.

    ``match`` gets the numbered left rows and returns those that match, extended.
    """
    rows = number_rows(context, left)
    number = rows.number
    first, second = context.alias(), context.alias()
    matches = match(rows.relation)
    mine, theirs = rows.relation.read(first), matches.read(second)
    if number not in theirs:
        theirs[number] = mine[number]
        matches = make(theirs, select(outputs(theirs), where=[sql.boolean(False)]))
        theirs = matches.read(second)
    on = same_term(mine[number], theirs[number])
    join = exp.Join(this=source(matches.query, second), side="LEFT", on=on)
    scope: dict[str, Value] = {}
    for name in dict.fromkeys([*left.shape, *matches.shape]):
        if name == number:
            continue
        found = theirs.get(name)
        own = mine.get(name)
        if own is None and found is not None:
            scope[name] = _maybe(found)
        elif own is not None:
            scope[name] = own if found is None else merged(own, _maybe(found))
    query = rows.within(select(outputs(scope), rows.origin(first), [join]))
    return make(scope, query, left.undecoded | matches.undecoded)


def semi_join(context: Context, left: Relation, match: Restrict, *, negated: bool) -> Relation:
    """Keep the left rows that ``match`` lets through, or with ``negated`` the others."""
    rows = number_rows(context, left)
    first, second = context.alias(), context.alias()
    matches = match(rows.relation)
    mine, theirs = rows.relation.read(first), matches.read(second)
    if rows.number not in theirs:
        return left if negated else empty()
    equal = same_term(mine[rows.number], theirs[rows.number])
    del mine[rows.number]
    if rows.body is None:
        # a join, since DuckDB carries the rows of a correlated EXISTS into the pairs: a product
        kind = "ANTI" if negated else "SEMI"
        join = exp.Join(this=source(matches.query, second), kind=kind, on=equal)
        return make(mine, select(outputs(mine), rows.origin(first), [join]), left.undecoded)
    found = exp.Exists(this=select([sql.number(1)], source(matches.query, second), where=[equal]))
    where = [sql.negate(found) if negated else found]
    query = rows.within(select(outputs(mine), rows.origin(first), where=where))
    return make(mine, query, left.undecoded)


@dataclass(frozen=True, slots=True)
class NumberedRows:
    """The rows of a relation with a number each, materialised under a name.

    ``body`` is what is still to be put before the query that uses them.
    """

    name: str
    number: str
    relation: Relation
    body: exp.Query | None = None

    def origin(self, alias: str) -> exp.Table:
        """The rows as something to select from."""
        return table(exp.to_identifier(self.name, quoted=True), alias)

    def within(self, query: exp.Select) -> exp.Select:
        """The query with the rows defined before it, where they are not before the statement."""
        if self.body is None:
            return query
        name = exp.to_identifier(self.name, quoted=True)
        return query.with_(name, as_=self.body, materialized=True, copy=False)


def number_rows(context: Context, relation: Relation) -> NumberedRows:
    """Number the rows of a relation."""
    number, alias = f"#{context.alias()}", context.alias()
    values = {**relation.read(alias), number: row_number()}
    if not reads_outer(context, relation):
        numbered = make(values, Body(source(relation.query, alias)), relation.undecoded)
        name, rows = named_before(context, numbered)
        return NumberedRows(name, number, rows)
    name = context.alias()
    body = select(outputs(values), source(relation.query, alias))
    origin = table(exp.to_identifier(name, quoted=True), context.alias())
    rows = make(values, select([exp.Star()], origin), relation.undecoded)
    return NumberedRows(name, number, rows, body)


def row_number() -> Value:
    """The number of a row, as a value."""
    number = exp.Window(this=sql.func("row_number"))
    facets = {"tag": tag(Lane.INTEGER), "integer": sql.cast(number, "BIGINT")}
    return Value(frozenset({Lane.INTEGER}), facets, maybe_unbound=False)  # type: ignore[arg-type]


def _maybe(value: Value) -> Value:
    return Value(value.lanes, value.facets, True, value.crs, value.maybe_nan)


def minus(context: Context, left: Relation, right: Relation, apart: Sequence[str] = ()) -> Relation:
    """Drop left rows that share a bound variable with a compatible right row.

    Variables of ``apart`` must be equal too, but do not count as shared.
    """
    shared = [n for n in left.shape if n in right.shape and n not in apart]
    if not shared:
        return left.unordered()
    alias = context.alias()
    mine = left.read(alias)
    both = [name for name in apart if name in left.shape and name in right.shape]
    certain = [n for n in shared if left.always(n) and right.always(n)]
    drops = [
        sql.negate(_match(context, mine, right, [*both, *shared], {*both, key}))
        for key in (certain[:1] or shared)
    ]
    return make(mine, select(outputs(mine), source(left.query, alias), where=drops), left.undecoded)


def _match(
    context: Context, mine: Scope, right: Relation, shared: Sequence[str], keys: Set[str]
) -> Sql:
    """EXISTS a right row equal in the keys and compatible in the other shared variables."""
    alias = context.alias()
    theirs = right.read(alias)
    tests = [
        same_term(mine[name], theirs[name])
        if name in keys
        else compatible(mine[name], theirs[name])
        for name in shared
    ]
    return exp.Exists(this=select([sql.number(1)], source(right.query, alias), where=tests))


def exists(context: Context, outer: Scope, inner: Relation) -> Sql:
    """EXISTS a row of a pattern compatible with the solution around it."""
    alias = context.alias()
    pairing = pair(outer, inner.read(alias))
    tests = [*pairing.keys, *pairing.residuals]
    return exp.Exists(this=select([sql.number(1)], source(inner.query, alias), where=tests))
