"""Paths of length zero: a term with itself (SPARQL 1.1 section 18.4, ZeroLengthPath).

A constant matches itself, even if no graph holds it; two variables match every node, which is
every subject and object, of the active graph.
"""

from __future__ import annotations

from ..algebra import Bgp, Closure, GraphName, TriplePattern, Values, Var
from .context import Context
from .joins import inner_join
from .leaves import inline
from .modifiers import distinct
from .relation import Relation, make, outputs, select, source, unit
from .seeds import Seed
from .union import union_all

TERM = ".n"


def zero_length(context: Context, node: Closure, seed: Seed | None) -> Relation | None:
    """The solutions of length zero, each once; None if there is none."""
    ends = (node.subject, node.object)
    fixed = [end for end in ends if not isinstance(end, Var)]
    if len(fixed) == 2 and fixed[0] != fixed[1]:
        return None
    if fixed:
        terms = inline(context, Values((TERM,), ((fixed[0],),)))
        found = inner_join(context, [_graphs(context, node.graph), terms])
    else:
        found = nodes(context, node.graph) if seed is None else _seeded(context, node, seed)
    return _named(context, found, [end.name for end in ends if isinstance(end, Var)])


def _graphs(context: Context, graph: GraphName) -> Relation:
    return context.emit(Bgp((), graph), context) if isinstance(graph, Var) else unit()


def nodes(context: Context, graph: GraphName) -> Relation:
    """Every node of a graph as the variable ``.n``, or of each graph with its name."""
    pattern = TriplePattern(Var(".s"), Var(".p"), Var(".o"))
    every = context.emit(Bgp((pattern,), graph), context)
    return terms_of(context, every, (".s", ".o"), graph)


def terms_of(
    context: Context, relation: Relation, variables: tuple[str, ...], graph: GraphName
) -> Relation:
    """The different terms some variables take, as ``.n``, by graph if that is a variable."""
    found = [renamed(context, relation, name, graph) for name in variables]
    return distinct(context, union_all(context, [one for one in found if one.shape]))


def renamed(context: Context, relation: Relation, variable: str, graph: GraphName) -> Relation:
    """One variable as ``.n``, with the graph if that is a variable."""
    alias = context.alias()
    values = relation.read(alias)
    kept = {TERM: values[variable]} if variable in values else {}
    undecoded = {TERM} if variable in relation.undecoded else set()
    if kept and isinstance(graph, Var) and relation.always(graph.name):
        kept[graph.name] = values[graph.name]
        undecoded |= {graph.name} & relation.undecoded
    return make(kept, select(outputs(kept), source(relation.query.copy(), alias)), undecoded)


def _seeded(context: Context, node: Closure, seed: Seed) -> Relation:
    terms = terms_of(context, seed.relation, (seed.variable,), node.graph)
    if node.graph in seed.nodes_of:
        return terms
    return inner_join(context, [terms, nodes(context, node.graph)])


def _named(context: Context, relation: Relation, names: list[str]) -> Relation:
    alias = context.alias()
    values = relation.read(alias)
    scope = {name: values[TERM] for name in names if TERM in values}
    undecoded = relation.undecoded - {TERM}
    if TERM in relation.undecoded:
        undecoded |= frozenset(names)
    scope |= {name: value for name, value in values.items() if name != TERM}
    return make(scope, select(outputs(scope), source(relation.query, alias)), undecoded)
