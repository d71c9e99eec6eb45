"""Cutting a plan into what each source answers: RemoteScan leaves under a local plan.

Patterns of the home store stay basic graph patterns, so the local engine plans them with its
own statistics and spatial joins. Everything that one remote source can answer alone becomes one
subquery.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from typing import Final

from ontology import UnsupportedError
from store import algebra as al

from .scope import certain, conjuncts, rewrite_below
from .selection import PatternGroup, Selector, group_patterns

Can = Callable[[str, str], bool]

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_CASTS: Final = frozenset(
    _XSD + name
    for name in ("string", "boolean", "integer", "decimal", "double", "float", "dateTime", "date")
)
_NOT_PUSHED: Final = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE", "blank", "resolve"})
_INLINE_ROWS: Final = 1000


class Decomposer:
    """Turns an ordinary plan into a federated one.

    Parameters
    ----------
    selector : Selector
    home : str, optional
        Source whose patterns stay in the plan, answered by the local engine.
    can : callable (source, function IRI) -> bool
        Whether the source has shown that it has the function.
    """

    def __init__(self, selector: Selector, home: str | None, can: Can) -> None:
        self._selector = selector
        self._home = home
        self._can = can

    def decompose(self, plan: al.Plan) -> al.Plan:
        """Return the plan with remote leaves, merged and filtered as far as is safe."""
        match plan:
            case al.Bgp():
                return self._bgp(plan)
            case al.Service():
                return plan
            case al.Closure():
                return self._closure(plan)
        return self._merge(rewrite_below(plan, self.decompose))

    # ------------------------------------------------------------------ leaves

    def _bgp(self, plan: al.Bgp) -> al.Plan:
        if not plan.patterns:
            return plan
        chosen = self._selector.candidates(plan)
        if not all(chosen):
            return al.Empty(tuple(sorted(al.visible(plan))))
        parts = [self._part(plan, group) for group in group_patterns(plan.patterns, chosen)]
        return reduce(al.Join, sorted(parts, key=lambda part: not isinstance(part, al.Bgp)))

    def _part(self, plan: al.Bgp, group: PatternGroup) -> al.Plan:
        """Return what the sources of a group hold together: a triple of two of them counts once."""
        own = replace(plan, patterns=group.patterns)
        merged = reduce(al.Union, [self._leaf(source, own) for source in group.sources])
        return al.Distinct(merged) if group.overlapping else merged

    def _leaf(self, source: str, plan: al.Plan) -> al.Plan:
        if source == self._home:
            return plan
        return al.RemoteScan(source, plan, tuple(sorted(al.visible(plan))))

    def _closure(self, plan: al.Closure) -> al.Plan:
        step = self.decompose(plan.step)
        remote = {leaf.source for leaf in remote_leaves(step)}
        if not remote:
            return replace(plan, step=step)
        if plan.sign != "+":
            raise UnsupportedError(
                f"A path with {plan.sign!r} over remote sources is not supported",
                why=f"its steps lie at {', '.join(sorted(remote))}, its start may lie anywhere",
                remedy="write it with '+' and add the step of length zero by UNION",
            )
        if isinstance(step, al.RemoteScan) and _single(step.plan):
            whole = replace(plan, step=step.plan)
            return al.RemoteScan(step.source, whole, tuple(al.visible(whole)))
        return replace(plan, step=step)

    # ------------------------------------------------------------------- merge

    def _merge(self, plan: al.Plan) -> al.Plan:
        match plan:
            case al.Filter(condition, child):
                return self._filter(condition, child)
            case al.Join(al.RemoteScan() as left, al.Values() as right):
                return self._inline(left, right) or plan
            case al.Join(al.Values() as left, al.RemoteScan() as right):
                return self._inline(right, left) or plan
            case al.Join() | al.LeftJoin() | al.Minus() | al.Union():
                return self._pair(plan) or plan
            case al.Extend(_, expr, al.RemoteScan() as scan):
                return self._above(plan, scan, [expr]) or plan
            case al.Group(keys, aggregates, al.RemoteScan() as scan):
                inputs = [a.expr for _, a in aggregates if a.expr is not None]
                return self._above(plan, scan, [*(expr for _, expr in keys), *inputs]) or plan
            case al.Project(_, al.RemoteScan() as scan) | al.Distinct(al.RemoteScan() as scan):
                return self._above(plan, scan, []) or plan
            case al.Slice():
                return self._slice(plan) or plan
        return plan

    def _pushable(self, expr: al.Expr, source: str) -> bool:
        match expr:
            case al.Var() | al.Const():
                return True
            case al.Exists():
                return False
            case al.Call(op, args):
                known = op not in _NOT_PUSHED if ":" not in op else op in _CASTS
                return (known or (":" in op and self._can(source, op))) and all(
                    self._pushable(a, source) for a in args
                )

    def _filter(self, condition: al.Expr, child: al.Plan) -> al.Plan:
        kept: list[al.Expr] = []
        for part in conjuncts(condition):
            child, done = self._push(part, child)
            if not done:
                kept.append(part)
        if not kept:
            return child
        return al.Filter(reduce(lambda a, b: al.Call("&&", (a, b)), kept), child)

    def _push(self, part: al.Expr, plan: al.Plan) -> tuple[al.Plan, bool]:
        """Move a filter towards the sources; True when nothing of it is left to do above.

        It enters a branch only when that branch surely binds every variable it reads.
        """
        if not al.expression_variables(part) <= certain(plan):
            return plan, False
        match plan:
            case al.RemoteScan():
                if not self._pushable(part, plan.source):
                    return plan, False
                return replace(plan, plan=al.Filter(part, plan.plan)), True
            case al.Union():
                left, left_done = self._push(part, plan.left)
                right, right_done = self._push(part, plan.right)
                return al.Union(left, right), left_done and right_done
            case al.Join():
                left, left_done = self._push(part, plan.left)
                right, right_done = self._push(part, plan.right)
                return al.Join(left, right), left_done or right_done
            case al.LeftJoin() | al.Minus():
                left, done = self._push(part, plan.left)
                return replace(plan, left=left), done
            case al.Filter() | al.Distinct():
                child, done = self._push(part, plan.child)
                return replace(plan, child=child), done
        return plan, False

    def _pair(self, plan: al.Join | al.LeftJoin | al.Minus | al.Union) -> al.Plan | None:
        left, right = plan.left, plan.right
        if not (isinstance(left, al.RemoteScan) and isinstance(right, al.RemoteScan)):
            return None
        shared = set(left.variables) & set(right.variables)
        if left.source != right.source or not (shared or isinstance(plan, al.Union)):
            return None
        condition = plan.condition if isinstance(plan, al.LeftJoin) else None
        if condition is not None and not self._pushable(condition, left.source):
            return None
        inner = replace(plan, left=left.plan, right=right.plan)
        return al.RemoteScan(left.source, inner, tuple(al.visible(inner)))

    def _inline(self, scan: al.RemoteScan, values: al.Values) -> al.Plan | None:
        small = len(values.rows) <= _INLINE_ROWS
        if not small or not set(values.variables) & set(scan.variables):
            return None
        inner = al.Join(values, scan.plan)
        return replace(scan, plan=inner, variables=tuple(al.visible(inner)))

    def _above(
        self, plan: al.Plan, scan: al.RemoteScan, exprs: Iterable[al.Expr]
    ) -> al.Plan | None:
        if not all(self._pushable(expr, scan.source) for expr in exprs):
            return None
        inner = al.map_plans(plan, lambda _: scan.plan)
        return al.RemoteScan(scan.source, inner, tuple(al.visible(inner)))

    def _slice(self, plan: al.Slice) -> al.Plan | None:
        """A limit goes to the source; an order goes too, and is kept for the rows that come."""
        match plan.child:
            case al.RemoteScan() as scan:
                return self._above(plan, scan, [])
            case al.OrderBy(keys, al.RemoteScan() as scan):
                if not all(self._pushable(key.expr, scan.source) for key in keys):
                    return None
                inner = replace(plan, child=al.OrderBy(keys, scan.plan))
                return al.OrderBy(keys, replace(scan, plan=inner))
            case al.Project(names, al.OrderBy(keys, child)):
                cut = self._slice(replace(plan, child=al.OrderBy(keys, child)))
                return cut and al.Project(names, cut)
        return None


def _single(plan: al.Plan) -> bool:
    return isinstance(plan, al.Bgp) and len(plan.patterns) == 1


def remote_leaves(plan: al.Plan) -> list[al.RemoteScan]:
    """Return the remote leaves of a plan, those inside EXISTS included."""
    if isinstance(plan, al.RemoteScan):
        return [plan]
    found: list[al.RemoteScan] = []

    def note(child: al.Plan) -> al.Plan:
        found.extend(remote_leaves(child))
        return child

    rewrite_below(plan, note)
    return found


def only_needed(plan: al.Plan, results: Iterable[str]) -> al.Plan:
    """Let each remote leaf send only variables that something outside of it reads."""
    count = Counter(results)
    _count(plan, count)

    def narrow(node: al.Plan) -> al.Plan:
        if isinstance(node, al.RemoteScan):
            kept = tuple(v for v in node.variables if count[v] > 1) or node.variables[:1]
            return replace(node, variables=kept)
        return rewrite_below(node, narrow)

    return narrow(plan)


def _count(plan: al.Plan, count: Counter[str]) -> None:
    if isinstance(plan, al.RemoteScan):
        count.update(set(plan.variables))
        return
    own: set[str] = set()

    def read(expr: al.Expr) -> al.Expr:
        if isinstance(expr, al.Var):
            own.add(expr.name)
        return expr

    al.map_expressions(plan, read)
    if isinstance(plan, al.Closure):
        own |= {plan.start, plan.end}
    if not al.child_plans(plan) or isinstance(
        plan, al.Project | al.Group | al.Extend | al.Distinct
    ):
        own |= set(al.visible(plan))
    count.update(own)

    def below(child: al.Plan) -> al.Plan:
        _count(child, count)
        return child

    rewrite_below(plan, below)
