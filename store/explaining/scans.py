"""The scans of a statement: which files it names, and which constants their columns meet.

A condition is followed from where it is written down to the scan, through sub-queries, inner joins
and unions, as DuckDB pushes it down; where that is uncertain (limits, groups, outer joins,
materialised parts, casts) it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlglot import exp, parse_one

from .pruning import Condition

Sql = Any
"""A node of sqlglot, whose classes are too loosely typed to tell apart."""

_COMPARED: Final[dict[type, str]] = {
    exp.EQ: "=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_TURNED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TIMES: Final = (
    exp.DataType.Type.TIMESTAMP,
    exp.DataType.Type.TIMESTAMPNTZ,
    exp.DataType.Type.DATE,
)
_BARRIERS: Final = ("limit", "offset", "group", "having", "qualify")


@dataclass(frozen=True, slots=True)
class Scan:
    """One read of Parquet files: conditions on its columns, and the columns that are used."""

    files: tuple[Path, ...]
    conditions: tuple[Condition, ...]
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A condition on a column of a named source, or of the only source if that is empty."""

    source: str
    condition: Condition


def scans_of(sql: str) -> list[Scan]:
    """Every scan of a statement, in the order written."""
    return list(_query(parse_one(sql, dialect="duckdb"), (), frozenset()))


def _query(query: Sql, outer: Sequence[Condition], used: frozenset[str]) -> Iterator[Scan]:
    """Scans of a query of whose output columns some conditions must hold, and some are used."""
    for cte in query.ctes if isinstance(query, exp.Query) else ():
        yield from _query(cte.this, (), _used_of(query, cte.alias))
    match query:
        case exp.Subquery():
            yield from _query(query.this, outer, used)
        case exp.Union():
            yield from _query(query.left, outer, used)
            yield from _query(query.right, outer, used)
        case exp.Select():
            yield from _select(query, outer, used)


def _used_of(query: exp.Query, name: str) -> frozenset[str]:
    """Columns of a common table expression that a query uses."""
    aliases = {table.alias_or_name for table in query.find_all(exp.Table) if table.name == name}
    return frozenset(one.name for one in query.find_all(exp.Column) if one.table in aliases)


def _select(query: exp.Select, outer: Sequence[Condition], used: frozenset[str]) -> Iterator[Scan]:
    where = query.args.get("where")
    found = list(_conditions(where.this)) if where is not None else []
    if not any(query.args.get(part) for part in _BARRIERS):
        found += _through(query, outer)
    if (origin := query.args.get("from_")) is not None:
        yield from _source(query, origin.this, found, used)
    for join in query.args.get("joins") or []:
        outside = join.side or join.kind not in ("INNER", "CROSS", "")
        yield from _source(query, join.this, () if outside else found, used)
    for inner in _inside(query, where):
        yield from _query(inner, (), frozenset())


def _inside(query: exp.Select, where: Sql | None) -> Iterator[Sql]:
    """The queries inside the expressions of a query, as those of EXISTS."""
    parts = [*query.expressions, *([] if where is None else [where.this])]
    found = [inner for part in parts for inner in part.find_all(exp.Select)]
    whole = [_outermost(inner) for inner in found if inner.parent_select is query]
    yield from {id(inner): inner for inner in whole}.values()


def _outermost(select: Sql) -> Sql:
    while isinstance(select.parent, exp.Union | exp.Subquery):
        select = select.parent
    return select


def _source(
    query: exp.Select, source: Sql, found: Sequence[_Found], used: frozenset[str]
) -> Iterator[Scan]:
    own = [one.condition for one in found if one.source in (source.alias_or_name, "")]
    named = query.find_all(exp.Column)
    columns = frozenset(one.name for one in named if one.table == source.alias_or_name)
    if query.is_star:
        columns |= used
    if isinstance(source, exp.Subquery):
        yield from _query(source.this, own, columns)
    elif isinstance(source, exp.Table) and isinstance(source.this, exp.ReadParquet):
        yield Scan(tuple(_paths(source.this)), tuple(own), columns)


def _paths(read: exp.ReadParquet) -> Iterator[Path]:
    for literal in read.expressions[0].find_all(exp.Literal):
        yield Path(literal.this)


def _through(query: exp.Select, outer: Sequence[Condition]) -> list[_Found]:
    """Conditions on output columns as conditions on the columns they are read from."""
    made = []
    outputs = {item.alias_or_name: item.unalias() for item in query.expressions}
    for condition in outer:
        node = outputs.get(condition.column)
        if isinstance(node, exp.Column):
            made.append(_Found(node.table, replace(condition, column=node.name)))
        elif isinstance(node, exp.Cast) and isinstance(node.this, exp.Column):
            cast = node.to.sql("duckdb")
            if condition.cast in (None, cast):
                inner = replace(condition, column=node.this.name, cast=cast)
                made.append(_Found(node.this.table, inner))
        elif node is None and query.is_star:
            made.append(_Found("", condition))
    return made


def _conditions(where: Sql) -> Iterator[_Found]:
    for part in where.flatten() if isinstance(where, exp.And) else (where,):
        part = part.unnest()
        if isinstance(part, exp.And):
            yield from _conditions(part)
        elif (op := _COMPARED.get(type(part))) is not None:
            yield from _compared(part, op)
        elif isinstance(part, exp.Between) and isinstance(part.this, exp.Column):
            for op, end in ((">=", part.args["low"]), ("<=", part.args["high"])):
                yield _Found(part.this.table, Condition(part.this.name, op, (_constant(end),)))
        elif isinstance(part, exp.In) and isinstance(part.this, exp.Column):
            values = tuple(_constant(item) for item in part.expressions)
            if values and None not in values:
                yield _Found(part.this.table, Condition(part.this.name, "in", values))
        elif _is_null(part):
            yield _Found(part.this.table, Condition(part.this.name, "null"))


def _is_null(part: Sql) -> bool:
    on_column = isinstance(part, exp.Is) and isinstance(part.this, exp.Column)
    return on_column and isinstance(part.expression, exp.Null)


def _compared(part: Sql, op: str) -> Iterator[_Found]:
    left, right = part.this, part.expression
    if isinstance(right, exp.Column):
        left, right, op = right, left, _TURNED[op]
    value = _constant(right)
    if isinstance(left, exp.Column) and value is not None:
        yield _Found(left.table, Condition(left.name, op, (value,)))


def _constant(node: Sql) -> Any:
    """The value of a constant, None if it is not one."""
    match node:
        case exp.Cast():
            inner = _constant(node.this)
            return _as_time(inner) if node.to.is_type(*_TIMES) else inner
        case exp.Neg():
            inner = _constant(node.this)
            return -inner if isinstance(inner, int | float) else None
        case exp.Literal(is_string=True):
            return str(node.this)
        case exp.Literal():
            text = str(node.this)
            return int(text) if text.lstrip("-").isdigit() else float(text)
        case exp.Boolean():
            return bool(node.this)
    return None


def _as_time(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
