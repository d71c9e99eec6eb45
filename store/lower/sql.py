"""Small constructors of sqlglot nodes; the only place that knows their quirks.

No text of a user or of the data becomes SQL syntax: it enters as ``exp.Literal`` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from sqlglot import exp

Sql = exp.Expression


@cache
def _type(name: str) -> exp.DataType:
    """A leaf that nothing changes, so that all trees share it."""
    return exp.DataType.build(name, dialect="duckdb")


def own(node: Sql) -> Sql:
    """Return the node, or a copy if it already hangs in a tree.

    What trees share is not copied: the leaves of columns, and what fields are taken of, which may
    be thousands of nodes. So nothing may change a node it has not copied.
    """
    if node.parent is None:
        return node
    match node:
        case exp.Column():
            return exp.Column(**node.args)
        case exp.Cast(this=exp.Null() | exp.Literal()):
            return type(node)(**node.args)
        case exp.Anonymous(this="struct_extract" | "list_extract"):
            return exp.Anonymous(**node.args)
    return node.copy()


def _operand(node: Sql) -> Sql:
    node = own(node)
    loose = isinstance(node, exp.Binary | exp.Not | exp.Neg | exp.Is | exp.In | exp.Between)
    return exp.Paren(this=node) if loose and not isinstance(node, exp.Dot) else node


def string(value: str) -> Sql:
    """A string literal; DuckDB's parser ends at NUL, which is therefore computed."""
    first, *rest = (exp.Literal.string(part) for part in value.split("\0"))
    made: Sql = first
    for part in rest:
        made = binary("||", binary("||", made, func("chr", number(0))), part)
    return made


def number(value: float | str) -> Sql:
    """A number literal of SQL's own choice of type."""
    written = str(value)
    if written.startswith("-"):
        return exp.Neg(this=exp.Literal.number(written[1:]))
    return exp.Literal.number(written)


def boolean(value: bool) -> Sql:
    """TRUE or FALSE."""
    return exp.Boolean(this=value)


def null(type_name: str) -> Sql:
    """A typed NULL."""
    return exp.Cast(this=exp.Null(), to=_type(type_name))


def is_number_constant(node: Sql) -> bool:
    """Return whether the node is a number literal, perhaps negated or cast."""
    while isinstance(node, exp.Cast | exp.Neg | exp.Paren):
        node = node.this
    return isinstance(node, exp.Literal) and not node.is_string


def _is_null_constant(node: Sql) -> bool:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return isinstance(node, exp.Null)


def cast(node: Sql, type_name: str) -> Sql:
    """CAST; casting to the type it is cast to already changes nothing."""
    target = _type(type_name)
    if isinstance(node, exp.Cast) and node.to == target:
        return node
    inner = node
    if isinstance(node, exp.Cast) and type_name == "DOUBLE" and is_number_constant(node):
        inner = node if node.to == _type("FLOAT") else node.this
    return exp.Cast(this=own(inner), to=target)


def try_cast(node: Sql, type_name: str) -> Sql:
    """TRY_CAST: NULL instead of an error."""
    return exp.TryCast(this=own(node), to=_type(type_name))


def func(name: str, *args: Sql) -> Sql:
    """A function call."""
    return exp.Anonymous(this=name, expressions=[own(a) for a in args])


def guarded(node: Sql) -> Sql:
    """TRY(node): what would throw is NULL instead."""
    return func("TRY", node)


_BINARY: dict[str, type[exp.Expression]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    ">": exp.GT,
    "<=": exp.LTE,
    ">=": exp.GTE,
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "||": exp.DPipe,
}


def binary(op: str, left: Sql, right: Sql) -> Sql:
    """A comparison, ``+``, ``-``, ``*`` or ``||``, with parentheses where needed.

    DuckDB gives ``||`` with a constant NULL no type, and such a column fits no UNION.
    """
    if op == "||" and (_is_null_constant(left) or _is_null_constant(right)):
        return null("VARCHAR")
    return _BINARY[op](this=_operand(left), expression=_operand(right))


def quotient(left: Sql, right: Sql) -> Sql:
    """Floating-point division; the callers see to zero."""
    return exp.Div(this=_operand(left), expression=_operand(right), typed=True)


def every(parts: Sequence[Sql]) -> Sql:
    """AND of the parts; TRUE of none."""
    return _chain(exp.And, parts, empty=True)


def any_of(parts: Sequence[Sql]) -> Sql:
    """OR of the parts; FALSE of none."""
    return _chain(exp.Or, parts, empty=False)


def _chain(kind: type[exp.Expression], parts: Sequence[Sql], *, empty: bool) -> Sql:
    if not parts:
        return boolean(empty)
    result = own(parts[0]) if len(parts) == 1 else _operand(parts[0])
    for part in parts[1:]:
        result = kind(this=result, expression=_operand(part))
    return result


def negate(node: Sql) -> Sql:
    """NOT node."""
    return exp.Not(this=_operand(node))


def is_null(node: Sql) -> Sql:
    """``node IS NULL``."""
    return exp.Is(this=_operand(node), expression=exp.Null())


def not_null(node: Sql) -> Sql:
    """``node IS NOT NULL``."""
    return negate(is_null(node))


def one_of(node: Sql, values: Sequence[Sql]) -> Sql:
    """``node IN (values)``."""
    return exp.In(this=_operand(node), expressions=[own(v) for v in values])


def case(branches: Sequence[tuple[Sql, Sql]], default: Sql | None = None) -> Sql:
    """CASE WHEN … THEN … ELSE … END; without a default the rest is NULL."""
    if not branches:
        return exp.Null() if default is None else default
    return exp.Case(
        ifs=[exp.If(this=own(when), true=own(then)) for when, then in branches],
        default=None if default is None else own(default),
    )


def when(condition: Sql, value: Sql) -> Sql:
    """The value where the condition is true, else NULL."""
    return case([(condition, value)])


def first_of(parts: Sequence[Sql]) -> Sql:
    """COALESCE; the part itself if there is one."""
    if len(parts) == 1:
        return parts[0]
    return exp.Coalesce(this=own(parts[0]), expressions=[own(p) for p in parts[1:]])


def struct(fields: Sequence[tuple[str, Sql]]) -> Sql:
    """``{'name': value, …}``."""
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=own(value))
            for name, value in fields
        ]
    )


def field(node: Sql, name: str) -> Sql:
    """A field of a struct; all fields of it share the node."""
    return exp.Anonymous(this="struct_extract", expressions=[node, string(name)])


def float_beyond(value: float, toward: float) -> Sql:
    """A FLOAT beyond the value, in one direction."""
    with np.errstate(over="ignore"):
        beyond = np.nextafter(np.float32(value), np.float32(toward))
    if not np.isfinite(beyond):
        return cast(string(str(toward)), "FLOAT")
    return cast(number(repr(float(beyond))), "FLOAT")
