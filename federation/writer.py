"""Plans as SPARQL 1.1 text for a remote source.

Terms are written in their canonical N-Triples form, so nothing of a user or of the data can
become syntax. Only what every SPARQL 1.1 endpoint can do is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ontology import IRI, BlankNode, Literal, Term, UnsupportedError
from store import algebra as al

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED = "gl0_"
_INFIX = frozenset({"=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "&&", "||"})


def remote_name(variable: str) -> str:
    """Return the name a variable has in remote text; different variables keep different names.

    >>> remote_name("area"), remote_name(".b0")
    ('area', 'gl0_x2e_b0')
    """
    if _PLAIN.fullmatch(variable) and not variable.startswith(_ESCAPED):
        return variable
    body = "".join(c if c.isascii() and c.isalnum() else f"x{ord(c):x}_" for c in variable)
    return _ESCAPED + body


def write_term(term: Term) -> str:
    r"""Return the SPARQL text of a constant.

    A backslash before ``u`` is kept apart from it, because some servers expand ``\u`` escapes
    before they look at the backslash in front.
    """
    match term:
        case IRI() | Literal():
            text = term.n3.replace("\t", "\\t")
            return re.sub(r"\\\\([uU])", lambda m: rf"\\\U{ord(m[1]):08X}", text)
        case BlankNode():
            raise UnsupportedError(
                "A blank node cannot be named in a remote query",
                where=term.n3,
                why="blank node labels mean nothing outside their own document",
            )


def write_expression(expr: al.Expr) -> str:
    """Return the SPARQL text of an expression, fully bracketed."""
    match expr:
        case al.Var(name):
            return f"?{remote_name(name)}"
        case al.Const(term):
            return write_term(term)
        case al.Exists(plan, negated):
            return f"{'NOT ' if negated else ''}EXISTS {{ {_body(plan)} }}"
        case al.Call(op, args):
            return _call(op, [write_expression(a) for a in args])


def _call(op: str, args: list[str]) -> str:
    if op in _INFIX and len(args) >= 2:
        return f"({f' {op} '.join(args)})"
    if op in ("in", "not in"):
        return f"({args[0]} {op.upper()} ({', '.join(args[1:])}))"
    if op in ("!", "neg"):
        return f"({'!' if op == '!' else '-'} {args[0]})"
    if ":" in op:
        return f"<{IRI(op).value}>({', '.join(args)})"
    if not _PLAIN.fullmatch(op):
        raise UnsupportedError(f"The operator {op!r} cannot be sent to a remote source")
    return f"{op}({', '.join(args)})"


def _node(node: al.Node | IRI) -> str:
    return f"?{remote_name(node.name)}" if isinstance(node, al.Var) else write_term(node)


def _triples(plan: al.Bgp) -> str:
    triples = " ".join(
        f"{_node(p.subject)} {_node(p.predicate)} {_node(p.object)} ." for p in plan.patterns
    )
    return triples if plan.graph is None else f"GRAPH {_node(plan.graph)} {{ {triples} }}"


def write_values(names: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> str:
    """Return a ``VALUES`` block."""
    head = " ".join(f"?{remote_name(name)}" for name in names)
    cells = (" ".join("UNDEF" if t is None else write_term(t) for t in row) for row in rows)
    return f"VALUES ({head}) {{ {' '.join(f'({row})' for row in cells)} }}"


def _closure(plan: al.Closure) -> str:
    match plan.step:
        case al.Bgp((al.TriplePattern(al.Var(plan.start), IRI() as predicate, al.Var(plan.end)),)):
            path = (
                f"{_node(plan.subject)} {write_term(predicate)}{plan.sign} {_node(plan.object)} ."
            )
            return path if plan.graph is None else f"GRAPH {_node(plan.graph)} {{ {path} }}"
    raise UnsupportedError(
        "This property path cannot be sent to a remote source",
        why="only a single predicate can be repeated there",
    )


def _group(plan: al.Plan) -> str:
    """Return the text as an operand: only what cannot mix with its neighbours has braces."""
    plain = isinstance(plan, al.Bgp | al.Values | al.Unit)
    return _body(plan) if plain else f"{{ {_body(plan)} }}"


def _body(plan: al.Plan) -> str:
    match plan:
        case al.Unit():
            return ""
        case al.Empty():
            return "FILTER(false)"
        case al.Bgp():
            return _triples(plan)
        case al.Values():
            return write_values(plan.variables, plan.rows)
        case al.Join(left, right):
            return f"{_group(left)} {_group(right)}"
        case al.LeftJoin(left, right, condition):
            test = f" FILTER({write_expression(condition)})" if condition else ""
            return f"{_group(left)} OPTIONAL {{ {{ {_body(right)} }}{test} }}"
        case al.Union(left, right):
            return f"{{ {_body(left)} }} UNION {{ {_body(right)} }}"
        case al.Minus(apart=apart) | al.Slice(per=apart) if apart:
            raise UnsupportedError(
                "A MINUS or LIMIT inside GRAPH with a variable cannot be sent to a source",
                remedy="name the graph",
            )
        case al.Minus(left, right):
            return f"{_group(left)} MINUS {{ {_body(right)} }}"
        case al.Filter(condition, child):
            return f"{_group(child)} FILTER({write_expression(condition)})"
        case al.Extend(variable, expr, child):
            return f"{_group(child)} BIND({write_expression(expr)} AS ?{remote_name(variable)})"
        case al.Closure():
            return _closure(plan)
        case al.Group() | al.OrderBy() | al.Project() | al.Distinct() | al.Slice():
            return _select(plan)
        case al.Service(endpoint, inner, silent):
            word = "SERVICE SILENT" if silent else "SERVICE"
            return f"{word} {_node(endpoint)} {{ {_body(inner)} }}"
        case (
            al.TermTable()
            | al.Given()
            | al.RemoteScan()
            | al.SpatialJoin()
            | al.IntervalJoin()
            | al.Nearest()
        ):
            raise UnsupportedError(
                f"A {type(plan).__name__} cannot be part of a query to one remote source"
            )


def _aggregate(aggregate: al.Aggregate) -> str:
    inner = "*" if aggregate.expr is None else write_expression(aggregate.expr)
    distinct = "DISTINCT " if aggregate.distinct else ""
    tail = ""
    if aggregate.name.upper() == "GROUP_CONCAT":
        tail = f"; SEPARATOR = {write_term(Literal(aggregate.separator))}"
    name = f"<{aggregate.name}>" if ":" in aggregate.name else aggregate.name
    more = "".join(f", {write_expression(one)}" for one in aggregate.parameters)
    return f"{name}({distinct}{inner}{more}{tail})"


def _grouping(plan: al.Group) -> str:
    head = [f"?{remote_name(name)}" for name, _ in plan.keys]
    head += [f"({_aggregate(agg)} AS ?{remote_name(name)})" for name, agg in plan.aggregates]
    keys = [
        f"?{remote_name(name)}"
        if expr == al.Var(name)
        else f"({write_expression(expr)} AS ?{remote_name(name)})"
        for name, expr in plan.keys
    ]
    by = f" GROUP BY {' '.join(keys)}" if keys else ""
    return f"SELECT {' '.join(head)} WHERE {{ {_body(plan.child)} }}{by}"


def _order(keys: Sequence[al.OrderKey]) -> str:
    parts = (f"{'DESC' if k.descending else 'ASC'}({write_expression(k.expr)})" for k in keys)
    return f" ORDER BY {' '.join(parts)}"


def _select(plan: al.Plan) -> str:
    tail, distinct, names = "", "", None
    if isinstance(plan, al.Slice):
        limit = "" if plan.limit is None else f" LIMIT {plan.limit}"
        tail = limit + (f" OFFSET {plan.offset}" if plan.offset else "")
        plan = plan.child
    if isinstance(plan, al.Distinct):
        distinct, plan = "DISTINCT ", plan.child
    if isinstance(plan, al.Project):
        names, plan = plan.variables, plan.child
    if isinstance(plan, al.OrderBy):
        tail, plan = _order(plan.keys) + tail, plan.child
    if isinstance(plan, al.Group) and names is None and not distinct:
        return _grouping(plan) + tail
    listed = sorted(al.visible(plan)) if names is None else names
    head = " ".join(f"?{remote_name(name)}" for name in listed) or "(1 AS ?gl0_unit)"
    return f"SELECT {distinct}{head} WHERE {{ {_body(plan)} }}{tail}"


def write_select(plan: al.Plan) -> str:
    """Return a SELECT query with the plan's solutions.

    Parameters
    ----------
    plan : store.algebra.Plan
        Without TermTable, RemoteScan, SpatialJoin and IntervalJoin.

    Returns
    -------
    str
        SPARQL 1.1 text without prefixes; variables are named by :func:`remote_name`.

    Raises
    ------
    UnsupportedError
        If part of the plan cannot be written as SPARQL 1.1.
    """
    return _select(plan)


def write_count(plan: al.Plan) -> str:
    """Return a SELECT query whose one row gives the number of solutions as ``?n``."""
    return f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ {_select(plan)} }} }}"


def write_ask(plan: al.Plan) -> str:
    """Return an ASK query: has the plan any solution."""
    return f"ASK {{ {_body(plan)} }}"
