"""Several columns of the same few rows as one scan: for each row, a triple a column.

A union would read as well; but planning it takes DuckDB longer than reading the row.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ..lower import merged_crs, sql
from ..values import FACETS, Facet, Value
from .context import Context
from .relation import Body, Relation, Sql, column

_NUMBER = "#column"


def gathered(context: Context, branches: Sequence[Relation]) -> list[Relation]:
    """Branches of a union, those that read the same named rows made one."""
    groups: dict[str, list[Relation]] = {}
    kept: list[Relation] = []
    for branch in branches:
        name = _rows_of(context, branch)
        if name is None:
            kept.append(branch)
        else:
            groups.setdefault(name, []).append(branch)
    return [*kept, *(_one(context, group) for group in groups.values())]


def _rows_of(context: Context, branch: Relation) -> str | None:
    """The name of the rows a branch reads and does nothing else with."""
    if not isinstance(branch.source, Body) or branch.source.joins or branch.order:
        return None
    origin = branch.source.origin
    named = isinstance(origin, exp.Table) and isinstance(origin.this, exp.Identifier)
    name = str(origin.this.this) if named else None
    return name if name in context.notes.rows.values() else None


def _one(context: Context, branches: Sequence[Relation]) -> Relation:
    if len(branches) == 1:
        return branches[0]
    alias, first = context.alias(), branches[0]
    number = column(_NUMBER, alias)
    rows = [exp.Tuple(expressions=[sql.number(k)]) for k in range(len(branches))]
    names = [exp.to_identifier(_NUMBER, quoted=True)]
    numbers = exp.Values(
        expressions=rows,
        alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True), columns=names),
    )
    shape = {
        name: _value(number, [branch.shape[name] for branch in branches]) for name in first.shape
    }
    tests = [branch.body.where for branch in branches]
    common = [test for test in tests[0] if all(test in held for held in tests)]
    own = [sql.every([t for t in held if t not in common]) for held in tests]
    where = [*common, *([_chosen(number, own)] if any(len(t) > len(common) for t in tests) else ())]
    body = Body(first.body.origin, (exp.Join(this=numbers, kind="CROSS"),), tuple(where))
    undecoded = frozenset().union(*(branch.undecoded for branch in branches))
    return Relation(Relation(body, shape).query, shape, undecoded)


def _value(number: Sql, held: Sequence[Value]) -> Value:
    facets: dict[Facet, Sql] = {}
    for facet in FACETS:
        if any(value.has(facet) for value in held):
            facets[facet] = _chosen(number, [value.facets.get(facet) for value in held])
    return Value(
        frozenset().union(*(value.lanes for value in held)),
        facets,
        any(value.maybe_unbound for value in held),
        merged_crs(held),
        any(value.maybe_nan for value in held),
    )


def _chosen(number: Sql, nodes: Sequence[Sql | None]) -> Sql:
    """The expression of the column a row is about; NULL for those that have none."""
    if all(node is not None and node == nodes[0] for node in nodes) and nodes[0] is not None:
        return nodes[0]
    return sql.case(
        [
            (sql.binary("=", number, sql.number(k)), node)
            for k, node in enumerate(nodes)
            if node is not None
        ]
    )
