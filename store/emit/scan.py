"""A triple pattern as a scan over the lane files that can match it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp

from ontology import IRI, BlankNode, Lane, Literal, StoreError, term_id

from ..algebra import GraphName, TriplePattern, Var, Window
from ..catalog import LaneFile, LaneTable
from ..lower import constant, sql
from ..values import FACET_TYPES, Facet, Value, null, tag
from .context import Context
from .keys import same_term
from .relation import Body, Relation, Sql, column, empty, make, select, table
from .union import union_all
from .windows import box_conditions, files_in

_OBJECT: dict[Lane, Facet] = {
    Lane.STRING: "text",
    Lane.LANG: "text",
    Lane.BOOLEAN: "boolean",
    Lane.INTEGER: "integer",
    Lane.DECIMAL: "decimal",
    Lane.DOUBLE: "double",
    Lane.FLOAT: "double",
    Lane.DATE: "time",
    Lane.DATETIME: "time",
    Lane.OTHER: "text",
}


_CAST: frozenset[Lane] = frozenset({Lane.FLOAT, Lane.DATE})
"""Lanes whose column is not of the facet's own type."""


def scan(
    context: Context, pattern: TriplePattern, graph: GraphName, windows: Sequence[Window]
) -> Relation:
    """The solutions of one triple pattern in one graph."""
    if context.snapshot is None:
        raise StoreError(
            "This query has triple patterns but no store to match them",
            remedy="give a store, or a SERVICE for the patterns",
        )
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    if isinstance(pattern.subject, Literal) or isinstance(pattern.predicate, Literal | BlankNode):
        return empty()
    known = _known(context, [node for node in nodes[::2] if isinstance(node, IRI | BlankNode)])
    graphs = _graphs(context, graph)
    if graphs == ():
        return empty()
    branches = [
        _branch(context, lane, pattern, graph, graphs, known, windows)
        for lane in context.snapshot.lanes
        if _can_match(lane, pattern)
    ]
    merged = union_all(context, [branch for branch in branches if branch is not None])
    many = graph is None and graphs is not None and len(graphs) > 1
    return _distinct(merged) if many else merged


def _distinct(relation: Relation) -> Relation:
    query = relation.query
    if isinstance(query, exp.Select):
        query.set("distinct", exp.Distinct())
    else:
        query = select([exp.Star()], exp.Subquery(this=query))
        query.set("distinct", exp.Distinct())
    return Relation(query, relation.shape, relation.undecoded)


def _known(context: Context, nodes: Sequence[IRI | BlankNode]) -> Mapping[str, int]:
    assert context.snapshot is not None
    return context.snapshot.known([_plain(node) for node in nodes]) if nodes else {}


def _plain(node: IRI | BlankNode) -> str:
    return node.value if isinstance(node, IRI) else node.n3


def _graphs(context: Context, graph: GraphName) -> tuple[int, ...] | None:
    """Ids of the graphs to read, or None for the unnamed graph."""
    named = context.named()
    if isinstance(graph, Var):
        return tuple(named.values())
    if isinstance(graph, IRI):
        return (named[graph.value],) if graph.value in named else ()
    if not context.has_dataset:
        return None
    assert context.snapshot is not None
    wanted = {default.value for default in context.default_graphs}
    held = [name for name in context.snapshot.graphs if name in wanted]
    return tuple(term_id(f"<{name}>") for name in held)


def _can_match(lane: LaneTable, pattern: TriplePattern) -> bool:
    if isinstance(pattern.predicate, IRI) and pattern.predicate.value != lane.predicate:
        return False
    if isinstance(pattern.object, Var):
        node_only = pattern.object in (pattern.subject, pattern.predicate)
        return lane.lane is Lane.NODE or not node_only
    return constant(pattern.object).only_lane is lane.lane


def _branch(
    context: Context,
    lane: LaneTable,
    pattern: TriplePattern,
    graph: GraphName,
    graphs: tuple[int, ...] | None,
    known: Mapping[str, int],
    windows: Sequence[Window],
) -> Relation | None:
    alias = context.alias()
    subject = _node(column("s", alias), column("s_blank", alias))
    obj = _object(lane, alias)
    conditions: list[Sql] = []
    bindings: dict[str, Value] = {}
    predicate = constant(IRI(lane.predicate))
    for node, value in ((pattern.subject, subject), (pattern.object, obj)):
        if isinstance(node, Var):
            _bind(bindings, conditions, node.name, value)
        elif isinstance(node, IRI | BlankNode):
            if _plain(node) not in known:
                return None
            conditions.append(sql.binary("=", value.get("id"), _id(known[_plain(node)])))
        else:
            conditions.append(_is_literal(value, node))
    undecoded = set(bindings)
    if isinstance(pattern.predicate, Var):
        fresh = pattern.predicate.name not in bindings
        _bind(bindings, conditions, pattern.predicate.name, predicate)
        undecoded -= set() if not fresh else {pattern.predicate.name}
    conditions += _graph_conditions(lane, graphs, alias)
    if isinstance(graph, Var):
        _bind(bindings, conditions, graph.name, _node(column("g", alias), sql.boolean(False)))
        undecoded.add(graph.name)
    files = lane.files
    for window in windows:
        if lane.lane is Lane.GEOMETRY and pattern.object == Var(window.variable):
            files = files_in(files, lane, window)
            conditions += box_conditions(lane, window, alias)
    if not files:
        return None
    body = Body(_read(context, files, alias), where=tuple(conditions))
    return make(bindings, body, {name for name in undecoded if Lane.NODE in bindings[name].lanes})


def _bind(bindings: dict[str, Value], conditions: list[Sql], name: str, value: Value) -> None:
    if name in bindings:
        conditions.append(same_term(bindings[name], value))
    else:
        bindings[name] = value


def _graph_conditions(lane: LaneTable, graphs: tuple[int, ...] | None, alias: str) -> list[Sql]:
    if graphs is None:
        return [sql.is_null(column("g", alias))] if lane.has_graphs else []
    return [sql.one_of(column("g", alias), [_id(graph) for graph in graphs])]


def _id(number: int) -> Sql:
    return sql.cast(sql.number(number), FACET_TYPES["id"])


def _is_literal(value: Value, literal: Literal) -> Sql:
    return same_term(value, constant(literal))


def _node(identity: Sql, blank: Sql) -> Value:
    facets: dict[Facet, Sql] = {"tag": tag(Lane.NODE), "id": identity, "blank": blank}
    return Value(frozenset({Lane.NODE}), facets, maybe_unbound=False)


def _object(lane: LaneTable, alias: str) -> Value:
    if lane.lane is Lane.NODE:
        return _node(column("o", alias), column("o_blank", alias))
    facets: dict[Facet, Sql] = {"tag": tag(lane.lane)}
    if lane.lane is Lane.GEOMETRY:
        facets["geometry"] = sql.cast(column("geom", alias), "GEOMETRY")
        facets["crs"] = sql.string(lane.crs) if lane.crs else null("crs")
        for side in ("xmin", "ymin", "xmax", "ymax"):
            facets[side] = column(side, alias)
    else:
        facet = _OBJECT[lane.lane]
        node = column("o", alias)
        facets[facet] = sql.cast(node, FACET_TYPES[facet]) if lane.lane in _CAST else node
    if lane.lane is Lane.LANG:
        facets["lang"] = column("lang", alias)
    elif lane.lane is Lane.DATETIME:
        facets["zone"] = column("zone", alias)
    elif lane.lane is Lane.OTHER:
        facets |= {
            "datatype": column("datatype", alias),
            "double": column("number", alias),
            "time": column("time", alias),
        }
    if lane.has_lexical and lane.lane not in (Lane.STRING, Lane.LANG, Lane.OTHER):
        facets["text"] = column("lex", alias)
    crs = frozenset({lane.crs}) if lane.crs else frozenset()
    return Value(frozenset({lane.lane}), facets, maybe_unbound=False, crs=crs)


def _read(context: Context, files: Sequence[LaneFile], alias: str) -> exp.Table:
    for file in files:
        context.notes.files[file.path] = file.rows
    return parquet([file.path for file in files], alias)


def parquet(paths: Sequence[Path], alias: str) -> exp.Table:
    """``read_parquet`` of an explicit list of files."""
    names = exp.Array(expressions=[sql.string(str(path)) for path in paths])
    return table(sql.func("read_parquet", names), alias)
