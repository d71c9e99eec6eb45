"""``UNION``: bag union of relations of different shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce

from sqlglot import exp

from ..lower import merged_crs, sql
from ..values import FACETS, Value, column_name, null
from .context import Context
from .relation import Branches, Relation, Scope, Sql, empty, named


def union_all(context: Context, relations: Sequence[Relation]) -> Relation:
    """All solutions of all relations; facets one of them lacks are typed NULLs."""
    if len(relations) < 2:
        return relations[0].unordered() if relations else empty()
    names = list(dict.fromkeys(name for relation in relations for name in relation.shape))
    shape = {name: _unified(name, relations) for name in names}
    undecoded = frozenset().union(*(relation.undecoded for relation in relations))
    branches = Branches(tuple(_flat(relations)), partial(_united, context))
    return Relation(branches, shape, undecoded)


def _flat(relations: Sequence[Relation]) -> Iterator[Relation]:
    for relation in relations:
        yield from _flat(relation.branches) if relation.branches else (relation.unordered(),)


def _united(context: Context, relations: Sequence[Relation], shape: Scope) -> exp.Query:
    return _balanced([_aligned(context, relation, shape) for relation in relations])


def _unified(name: str, relations: Sequence[Relation]) -> Value:
    found = [relation.shape[name] for relation in relations if name in relation.shape]
    facets = {facet for value in found for facet in value.facets}
    return Value(
        frozenset().union(*(value.lanes for value in found)),
        {facet: null(facet) for facet in FACETS if facet in facets},
        len(found) < len(relations) or any(value.maybe_unbound for value in found),
        merged_crs(found),
        any(value.maybe_nan for value in found),
    )


def _aligned(context: Context, relation: Relation, shape: Scope) -> exp.Query:
    relation = context.opened(relation)
    items: list[Sql] = []
    for name, value in shape.items():
        own = relation.shape.get(name)
        for facet in FACETS:
            if facet not in value.facets:
                continue
            node = null(facet) if own is None else own.get(facet)
            items.append(named(node, column_name(name, facet)))
    if not items:
        items.append(named(sql.number(1), "#"))
    return relation.select(items)


def _balanced(branches: list[exp.Query]) -> exp.Query:
    """UNION ALL as a shallow tree, so that hundreds of lanes do not nest hundreds deep."""
    while len(branches) > 2:
        pairs = [branches[k : k + 2] for k in range(0, len(branches), 2)]
        branches = [reduce(_both, pair) for pair in pairs]
    return reduce(_both, branches)


def _both(left: exp.Query, right: exp.Query) -> exp.Query:
    return exp.Union(this=_operand(left), expression=_operand(right), distinct=False)


def _operand(query: exp.Query) -> exp.Query:
    return exp.Subquery(this=query) if isinstance(query, exp.Union) else query
