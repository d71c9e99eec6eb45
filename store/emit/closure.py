"""Paths of any length (SPARQL 1.1 section 9.3): a recursive UNION over materialised steps.

The recursion runs over keys alone; the terms come back by a join at the end. UNION's own hash set
is the set of visited pairs, so cycles end and no pair comes twice (engine notes, A4).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ontology import Lane, UnsupportedError

from ..algebra import Bgp, Closure, Node, TriplePattern, Values, Var
from ..lower import constant, sql, term_key
from ..values import Value
from .context import Context
from .leaves import inline
from .modifiers import distinct
from .relation import Relation, Sql, column, empty, make, named, outputs, select, source, table
from .union import union_all

_TERM = ".n"
_START, _END, _KEY = "#start", "#end", "#key"


@dataclass(frozen=True, slots=True)
class _Names:
    """CTE names of one path."""

    terms: str
    steps: str
    pairs: str


def closure(context: Context, node: Closure) -> Relation:
    """All pairs of ends of a path, each once."""
    if isinstance(node.graph, Var):
        raise UnsupportedError(
            "A path of any length inside GRAPH with a variable is not supported",
            remedy="name the graph",
        )
    steps = context.emit(node.step, context)
    if node.sign == "+" and not {node.start, node.end} <= steps.shape.keys():
        return empty()
    terms = distinct(context, union_all(context, _terms(context, node, steps)))
    if _TERM not in terms.shape:
        return empty()
    plain = terms.shape[_TERM].lanes == {Lane.NODE}
    names = _Names(context.alias(), context.alias(), context.alias())
    found = _ends(context, node, names, terms, plain)
    for name, body in (
        (names.terms, _keyed(context, terms, plain)),
        (names.steps, _step_keys(context, node, steps, plain)),
        (names.pairs, _pairs(node, names, plain)),
    ):
        alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
        once = None if name == names.pairs else True
        context.notes.paths.append(exp.CTE(this=body, alias=alias, materialized=once))
    return found


def _key(value: Value, plain: bool) -> Sql:
    return value.get("id") if plain else term_key(value)


def _terms(context: Context, node: Closure, steps: Relation) -> list[Relation]:
    """Every term that can be an end, as the variable ``.n``."""
    found = [_renamed(context, steps, name) for name in (node.start, node.end)]
    if node.sign != "+":
        ends = [end for end in (node.subject, node.object) if not isinstance(end, Var)]
        if ends:
            found.append(inline(context, Values((_TERM,), tuple((end,) for end in ends))))
        else:
            names = (".s", ".p", ".o")
            pattern = TriplePattern(*(Var(name) for name in names))
            whole = context.emit(Bgp((pattern,), node.graph), context)
            found += [_renamed(context, whole, name) for name in (".s", ".o")]
    return [relation for relation in found if relation.shape]


def _renamed(context: Context, relation: Relation, variable: str) -> Relation:
    if variable not in relation.shape:
        return empty()
    alias = context.alias()
    value = {_TERM: relation.read(alias)[variable]}
    undecoded = {_TERM} if variable in relation.undecoded else set()
    return make(value, select(outputs(value), source(relation.query, alias)), undecoded)


def _keyed(context: Context, terms: Relation, plain: bool) -> exp.Query:
    alias = context.alias()
    values = terms.read(alias)
    key = named((_key(values[_TERM], plain)), _KEY)
    return select([*outputs(values), key], source(terms.query, alias))


def _step_keys(context: Context, node: Closure, steps: Relation, plain: bool) -> exp.Query:
    alias = context.alias()
    values = steps.read(alias)
    if not {node.start, node.end} <= values.keys():
        null = sql.null("BIGINT" if plain else "VARCHAR")
        items = [named(null, _START), named(null, _END)]
        return select(items, where=[sql.boolean(False)])
    items = [
        named(_key(values[node.start], plain), _START),
        named(_key(values[node.end], plain), _END),
    ]
    query = select(items, source(steps.query, alias))
    query.set("distinct", exp.Distinct())
    return query


def _constant_key(node: Node, plain: bool) -> Sql | None:
    return None if isinstance(node, Var) else _key(constant(node), plain)


def _pairs(node: Closure, names: _Names, plain: bool) -> exp.Query:
    """Seed with single steps and zero-length paths, then extend towards the free end."""
    subject, obj = _constant_key(node.subject, plain), _constant_key(node.object, plain)
    backward = subject is None and obj is not None
    pinned = (_START, subject) if subject is not None else (_END, obj)
    seed = _seed(names.steps, (_START, _END), pinned)
    if node.sign != "+":
        seed = _union(seed, _seed(names.terms, (_KEY, _KEY), (_KEY, pinned[1])))
    if node.sign == "?":
        return seed
    before, step = "p", "e"
    origin = table(exp.to_identifier(names.pairs, quoted=True), before)
    more = table(exp.to_identifier(names.steps, quoted=True), step)
    if backward:
        items = [named(column(_START, step), _START), named(column(_END, before), _END)]
        on = sql.binary("=", column(_START, before), column(_END, step))
    else:
        items = [named(column(_START, before), _START), named(column(_END, step), _END)]
        on = sql.binary("=", column(_END, before), column(_START, step))
    join = exp.Join(this=more, kind="INNER", on=on)
    return _union(seed, select(items, origin, [join]))


def _seed(relation: str, columns: tuple[str, str], pinned: tuple[str, Sql | None]) -> exp.Query:
    alias = "q"
    items = [
        named(column(columns[0], alias), _START),
        named(column(columns[1], alias), _END),
    ]
    name, key = pinned
    where = [] if key is None else [sql.binary("=", column(name, alias), key)]
    return select(items, table(exp.to_identifier(relation, quoted=True), alias), where=where)


def _union(left: exp.Query, right: exp.Query) -> exp.Query:
    first = exp.Subquery(this=left) if isinstance(left, exp.Union) else left
    return exp.Union(this=first, expression=right, distinct=True)


def _ends(context: Context, node: Closure, names: _Names, terms: Relation, plain: bool) -> Relation:
    """Join the keys of the pairs with their terms, for the ends that are variables."""
    pairs = context.alias()
    joins: list[exp.Join] = []
    where: list[Sql] = []
    scope: dict[str, Value] = {}
    for end, name in ((node.subject, _START), (node.object, _END)):
        key = column(name, pairs)
        fixed = _constant_key(end, plain)
        if fixed is not None:
            where.append(sql.binary("=", key, fixed))
            continue
        assert isinstance(end, Var)
        if end.name in scope:
            where.append(sql.binary("=", column(_START, pairs), column(_END, pairs)))
            continue
        alias = context.alias()
        origin = table(exp.to_identifier(names.terms, quoted=True), alias)
        joins.append(
            exp.Join(this=origin, kind="INNER", on=sql.binary("=", column(_KEY, alias), key))
        )
        scope[end.name] = terms.read(alias)[_TERM]
    origin = table(exp.to_identifier(names.pairs, quoted=True), pairs)
    undecoded = scope.keys() if _TERM in terms.undecoded else ()
    return make(scope, select(outputs(scope), origin, joins, where), undecoded)
