"""Plans as S-expressions, for EXPLAIN and golden tests."""

from __future__ import annotations

from collections.abc import Iterable

from ontology import IRI, PREFIXES, BlankNode, Literal, Term

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
    Given,
    Group,
    IntervalJoin,
    Join,
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
    Union,
    Unit,
    ValueRange,
    Values,
    Var,
    child_plans,
)

_LONGEST = 80


def format_plan(plan: Plan, indent: int = 0) -> str:
    """Write a plan as an indented S-expression.

    Examples
    --------
    >>> print(format_plan(Distinct(Unit())))
    (distinct
      (unit))
    """
    head = format_head(plan)
    inner = [*_lines(plan, indent + 1), *(format_plan(p, indent + 1) for p in child_plans(plan))]
    body = "".join(f"\n{line}" for line in inner)
    return f"{'  ' * indent}({head}{body})"


def format_head(plan: Plan) -> str:
    """Write a node without what lies below it."""
    return " ".join(part for part in _head(plan) if part)


def _head(plan: Plan) -> Iterable[str]:
    match plan:
        case Unit() | Empty() | Distinct() | Union() | Join():
            return (type(plan).__name__.lower(),)
        case Minus():
            return ("minus", f"apart {_names(plan.apart)}" if plan.apart else "")
        case Bgp():
            return ("bgp", "" if plan.graph is None else f"graph={format_node(plan.graph)}")
        case Values():
            return ("values", _names(plan.variables), f"{len(plan.rows)} rows")
        case TermTable():
            return ("table", plan.label, _names(plan.variables), f"{plan.table.num_rows} rows")
        case Given():
            return ("given", _names(plan.variables))
        case RemoteScan():
            return ("remote", plan.source)
        case Service():
            return ("service", format_node(plan.endpoint), "silent" if plan.silent else "")
        case Closure():
            graph = "" if plan.graph is None else f"graph={format_node(plan.graph)}"
            return ("path", format_node(plan.subject), plan.sign, format_node(plan.object), graph)
        case SpatialJoin():
            return ("spatial-join", " ".join(map(format_expr, (plan.condition, *plan.residual))))
        case Nearest():
            reaches = " ".join(f"{reach:g}" for _, reach in plan.steps)
            return ("nearest", str(plan.count), format_expr(plan.key), f"within {reaches}")
        case IntervalJoin():
            tests = (*plan.conditions, *plan.residual)
            return ("interval-join", " ".join(map(format_expr, tests)))
        case LeftJoin():
            return ("optional", "" if plan.condition is None else format_expr(plan.condition))
        case Filter():
            return ("filter", format_expr(plan.condition))
        case Extend():
            return ("extend", f"?{plan.variable}", format_expr(plan.expr))
        case Group():
            keys = (f"(?{name} {format_expr(expr)})" for name, expr in plan.keys)
            made = (f"(?{name} {_aggregate(call)})" for name, call in plan.aggregates)
            return ("group", " ".join(keys), " ".join(made))
        case OrderBy():
            keys = (("desc " if k.descending else "") + format_expr(k.expr) for k in plan.keys)
            return ("order", " ".join(keys))
        case Project():
            return ("project", _names(plan.variables))
        case Slice():
            limit = "" if plan.limit is None else str(plan.limit)
            return ("slice", str(plan.offset), limit, f"per {_names(plan.per)}" if plan.per else "")


def _lines(plan: Plan, indent: int) -> Iterable[str]:
    if not isinstance(plan, Bgp):
        return ()
    pad = "  " * indent
    triples = [
        f"{pad}{format_node(p.subject)} {format_node(p.predicate)} {format_node(p.object)}"
        for p in plan.patterns
    ]
    windows = [
        f"{pad}window ?{w.variable} {' '.join(f'{side:g}' for side in w.box)} {w.crs}"
        for w in plan.windows
    ]
    return [*triples, *windows, *(f"{pad}range ?{r.variable} {_range(r)}" for r in plan.ranges)]


def _range(held: ValueRange) -> str:
    if held.kind == "node":
        return f"node {' '.join(map(format_node, held.nodes))}"
    low, high = ("…" if end is None else _end(end) for end in (held.low, held.high))
    return f"{held.kind} {low} to {high}"


def _end(end: float | str) -> str:
    return f"{end:.12g}" if isinstance(end, float) else repr(end)


def _names(variables: Iterable[str]) -> str:
    return " ".join(f"?{name}" for name in variables)


def _aggregate(call: Aggregate) -> str:
    argument = "*" if call.expr is None else format_expr(call.expr)
    name = _short(call.name) if ":" in call.name else call.name.lower()
    more = "".join(f" {format_expr(one)}" for one in call.parameters)
    return f"({name} {'distinct ' if call.distinct else ''}{argument}{more})"


def format_expr(expr: Expr) -> str:
    """Write an expression as an S-expression on one line."""
    match expr:
        case Var(name):
            return f"?{name}"
        case Const(term):
            return format_node(term)
        case Call(op, args):
            return f"({' '.join([_short(op), *map(format_expr, args)])})"
        case Exists(plan, negated):
            inner = " ".join(format_plan(plan).split())
            return f"({'not-exists' if negated else 'exists'} {inner})"


def format_node(node: Node | Term) -> str:
    """Write a term or variable; long literals are cut."""
    match node:
        case Var(name):
            return f"?{name}"
        case IRI(value):
            short = _short(value)
            return short if short != value else node.n3
        case BlankNode() | Literal():
            text = node.n3
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _short(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
