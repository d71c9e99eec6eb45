"""Paths of any length (SPARQL 1.1 section 9.3): a recursive UNION over materialised steps.

A path is the pairs that single steps lead to and, for ``*`` and ``?``, the pairs of a node with
itself. The recursion starts from the end that is bound, by a constant or by what stands beside the
path (:mod:`.seeds`), and runs over keys alone. UNION's own hash set is the set of visited pairs,
so cycles end and no pair comes twice (engine notes, A4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from ontology import IRI, BlankNode, Lane

from ..algebra import Bgp, Closure, Node, Plan, Union, Var
from ..lower import constant, sql, term_key
from ..values import Facet, Value, tag
from .context import Context
from .relation import Relation, Sql, column, make, named, outputs, select, source, table
from .seeds import Seed, chosen_seed
from .union import union_all
from .zero_paths import TERM, terms_of, zero_length

_GRAPH, _NEAR, _FAR, _BLANK = "#graph", "#near", "#far", ".blank"
_TERM_KEY = "#key"
End = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class _Walk:
    """How one path is walked.

    ``near`` is the end of a step the recursion comes from. ``plain``: every end is an IRI or blank
    node and its key its id. ``pinned`` is the key of a constant to start from.
    """

    node: Closure
    steps: Relation
    near: End
    plain: bool
    pinned: Sql | None
    seed: Seed | None

    @property
    def graph(self) -> str | None:
        """The variable the graph is bound to."""
        return self.node.graph.name if isinstance(self.node.graph, Var) else None

    @property
    def inner(self) -> tuple[str, str]:
        """The step's variables, near and far."""
        ends = (self.node.start, self.node.end)
        return ends if self.near == "start" else ends[::-1]

    @property
    def outer(self) -> tuple[Node, Node]:
        """The ends of the path, near and far."""
        ends = (self.node.subject, self.node.object)
        return ends if self.near == "start" else ends[::-1]

    def columns(self, name: str) -> list[str]:
        """Columns of an end."""
        return [name, name + _BLANK] if self.plain else [name]

    @property
    def kept(self) -> list[str]:
        """Columns that stay the same along a path."""
        graph = [_GRAPH] if self.graph else []
        return graph if self.pinned is not None else [*graph, *self.columns(_NEAR)]


def closure(context: Context, node: Closure) -> Relation:
    """All pairs of ends of a path, each once."""
    if node.sign == "+" and _nullable(node.step):
        node = replace(node, sign="*")
    seed = chosen_seed(context, node)
    inside = replace(context, seeds={})
    parts = [] if node.sign == "+" else [zero_length(inside, node, seed)]
    walk = _walk(inside, node, seed)
    if walk is not None:
        parts.append(_walked(inside, walk))
    return union_all(context, [part for part in parts if part is not None])


def _nullable(step: Plan) -> bool:
    """Return whether a step may lead from any term to itself: then ``+`` is ``*``."""
    match step:
        case Closure(sign="+"):
            return _nullable(step.step)
        case Closure():
            return True
        case Union(left, right):
            return _nullable(left) or _nullable(right)
    return False


def _walk(context: Context, node: Closure, seed: Seed | None) -> _Walk | None:
    """How to walk, or None where no step can be part of an answer."""
    steps = context.emit(node.step, context)
    if not {node.start, node.end} <= steps.shape.keys():
        return None
    if node.sign != "+" and node.subject == node.object:
        return None
    plain = all(steps.shape[name].lanes == {Lane.NODE} for name in (node.start, node.end))
    ends = [end for end in (node.subject, node.object) if not isinstance(end, Var)]
    if not all(_occurs(context, end, plain) for end in ends):
        return None
    near: End = "start"
    if seed is not None:
        near = "start" if node.subject == Var(seed.variable) else "end"
    elif isinstance(node.subject, Var) and ends:
        near = "end"
    fixed = node.subject if near == "start" else node.object
    pinned = None if isinstance(fixed, Var) else _key(constant(fixed), plain)
    return _Walk(node, steps, near, plain, pinned, seed)


def _occurs(context: Context, end: Node, plain: bool) -> bool:
    if isinstance(end, IRI | BlankNode):
        text = end.value if isinstance(end, IRI) else end.n3
        return context.snapshot is not None and bool(context.snapshot.known([text]))
    return not plain


def _key(value: Value, plain: bool) -> Sql:
    return value.get("id") if plain else term_key(value)


def _walked(context: Context, walk: _Walk) -> Relation:
    steps, pairs = context.alias(), context.alias()
    terms = None if walk.plain else terms_of(context, walk.steps, walk.inner, None)
    held: list[tuple[str, exp.Query, bool | None]] = [(steps, _step_keys(context, walk), True)]
    seeds = None
    if walk.seed is not None and walk.seed.variable in walk.seed.relation.shape:
        seeds = context.alias()
        held.append((seeds, _seed_keys(context, walk, walk.seed), True))
    held.append((pairs, _pairs(walk, steps, pairs, seeds), None))
    named_terms = ""
    if terms is not None:
        named_terms = context.alias()
        held.append((named_terms, _keyed(context, terms), True))
    for name, body, once in held:
        alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
        context.notes.paths.append(exp.CTE(this=body, alias=alias, materialized=once))
    return _ends(context, walk, pairs, (named_terms, terms))


def _step_keys(context: Context, walk: _Walk) -> exp.Query:
    alias = context.alias()
    values = walk.steps.read(alias)
    items: list[Sql] = []
    if walk.graph:
        items.append(named(values[walk.graph].get("id"), _GRAPH))
    for variable, name in zip(walk.inner, (_NEAR, _FAR), strict=True):
        items.append(named(_key(values[variable], walk.plain), name))
        if walk.plain:
            items.append(named(values[variable].get("blank"), name + _BLANK))
    query = select(items, source(walk.steps.query, alias))
    if not (isinstance(walk.node.step, Bgp) and len(walk.node.step.patterns) == 1):
        query.set("distinct", exp.Distinct())
    return query


def _seed_keys(context: Context, walk: _Walk, seed: Seed) -> exp.Query:
    alias = context.alias()
    values = seed.relation.read(alias)
    items = [named(_key(values[seed.variable], walk.plain), _NEAR)]
    if walk.graph in values:
        items.append(named(values[walk.graph].get("id"), _GRAPH))
    query = select(items, source(seed.relation.query, alias))
    query.set("distinct", exp.Distinct())
    return query


def _pairs(walk: _Walk, steps: str, pairs: str, seeds: str | None) -> exp.Query:
    """Begin with single steps, then extend them at the far end."""
    step, before, key = "e", "p", "k"
    wanted = [*walk.kept, *walk.columns(_FAR)]
    begin = select([named(column(c, step), c) for c in wanted], _table(steps, step))
    if walk.pinned is not None:
        begin.set("where", exp.Where(this=sql.binary("=", column(_NEAR, step), walk.pinned)))
    elif seeds is not None:
        on = [sql.binary("=", column(_NEAR, step), column(_NEAR, key))]
        assert walk.seed is not None
        if walk.graph in walk.seed.relation.shape:
            on.append(sql.binary("=", column(_GRAPH, step), column(_GRAPH, key)))
        join = exp.Join(this=_table(seeds, key), kind="INNER", on=sql.every(on))
        begin.set("joins", [join])
    if walk.node.sign == "?":
        begin.set("distinct", exp.Distinct())
        return begin
    items = [named(column(c, before), c) for c in walk.kept]
    items += [named(column(c, step), c) for c in walk.columns(_FAR)]
    on = [sql.binary("=", column(_FAR, before), column(_NEAR, step))]
    if walk.graph:
        on.append(sql.binary("=", column(_GRAPH, before), column(_GRAPH, step)))
    join = exp.Join(this=_table(steps, step), kind="INNER", on=sql.every(on))
    again = select(items, _table(pairs, before), [join])
    return exp.Union(this=begin, expression=again, distinct=True)


def _table(name: str, alias: str) -> exp.Table:
    return table(exp.to_identifier(name, quoted=True), alias)


def _ends(
    context: Context, walk: _Walk, pairs: str, terms: tuple[str, Relation | None]
) -> Relation:
    """The pairs as solutions: terms for the ends that are variables, tests for the others."""
    alias = context.alias()
    joins: list[exp.Join] = []
    where: list[Sql] = []
    scope: dict[str, Value] = {}
    near, far = walk.outer
    near_key = column(_NEAR, alias) if walk.pinned is None else walk.pinned
    if walk.node.sign != "+":
        where.append(sql.binary("!=", near_key, column(_FAR, alias)))
    if near == far:
        where.append(sql.binary("=", near_key, column(_FAR, alias)))
    for end, name in {near: _NEAR, far: _FAR}.items():
        if isinstance(end, Var):
            scope[end.name], join = _term(context, walk, terms, column(name, alias), alias, name)
            joins += join
        elif name == _FAR:
            where.append(sql.binary("=", column(_FAR, alias), _key(constant(end), walk.plain)))
    undecoded = set(scope)
    if walk.graph:
        scope[walk.graph] = _node(column(_GRAPH, alias), sql.boolean(False))
        undecoded.add(walk.graph)
    return make(scope, select(outputs(scope), _table(pairs, alias), joins, where), undecoded)


def _term(
    context: Context,
    walk: _Walk,
    terms: tuple[str, Relation | None],
    key: Sql,
    pairs: str,
    name: str,
) -> tuple[Value, Sequence[exp.Join]]:
    held, relation = terms
    if relation is None:
        return _node(key, column(name + _BLANK, pairs)), ()
    alias = context.alias()
    on = sql.binary("=", column(_TERM_KEY, alias), key)
    join = exp.Join(this=_table(held, alias), kind="INNER", on=on)
    return relation.read(alias)[TERM], (join,)


def _node(identity_: Sql, blank: Sql) -> Value:
    facets: dict[Facet, Sql] = {"tag": tag(Lane.NODE), "id": identity_, "blank": blank}
    return Value(frozenset({Lane.NODE}), facets, maybe_unbound=False)


def _keyed(context: Context, terms: Relation) -> exp.Query:
    alias = context.alias()
    values = terms.read(alias)
    key = named(term_key(values[TERM]), _TERM_KEY)
    return select([*outputs(values), key], source(terms.query, alias))
