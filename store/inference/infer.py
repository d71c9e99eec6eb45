"""Rewriting a query, so that inferred triples count like asserted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Final

from ontology import Term

from ..algebra import (
    Bgp,
    Closure,
    Const,
    Distinct,
    Exists,
    Expr,
    Extend,
    Filter,
    Group,
    Inference,
    Join,
    LeftJoin,
    Plan,
    Project,
    Query,
    RemoteScan,
    Service,
    TriplePattern,
    Values,
    map_expressions,
    map_plans,
    visible,
)
from ..catalog import Snapshot
from ..engine.limits import check_limit
from ..passes import format_node
from .classes import Entailment
from .core import Core, Names, united
from .facts import Ask, Facts
from .location import Locator
from .properties import described, is_computed
from .schema import Schema
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


class _Kind(IntEnum):
    """How a pattern is answered; what narrows the most comes first."""

    ASSERTED = 0
    CLASS = 1
    PROPERTY = 2
    TOPOLOGY = 3


_SOURCES: Final = {
    _Kind.CLASS: "entailed by the schema (RDFS)",
    _Kind.PROPERTY: "computed where it is not asserted",
    _Kind.TOPOLOGY: "computed from geometries",
}


class _Rewriting:
    def __init__(self, facts: Facts, inference: Inference, notes: list[str] | None) -> None:
        self._facts, self._inference = facts, inference
        self._notes = [] if notes is None else notes
        self._names = Names()
        self._schema = Schema(facts) if inference.classes else None

    def plan(self, plan: Plan) -> Plan:
        """Rewrite a plan; what others answer, and paths of any length, stay as they are."""
        if isinstance(plan, Closure | RemoteScan | Service):
            return plan
        if isinstance(plan, Bgp):
            return self._pattern(plan)
        if isinstance(plan, Join):
            left, right = plan.left, plan.right
            return _lifted(Join(self._beside(left, right), self._beside(right, left)), plan)
        if isinstance(plan, LeftJoin):
            right = self._beside(plan.right, plan.left)
            optional = replace(plan, left=self.plan(plan.left), right=right)
            return map_expressions(optional, self._inside)
        made = map_expressions(map_plans(plan, self.plan), self._inside)
        return _counted(made, plan) if isinstance(plan, Group) else made

    def _beside(self, plan: Plan, other: Plan) -> Plan:
        """Rewrite what is joined with another plan, whose constants it may be about."""
        if isinstance(plan, Bgp):
            return self._pattern(plan, constants_in(other))
        return self.plan(plan)

    def _inside(self, expr: Expr) -> Expr:
        if isinstance(expr, Exists):
            return replace(expr, plan=self.plan(expr.plan))
        return expr

    def _pattern(self, bgp: Bgp, given: Mapping[str, Sequence[Term]] | None = None) -> Plan:
        entailment = Entailment(self._schema, self._facts, bgp.graph, self._names)
        entailed = self._inference.classes
        locator = Locator(self._facts, bgp.graph, self._names, entailed=entailed, given=given)
        kinds = [self._kind(pattern, entailment) for pattern in bgp.patterns]
        if not any(kinds):
            return bgp
        pairs = list(zip(bgp.patterns, kinds, strict=True))
        cores = [Core(tuple(pattern for pattern, kind in pairs if not kind))]
        for pattern, kind in sorted(pairs, key=lambda pair: pair[1]):
            if kind:
                cores = self._with_ways(cores, pattern, kind, bgp, locator, entailment)
        cores = [core.in_order(bgp.patterns) for core in cores]
        return bgp if cores == [Core(bgp.patterns)] else united(cores, bgp.graph, visible(bgp))

    def _with_ways(
        self,
        cores: list[Core],
        pattern: TriplePattern,
        kind: _Kind,
        bgp: Bgp,
        locator: Locator,
        entailment: Entailment,
    ) -> list[Core]:
        """Every core with every way in which a further pattern may hold."""
        check_limit()
        if len(cores) > _MOST:
            return [replace(c, leaves=(*c.leaves, self._apart(pattern, bgp))) for c in cores]
        made = [
            way for core in cores for way in self._ways(core, pattern, kind, locator, entailment)
        ]
        if made != [core.asserting(pattern) for core in cores]:
            nodes = (pattern.subject, pattern.predicate, pattern.object)
            written = " ".join(map(format_node, nodes))
            self._notes.append(f"{written}: {_SOURCES[kind]}")
        return made

    def _apart(self, pattern: TriplePattern, bgp: Bgp) -> Plan:
        """The solutions of one pattern, each once."""
        one = replace(bgp, patterns=(pattern,))
        return Distinct(Project(tuple(visible(one)), self._pattern(one)))

    def _kind(self, pattern: TriplePattern, entailment: Entailment) -> _Kind:
        if self._inference.topology != "asserted" and is_topological(pattern):
            return _Kind.TOPOLOGY
        if self._inference.properties != "asserted" and is_computed(pattern):
            return _Kind.PROPERTY
        return _Kind.CLASS if entailment.entails(pattern) else _Kind.ASSERTED

    def _ways(
        self,
        core: Core,
        pattern: TriplePattern,
        kind: _Kind,
        locator: Locator,
        entailment: Entailment,
    ) -> Sequence[Core]:
        if kind is _Kind.CLASS:
            return entailment.ways(core, pattern)
        if kind is _Kind.PROPERTY:
            return described(core, pattern, self._facts, locator, entailment, self._names)
        both = self._inference.topology == "both"
        return related(core, pattern, self._facts, locator, entailment, asserted=both)


def constants_in(plan: Plan) -> dict[str, Sequence[Term]]:
    """Variables that a plan always binds to one of some constants, with ``VALUES`` or ``BIND``."""
    match plan:
        case Values(variables, rows):
            columns = zip(variables, zip(*rows, strict=True), strict=bool(rows))
            return {
                name: tuple(dict.fromkeys(term for term in terms if term is not None))
                for name, terms in columns
                if None not in terms
            }
        case Extend(variable, Const(term), child):
            return {**constants_in(child), variable: (term,)}
        case Extend() | Filter():
            return constants_in(plan.child)
        case Join(left, right):
            return {**constants_in(left), **constants_in(right)}
        case LeftJoin(left):
            return constants_in(left)
    return {}


def _counted(made: Plan, written: Group) -> Plan:
    """What is grouped, without variables made here where whole solutions are told apart."""
    if all(call.expr is not None or not call.distinct for _, call in written.aggregates):
        return made
    return map_plans(made, lambda child: Project(tuple(visible(written.child)), child))


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
