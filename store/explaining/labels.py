"""Operators and conditions as somebody who knows SPARQL writes them."""

from __future__ import annotations

from typing import Final

from ontology import IRI, PREFIXES, XSD_STRING, Literal, Term

from ..algebra import (
    Aggregate,
    Bgp,
    Call,
    Closure,
    Const,
    Distinct,
    Empty,
    Exists,
    Expr,
    Extend,
    Filter,
    GraphName,
    Group,
    IntervalJoin,
    LeftJoin,
    Minus,
    Nearest,
    Node,
    OrderBy,
    Plan,
    Project,
    RemoteScan,
    Service,
    Slice,
    SpatialJoin,
    TermTable,
    TriplePattern,
    Union,
    Unit,
    Values,
    Var,
)
from ..conditions import NEAR
from ..passes import format_node

_INFIX: Final = frozenset({"=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "&&", "||"})
_LOOSE: Final = frozenset({"&&", "||"})
_NUMBERS: Final = frozenset(
    f"{PREFIXES['xsd']}{name}" for name in ("integer", "decimal", "double", "float")
)
_LONGEST: Final = 40


def label(plan: Plan) -> str:
    """One line for an operator, without what lies below it."""
    match plan:
        case Bgp((pattern,), graph, windows):
            return pattern_label(pattern, graph, within=bool(windows))
        case Unit() | Empty() | Bgp():
            return "one empty solution" if not isinstance(plan, Empty) else "no solution"
        case Values() | TermTable():
            rows = len(plan.rows) if isinstance(plan, Values) else plan.table.num_rows
            return f"VALUES {_names(plan.variables)}, {rows:,} rows"
        case RemoteScan() | Service():
            name = plan.source if isinstance(plan, RemoteScan) else format_node(plan.endpoint)
            return f"SERVICE {name}"
        case Closure():
            return f"path{plan.sign} {format_node(plan.subject)} … {format_node(plan.object)}"
        case SpatialJoin():
            tests = [plan.condition] if plan.condition.op != NEAR else []
            return "spatial join " + " && ".join(map(expression, (*tests, *plan.residual)))
        case Nearest():
            return f"nearest {plan.count} by {expression(plan.key)}"
        case IntervalJoin():
            parts = (*plan.conditions, *plan.residual)
            return "interval join " + " && ".join(expression(test) for test in parts)
        case LeftJoin():
            test = "" if plan.condition is None else f" FILTER({expression(plan.condition)})"
            return "OPTIONAL" + test
        case Union() | Minus() | Distinct():
            return type(plan).__name__.upper()
        case Filter():
            return f"FILTER {expression(plan.condition)}"
        case Extend():
            return f"BIND {expression(plan.expr)} AS ?{plan.variable}"
        case Group():
            return _group(plan)
        case OrderBy():
            return "ORDER BY " + " ".join(_key(k.expr, k.descending) for k in plan.keys)
        case Project():
            return f"SELECT {_names(plan.variables)}"
        case Slice():
            return _slice(plan)
    return "join"


def pattern_label(pattern: TriplePattern, graph: GraphName, *, within: bool) -> str:
    """A triple pattern, its graph, and whether a box narrows it."""
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    text = " ".join(_term(node) for node in nodes)
    text = f"GRAPH {format_node(graph)} {{ {text} }}" if graph is not None else text
    return f"{text}  within a box" if within else text


def _names(variables: tuple[str, ...]) -> str:
    return " ".join(f"?{name}" for name in variables)


def _key(expr: Expr, descending: bool) -> str:
    return f"DESC({expression(expr)})" if descending else expression(expr)


def _group(plan: Group) -> str:
    keys = " ".join(
        f"?{name}" if expr == Var(name) else f"({expression(expr)} AS ?{name})"
        for name, expr in plan.keys
    )
    made = ", ".join(f"{_aggregate(call)} AS ?{name}" for name, call in plan.aggregates)
    head = f"GROUP BY {keys}" if keys else "all in one group"
    return f"{head}: {made}" if made else head


def _aggregate(call: Aggregate) -> str:
    argument = "*" if call.expr is None else expression(call.expr)
    name = _function(call.name) if ":" in call.name else call.name.upper()
    more = "".join(f", {expression(one)}" for one in call.parameters)
    return f"{name}({'DISTINCT ' if call.distinct else ''}{argument}{more})"


def _slice(plan: Slice) -> str:
    parts = [f"OFFSET {plan.offset}"] if plan.offset else []
    parts += [] if plan.limit is None else [f"LIMIT {plan.limit}"]
    return " ".join(parts)


def expression(expr: Expr) -> str:
    """An expression in SPARQL's notation; long literals are cut, EXISTS is only named."""
    match expr:
        case Var(name):
            return f"?{name}"
        case Const(term):
            return _term(term)
        case Exists(_, negated):
            return "NOT EXISTS {…}" if negated else "EXISTS {…}"
        case Call(op, args) if op in _INFIX and len(args) == 2:
            return f" {op} ".join(_operand(op, arg) for arg in args)
        case Call("!", (inner,)):
            return f"!({expression(inner)})"
        case Call("neg", (inner,)):
            return f"-{expression(inner)}"
        case Call("in" | "not in" as op, (first, *choices)):
            shown = ", ".join(expression(choice) for choice in choices[:3])
            return f"{expression(first)} {op.upper()} ({shown}{', …' if choices[3:] else ''})"
        case Call(op, args):
            return f"{_function(op)}({', '.join(map(expression, args))})"


def _operand(op: str, arg: Expr) -> str:
    text = expression(arg)
    loose = isinstance(arg, Call) and arg.op in _INFIX and arg.op != op
    tight = isinstance(arg, Call) and op in _LOOSE and arg.op not in _LOOSE
    return f"({text})" if loose and not tight else text


def _function(op: str) -> str:
    return format_node(IRI(op)) if ":" in op else op


def _term(node: Node | Term) -> str:
    """A term or variable; numbers as digits, long texts cut."""
    if not isinstance(node, Literal):
        return format_node(node)
    if node.datatype in _NUMBERS:
        return node.lexical
    text = node.lexical if len(node.lexical) <= _LONGEST else f"{node.lexical[:_LONGEST]}…"
    if node.lang:
        return f'"{text}"@{node.lang}'
    plain = node.datatype == XSD_STRING
    return f'"{text}"' if plain else f'"{text}"^^{format_node(IRI(node.datatype))}'
