"""Closures of closures as one closure.

Preserves: the answer; the pairs of a closure are a set, so steps may be merged inside it. May drop:
nothing. Outside a closure alternatives and sequences keep their duplicates and stay as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce

from ..algebra import Bgp, Closure, Node, Plan, Union, Var, map_plans
from ..catalog import Snapshot
from .walk import everywhere


def simplify_paths(plan: Plan, snapshot: Snapshot | None) -> Plan:
    """Merge nested closures: ``(p+)*`` and ``(p?)+`` are ``p*``, ``(p*|q)+`` is ``(p|q)*``.

    Examples
    --------
    >>> from ..sparql import parse_query
    >>> from .printer import format_plan
    >>> print(format_plan(simplify_paths(parse_query("ASK { ?a ((rdf:rest+)?)+ ?b }").plan, None)))
    (path ?a * ?b
      (bgp
        ?.p3 rdf:rest ?.p4))
    """
    return everywhere(plan, lambda node: _simple(node) if isinstance(node, Closure) else node)


def _simple(node: Closure) -> Closure:
    inner = node.step
    if isinstance(inner, Closure) and _spans(node, inner):
        return _simple(_without(node, inner))
    return node if node.sign == "?" else _merged(node)


def _spans(outer: Closure, inner: Closure) -> bool:
    """Return whether one closure is the whole step of another, in either direction."""
    ends = {outer.start, outer.end}
    found = {end.name for end in (inner.subject, inner.object) if isinstance(end, Var)}
    return found == ends and inner.graph == outer.graph


def _without(outer: Closure, inner: Closure) -> Closure:
    """Both closures as one: zero steps if either allows them, many if either does."""
    sign = outer.sign if outer.sign == inner.sign else "*"
    forward = inner.subject == Var(outer.start)
    start, end = (inner.start, inner.end) if forward else (inner.end, inner.start)
    return replace(outer, step=inner.step, start=start, end=end, sign=sign)


def _merged(node: Closure) -> Closure:
    """The closures among the alternatives of a step as what they repeat; each alternative once."""
    branches = list(_alternatives(node.step))
    sign, made = node.sign, list[Plan]()
    for branch in branches:
        if isinstance(branch, Closure) and _spans(node, branch):
            sign = sign if branch.sign == "+" else "*"
            made += _alternatives(_inlined(node, branch))
        else:
            made.append(branch)
    kept = [branch for k, branch in enumerate(made) if branch not in made[:k]]
    return node if kept == branches else replace(node, step=reduce(Union, kept), sign=sign)


def _alternatives(plan: Plan) -> Iterator[Plan]:
    if isinstance(plan, Union):
        yield from _alternatives(plan.left)
        yield from _alternatives(plan.right)
    else:
        yield plan


def _inlined(outer: Closure, inner: Closure) -> Plan:
    """One step of the inner closure, between the ends of the outer one's."""
    assert isinstance(inner.subject, Var)
    assert isinstance(inner.object, Var)
    return _renamed(inner.step, {inner.start: inner.subject, inner.end: inner.object})


def _renamed(plan: Plan, names: Mapping[str, Var]) -> Plan:
    def new(node: Node) -> Node:
        return names.get(node.name, node) if isinstance(node, Var) else node

    match plan:
        case Bgp(patterns):
            renamed = (replace(p, subject=new(p.subject), object=new(p.object)) for p in patterns)
            return replace(plan, patterns=tuple(renamed))
        case Closure():
            return replace(plan, subject=new(plan.subject), object=new(plan.object))
    return map_plans(plan, lambda child: _renamed(child, names))
