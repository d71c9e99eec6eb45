"""Several columns of the same few rows as one scan: for each row, a triple a column.

A union would read as well; but planning it takes DuckDB longer than reading the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from ..lower import merged_crs, sql
from ..values import FACETS, Facet, Value
from .context import Context
from .relation import Body, Relation, Sql, column


@dataclass(slots=True)
class _Columns:
    """What differs from column to column: constants stand in a table, the rest is a CASE."""

    alias: str
    count: int
    names: list[str] = field(default_factory=list)
    values: list[Sequence[Sql]] = field(default_factory=list)

    def chosen(self, nodes: Sequence[Sql | None]) -> Sql:
        """The expression of the column a row is about; NULL for those that have none."""
        held = [node for node in nodes if node is not None]
        same = len(held) == self.count
        if same and all(node == held[0] for node in held):
            return held[0]
        if same and all(map(_is_constant, held)):
            return self._listed(held)
        number = self._listed([sql.number(k) for k in range(self.count)])
        branches = [
            exp.If(this=sql.number(k), true=sql.own(node))
            for k, node in enumerate(nodes)
            if node is not None
        ]
        return exp.Case(this=number, ifs=branches)

    def _listed(self, nodes: Sequence[Sql]) -> Sql:
        at = next((k for k, held in enumerate(self.values) if held == nodes), len(self.values))
        if at == len(self.values):
            self.names.append(f"#{at}")
            self.values.append(nodes)
        return column(self.names[at], self.alias)

    def join(self) -> exp.Join:
        """One row for each column."""
        rows = zip(*self.values, strict=True)
        names = [exp.to_identifier(name, quoted=True) for name in self.names]
        table = exp.Values(
            expressions=[exp.Tuple(expressions=[sql.own(node) for node in row]) for row in rows],
            alias=exp.TableAlias(this=exp.to_identifier(self.alias, quoted=True), columns=names),
        )
        return exp.Join(this=table, kind="CROSS")


def _is_constant(node: Sql) -> bool:
    inner = node.this if isinstance(node, exp.Cast | exp.Neg) else node
    inner = inner.this if isinstance(inner, exp.Neg) else inner
    return isinstance(inner, exp.Literal)


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
    for name in groups:
        context.notes.rows[name].read()
    return [*kept, *(_one(context, group) for group in groups.values())]


def _rows_of(context: Context, branch: Relation) -> str | None:
    """The name of the rows a branch reads and does nothing else with."""
    if not isinstance(branch.source, Body) or branch.source.joins or branch.order:
        return None
    origin = branch.source.origin
    named = isinstance(origin, exp.Table) and isinstance(origin.this, exp.Identifier)
    name = str(origin.this.this) if named else None
    return name if name in context.notes.rows else None


def _one(context: Context, branches: Sequence[Relation]) -> Relation:
    if len(branches) == 1:
        return branches[0]
    first, columns = branches[0], _Columns(context.alias(), len(branches))
    shape = {
        name: _value(columns, [branch.shape[name] for branch in branches]) for name in first.shape
    }
    tests = [branch.body.where for branch in branches]
    common = [test for test in tests[0] if all(test in held for held in tests)]
    own = [sql.every([t for t in held if t not in common]) for held in tests]
    where = [*common, *([columns.chosen(own)] if any(len(t) > len(common) for t in tests) else ())]
    body = Body(first.body.origin, (columns.join(),), tuple(where))
    undecoded = frozenset().union(*(branch.undecoded for branch in branches))
    return Relation(Relation(body, shape).query, shape, undecoded)


def _value(columns: _Columns, held: Sequence[Value]) -> Value:
    facets: dict[Facet, Sql] = {}
    for facet in FACETS:
        if any(value.has(facet) for value in held):
            facets[facet] = columns.chosen([value.facets.get(facet) for value in held])
    return Value(
        frozenset().union(*(value.lanes for value in held)),
        facets,
        any(value.maybe_unbound for value in held),
        merged_crs(held),
        any(value.maybe_nan for value in held),
    )
