"""Inner joins with SPARQL's compatibility: an unbound variable is compatible with anything.

Shared variables that are always bound are equality keys. One that may be unbound is a residual
beside a key; without any key the join is split by who is bound where (:mod:`.split_join`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from ontology import Lane

from ..lower import sql
from ..values import Value
from .context import Context
from .keys import certain
from .naming import cut
from .pairing import join_undecoded, pair
from .relation import Body, Relation, Scope, empty
from .split_join import split_join


def inner_join(context: Context, relations: Sequence[Relation]) -> Relation:
    """Join relations, connected ones first, as one flat SELECT where all keys are certain.

    The one that is the longest join already comes first: DuckDB orders joins within one SELECT.
    """
    waiting = [relation.unordered() for relation in relations]
    if len(waiting) == 1:
        return waiting[0]
    longest = max(range(len(waiting)), key=lambda at: _joins(waiting[at]))
    chain = _Chain(context, waiting.pop(longest))
    while waiting:
        chain.cut()
        at = _next(chain.relation_shape, waiting)
        if not chain.add(waiting.pop(at)):
            return empty()
    return chain.finished()


def _joins(relation: Relation) -> int:
    return len(relation.body.joins) if isinstance(relation.source, Body) else 0


def _next(shape: Scope, waiting: Sequence[Relation]) -> int:
    """The first that a key joins, else the first that shares anything."""
    keyed = (k for k, one in enumerate(waiting) if any(_is_key(shape, one, n) for n in one.shape))
    sharing = (k for k, one in enumerate(waiting) if shape.keys() & one.shape.keys())
    return next(keyed, next(sharing, 0))


def _is_key(shape: Scope, relation: Relation, name: str) -> bool:
    return name in shape and certain(shape[name], relation.shape[name])


class _Chain:
    """A flat join that grows; it starts over from a sub-query where a join must be split."""

    def __init__(self, context: Context, first: Relation) -> None:
        self._context = context
        self._start(first)

    def _start(self, first: Relation) -> None:
        self._whole = self._context.opened(first)

    @property
    def relation_shape(self) -> Scope:
        """Variables joined so far."""
        return self._whole.shape

    def add(self, relation: Relation) -> bool:
        """Join one more relation; False if nothing can come out."""
        whole, more = self._whole, _one_table(self._context, relation)
        pairing = pair(whole.shape, more.shape)
        if not pairing.possible:
            return False
        if pairing.residuals and not pairing.keys:
            self._start(split_join(self._context, whole, relation))
            return True
        on = sql.every([*pairing.keys, *pairing.residuals])
        origin = sql.own(more.body.origin)
        join = (
            exp.Join(this=origin, kind="INNER", on=on)
            if pairing.keys
            else exp.Join(this=origin, kind="CROSS")
        )
        undecoded = join_undecoded(whole, relation)
        scope = {**pairing.scope, **_texts(whole, replace(more, undecoded=relation.undecoded))}
        joined = whole.joined(join).where(more.body.where)
        self._whole = replace(joined, shape=scope, undecoded=undecoded)
        return True

    def cut(self) -> None:
        """Go on from a named relation where more are joined than DuckDB orders in good time."""
        self._whole = cut(self._context, self._whole)

    def finished(self) -> Relation:
        """The join as one relation."""
        return self._whole


def _texts(left: Relation, right: Relation) -> dict[str, Value]:
    """Shared nodes that one side has all texts of, so that no other side's need be read."""
    found: dict[str, Value] = {}
    for name in left.shape.keys() & right.shape.keys():
        mine, theirs = left.shape[name], right.shape[name]
        if mine.only_lane is not Lane.NODE or not certain(mine, theirs):
            continue
        texts = (side.shape[name].get("text") for side in (left, right) if _complete(side, name))
        text = next(texts, None)
        if text is not None and mine.has("text") and theirs.has("text"):
            found[name] = replace(mine, facets={**mine.facets, "text": text})
    return found


def _complete(side: Relation, name: str) -> bool:
    return name not in side.undecoded and side.shape[name].has("text")


def _one_table(context: Context, relation: Relation) -> Relation:
    """The relation, open; closed before if it is a join itself."""
    relation = context.opened(relation)
    if relation.body.joins:
        return replace(relation, source=relation.query).opened(context.alias())
    return relation
