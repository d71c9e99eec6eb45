"""Whole queries as SQL: what the engine runs, and how its columns are to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from ontology import Lane

from ..algebra import Node, Query, TriplePattern, Var
from ..catalog import Snapshot
from ..lower import constant, sql, to_struct
from ..values import Value, tag
from .context import Context
from .decode import decode
from .emitter import emit
from .late_tests import relates_times
from .modifiers import limit
from .part_pruning import Pruned
from .relation import Relation, Sql, column, named, order_by, outputs, select, source, table
from .union import union_all
from .writer import written

TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL of a query.

    Attributes
    ----------
    sql : str
        For DuckDB. Columns are the variables (SELECT), ``answer`` (ASK) or
        subject, predicate and object (CONSTRUCT, DESCRIBE), each a term struct.
    tables : mapping of name to pa.Table
        To be registered before running.
    files : mapping of path to rows
        Parquet files of lanes and entity tables that are read.
    pruned : tuple of Pruned
        What each scan of an entity table reads of it.
    spatial : tuple of str
        For each spatial join how it runs: "joined" in memory, or "tiled".
    """

    sql: str
    tables: Mapping[str, pa.Table]
    files: Mapping[Path, int]
    pruned: tuple[Pruned, ...] = ()
    spatial: tuple[str, ...] = ()


def emit_query(query: Query, snapshot: Snapshot | None, *, tiled: bool = False) -> Statement:
    """Emit a query over a snapshot; ``tiled`` with spatial joins that take little memory.

    Raises
    ------
    UnsupportedError
        For anything in the plan that cannot be answered.
    """
    context = Context(
        snapshot,
        emit,
        query.default_graphs,
        query.named_graphs,
        tiled=tiled,
        timed=relates_times(query.plan),
    )
    relation = emit(query.plan, context)
    match query.form:
        case "SELECT":
            made = _solutions(context, relation, query.variables)
        case "ASK":
            made = _answer(context, relation)
        case _:
            made = _triples(context, relation, query.template)
    _put_first(made, context.notes.paths)
    text = written(made)
    notes = context.notes
    return Statement(
        text, dict(notes.tables), dict(notes.files), tuple(notes.pruned), tuple(notes.spatial)
    )


def _put_first(query: exp.Query, paths: Sequence[exp.CTE]) -> None:
    if paths:
        held = query.args.get("with_")
        rest = held.expressions if held is not None else []
        query.set("with_", exp.With(expressions=[*paths, *rest], recursive=True))


def _solutions(context: Context, relation: Relation, variables: Sequence[str]) -> exp.Query:
    relation = context.opened(decode(context, relation, variables))
    items = [named(_packed(relation.shape.get(name)), name) for name in variables]
    if relation.body.where and not relation.body.joins and not relation.order:
        return _kept_first(context, relation, items or [named(_packed(None), "#")])
    query = relation.select(items or [named(_packed(None), "#")])
    if relation.order:
        query.set("order", order_by(relation.order, selected=False))
    return query


def _kept_first(context: Context, relation: Relation, items: Sequence[Sql]) -> exp.Query:
    """SELECT items of a scan's rows, once these are chosen.

    DuckDB tests conditions while it reads, and what is left comes in hundreds of nearly empty
    vectors; terms are made of full ones in two thirds of the time.
    """
    name, alias = context.alias(), context.alias()
    kept: dict[tuple[str, str], Sql] = {}

    def read(node: Sql) -> Sql:
        if not isinstance(node, exp.Column) or not node.table:
            return node
        key = (node.table, node.name)
        kept.setdefault(key, named(column(node.name, node.table), f"{node.table}.{node.name}"))
        return column(f"{node.table}.{node.name}", alias)

    made = [sql.own(item).transform(read) for item in items]
    rows = relation.select([*kept.values()] or [sql.number(1)])
    held = exp.to_identifier(name, quoted=True)
    query = select(made, table(held, alias))
    return query.with_(held.copy(), as_=rows, materialized=True, copy=False)


def _packed(value: Value | None) -> Sql:
    return to_struct(value if value is not None else _never())


def _never() -> Value:
    return Value(frozenset(), {"tag": sql.null("UTINYINT")})


def _answer(context: Context, relation: Relation) -> exp.Query:
    found = limit(context, relation.unordered(), 0, 1)
    return select([named(exp.Exists(this=found.query), "answer")])


def _triples(context: Context, relation: Relation, template: Sequence[TriplePattern]) -> exp.Query:
    if not template:
        return _no_triples()
    if len(template) == 1 and not any(map(_is_made, _nodes(template[0]))):
        return _distinct_triples(context, _alone(context, relation.unordered(), template[0]))
    numbered = _numbered(context, relation)
    rows = context.alias()
    branches = [_instance(context, numbered, rows, pattern) for pattern in template]
    return _distinct_triples(context, union_all(context, branches)).with_(
        exp.to_identifier(rows, quoted=True), as_=numbered.query, materialized=True, copy=False
    )


def _distinct_triples(context: Context, triples: Relation) -> exp.Select:
    decoded = context.opened(decode(context, triples, TRIPLE))
    query = decoded.select([named(to_struct(decoded.shape[n]), n) for n in TRIPLE])
    query.set("distinct", exp.Distinct())
    return query


_NUMBER = "#n"


def _numbered(context: Context, relation: Relation) -> Relation:
    alias = context.alias()
    values = relation.read(alias)
    number = exp.Window(this=sql.func("row_number"))
    item = named(number, _NUMBER)
    items = [*outputs(values), item] if values else [item]
    query = select(items, source(limit(context, relation, 0, None).query, alias))
    return Relation(query, values, relation.undecoded)


def _alone(context: Context, relation: Relation, pattern: TriplePattern) -> Relation:
    """The triples of a template that needs no numbers of solutions."""
    opened = context.opened(relation)
    shape, where = _made(opened.shape, pattern, "")
    triples = Relation(opened.body, shape, _lacking(relation, pattern)).where(where)
    return Relation(triples.query, shape, triples.undecoded)


def _instance(context: Context, numbered: Relation, rows: str, pattern: TriplePattern) -> Relation:
    """The triples one pattern of a template makes."""
    alias = context.alias()
    shape, where = _made(numbered.read(alias), pattern, alias)
    origin = exp.Table(
        this=exp.to_identifier(rows, quoted=True),
        alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)),
    )
    query = select(outputs(shape), origin, where=where)
    return Relation(query, shape, _lacking(numbered, pattern))


def _made(
    scope: Mapping[str, Value], pattern: TriplePattern, alias: str
) -> tuple[dict[str, Value], list[Sql]]:
    """Terms of a triple, and the tests that its subject is a node and its predicate an IRI."""
    nodes = zip(TRIPLE, _nodes(pattern), strict=True)
    values = {name: _term(node, scope, alias) for name, node in nodes}
    where = [sql.not_null(value.get("tag")) for value in values.values() if value.maybe_unbound]
    ends = (values["subject"], values["predicate"])
    mixed = (value for value in ends if value.only_lane is not Lane.NODE)
    where += [sql.binary("=", value.get("tag"), tag(Lane.NODE)) for value in mixed]
    where.append(sql.negate(values["predicate"].get("blank")))
    return {name: value if value.lanes else _never() for name, value in values.items()}, where


def _nodes(pattern: TriplePattern) -> tuple[Node, Node, Node]:
    return (pattern.subject, pattern.predicate, pattern.object)


def _lacking(relation: Relation, pattern: TriplePattern) -> frozenset[str]:
    """Terms of a triple that may lack their text."""
    nodes = zip(TRIPLE, _nodes(pattern), strict=True)
    return frozenset(
        name for name, node in nodes if isinstance(node, Var) and node.name in relation.undecoded
    )


def _is_made(node: Node) -> bool:
    """Whether a node of a template is a new blank node in every solution."""
    return isinstance(node, Var) and node.name.startswith(".b")


def _term(node: Node, scope: Mapping[str, Value], alias: str) -> Value:
    if not isinstance(node, Var):
        return constant(node)
    if not _is_made(node):
        return scope.get(node.name, _never())
    number = sql.cast(column(_NUMBER, alias), "VARCHAR")
    label = sql.binary("||", sql.string("_:c"), number)
    text = sql.binary("||", label, sql.string(node.name.replace(".b", "x")))
    facets = {"tag": tag(Lane.NODE), "blank": sql.boolean(True), "text": text}
    return Value(frozenset({Lane.NODE}), facets, maybe_unbound=False)  # type: ignore[arg-type]


def _no_triples() -> exp.Query:
    items = [named(_packed(None), name) for name in TRIPLE]
    return select(items, where=[sql.boolean(False)])
