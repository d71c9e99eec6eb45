"""Rewriting a query, so that inferred triples count like asserted ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..algebra import (
    Bgp,
    Closure,
    Exists,
    Expr,
    Filter,
    Inference,
    Join,
    Plan,
    Query,
    RemoteScan,
    Service,
    TriplePattern,
    map_expressions,
    map_plans,
    visible,
)
from ..catalog import Snapshot
from ..engine.limits import check_limit
from .core import Core, Names, united
from .facts import Ask, Facts
from .location import Locator
from .topology import is_topological, related

ASSERTED: Final = Inference(topology="asserted", properties="asserted")
"""Nothing but the asserted triples."""

_MOST: Final = 8
"""Alternatives of one basic graph pattern; beyond, a pattern is answered apart and joined."""


def infer(
    query: Query,
    snapshot: Snapshot | None,
    inference: Inference,
    ask: Ask,
    notes: list[str] | None = None,
) -> Query:
    """Rewrite a query to count what can be inferred from a snapshot beside what it holds.

    Patterns with a variable as predicate, paths of any length, and DESCRIBE see asserted triples
    only.

    Parameters
    ----------
    query : Query
    snapshot : Snapshot or None
        Without one nothing is inferred.
    inference : Inference
    ask : callable
        Answers a query from the asserted triples of the snapshot.
    notes : list of str, optional
        Takes a line for every pattern that is rewritten.
    """
    if snapshot is None or inference == ASSERTED:
        return query
    rewriting = _Rewriting(Facts(snapshot, query, ask), inference, notes)
    return replace(query, plan=rewriting.plan(query.plan))


class _Rewriting:
    def __init__(self, facts: Facts, inference: Inference, notes: list[str] | None) -> None:
        self._facts, self._inference = facts, inference
        self._notes = [] if notes is None else notes
        self._names = Names()

    def plan(self, plan: Plan) -> Plan:
        """Rewrite a plan; what others answer, and paths of any length, stay as they are."""
        if isinstance(plan, Closure | RemoteScan | Service):
            return plan
        if isinstance(plan, Bgp):
            return self._pattern(plan)
        if isinstance(plan, Join):
            return _lifted(Join(self.plan(plan.left), self.plan(plan.right)), plan)
        return map_expressions(map_plans(plan, self.plan), self._inside)

    def _inside(self, expr: Expr) -> Expr:
        if isinstance(expr, Exists):
            return replace(expr, plan=self.plan(expr.plan))
        return expr

    def _pattern(self, bgp: Bgp) -> Plan:
        found = [pattern for pattern in bgp.patterns if self._is_inferred(pattern)]
        if not found:
            return bgp
        rest = tuple(pattern for pattern in bgp.patterns if pattern not in found)
        cores = [Core(rest)]
        locator = Locator(self._facts, bgp.graph, self._names)
        for pattern in found:
            check_limit()
            cores = [way for core in cores for way in self._ways(core, pattern, locator)]
        return united(cores, bgp.graph, visible(bgp))

    def _is_inferred(self, pattern: TriplePattern) -> bool:
        return self._inference.topology != "asserted" and is_topological(pattern)

    def _ways(self, core: Core, pattern: TriplePattern, locator: Locator) -> Sequence[Core]:
        topology = self._inference.topology
        if topology == "asserted":
            return [core.asserting(pattern)]
        return related(core, pattern, self._facts, locator, topology)


def _lifted(made: Join, written: Join) -> Plan:
    """A condition made for one side stands above the join, where it may become a spatial join."""
    conditions: list[Expr] = []
    sides = []
    for side, before in ((made.left, written.left), (made.right, written.right)):
        if isinstance(side, Filter) and isinstance(before, Bgp):
            conditions.append(side.condition)
            side = side.child
        sides.append(side)
    joined: Plan = Join(*sides)
    for condition in conditions:
        joined = Filter(condition, joined)
    return joined
