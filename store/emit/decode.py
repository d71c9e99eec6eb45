"""Dictionary joins: ids get their text only where a text is read (design section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from ontology import Lane

from ..algebra import Aggregate, Exists, Expr, Plan, child_plans, map_expressions
from ..lower import sql, text_demand
from ..values import Value
from .context import Context
from .naming import MOST_JOINS, cut
from .relation import Relation, Sql, column, parquet
from .union import union_all


def decode(context: Context, relation: Relation, variables: Iterable[str]) -> Relation:
    """Add the text of these variables' nodes where it is not there yet."""
    wanted = [name for name in relation.shape if name in relation.undecoded & set(variables)]
    if not wanted or context.snapshot is None or not context.snapshot.dictionary:
        return relation
    if relation.branches:
        return _by_branch(context, relation.branches, wanted)
    if len(wanted) > MOST_JOINS:
        first = decode(context, relation, wanted[:MOST_JOINS])
        return decode(context, first, wanted[MOST_JOINS:])
    relation = cut(context, context.opened(relation), len(wanted))
    values = dict(relation.shape)
    joins: list[exp.Join] = []
    for name in wanted:
        terms = context.alias()
        on = sql.binary("=", _lacking(values[name]), column("id", terms))
        origin = parquet(context.snapshot.dictionary, terms)
        joins.append(_join(values[name], origin, on))
        values[name] = _with_text(values[name], terms)
    undecoded = relation.undecoded - set(wanted)
    return replace(relation.joined(*joins).with_shape(values), undecoded=undecoded)


def _by_branch(context: Context, branches: Sequence[Relation], wanted: Sequence[str]) -> Relation:
    """Decode branches that lack the same texts together, so that the others are left in peace."""
    alike: dict[tuple[frozenset[str], bool], list[Relation]] = {}
    for branch in branches:
        lacking = frozenset(wanted) & branch.undecoded
        stored = all(_stored(branch.shape[name]) for name in lacking)
        alike.setdefault((lacking, stored), []).append(branch)
    parts: list[Relation] = []
    for (lacking, _), group in alike.items():
        if not lacking:
            parts += group
            continue
        union = union_all(context, group)
        parts.append(decode(context, context.opened(union), lacking))
    return union_all(context, parts)


def _lacking(value: Value) -> Sql:
    """The id of a node that has no text yet."""
    if not value.has("text") or value.only_lane is not Lane.NODE:
        return value.get("id")
    return sql.when(sql.is_null(value.get("text")), value.get("id"))


def _join(value: Value, origin: exp.Table, on: Sql) -> exp.Join:
    """An inner join where every row has a stored id, since the dictionary holds all of them.

    DuckDB can then order it among the others, and read only row groups that hold such ids.
    """
    how = {"kind": "INNER"} if _stored(value) else {"side": "LEFT"}
    return exp.Join(this=origin, **how, on=on)


def _stored(value: Value) -> bool:
    return value.only_lane is Lane.NODE and not value.maybe_unbound and not value.has("text")


def _with_text(value: Value, terms: str) -> Value:
    """The value with the dictionary's text; whether a node is blank need not be read elsewhere."""
    text = column("text", terms)
    if value.has("text"):
        return replace(
            value, facets={**value.facets, "text": sql.first_of([value.get("text"), text])}
        )
    return replace(value, facets={**value.facets, "text": text, "blank": column("blank", terms)})


def demand(expr: Expr | Aggregate, *, whole: bool = False) -> frozenset[str]:
    """Variables whose node text the expression reads, also inside its EXISTS."""
    found = text_demand(expr, whole=whole)
    return found | _exists_demand(expr)


def _exists_demand(expr: Expr | Aggregate | None) -> frozenset[str]:
    match expr:
        case Exists(plan):
            return _plan_demand(plan)
        case Aggregate():
            return _exists_demand(expr.expr)
    arguments = getattr(expr, "args", ())
    return frozenset().union(*(_exists_demand(argument) for argument in arguments))


def _plan_demand(plan: Plan) -> frozenset[str]:
    found: set[str] = set()

    def note(expr: Expr) -> Expr:
        found.update(demand(expr, whole=True))
        return expr

    map_expressions(plan, note)
    return frozenset(found).union(*(_plan_demand(child) for child in child_plans(plan)))


def undecoded_result(value: Value, demanded: Iterable[str], relation: Relation) -> bool:
    """Return whether a value made from these variables may be a node without text."""
    return Lane.NODE in value.lanes and bool(set(demanded) & relation.undecoded)
