"""What inference makes of a basic graph pattern: alternatives, each a conjunction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import count

from ..algebra import (
    Bgp,
    Distinct,
    Empty,
    Exists,
    Expr,
    Extend,
    Filter,
    GraphName,
    Join,
    Minus,
    Node,
    Plan,
    Project,
    TriplePattern,
    Union,
    Unit,
    Var,
    visible,
)
from ..conditions import conjunction


@dataclass(slots=True)
class Names:
    """Variables that no query has."""

    _numbers: count[int] = field(default_factory=count)

    def fresh(self) -> Var:
        """One that was not given out before."""
        return Var(f".i{next(self._numbers)}")


@dataclass(frozen=True, slots=True)
class Core:
    """One way in which a basic graph pattern may hold.

    Attributes
    ----------
    patterns : tuple of TriplePattern
        Asserted triples.
    leaves : tuple of Plan
        What they are joined with.
    binds : tuple of (variable, Expr)
        What is computed, in this order.
    conditions : tuple of Expr
    without : tuple of Plan
        What must not be there, since another way has those solutions.
    unique : bool
        Whether no solution of the basic graph pattern comes twice.
    places : tuple of (Node, Expr)
        Literals of nodes that have one at most.
    """

    patterns: tuple[TriplePattern, ...]
    leaves: tuple[Plan, ...] = ()
    binds: tuple[tuple[str, Expr], ...] = ()
    conditions: tuple[Expr, ...] = ()
    without: tuple[Plan, ...] = ()
    unique: bool = True
    places: tuple[tuple[Node, Expr], ...] = ()

    def asserting(self, pattern: TriplePattern) -> Core:
        """The core with one triple more."""
        return replace(self, patterns=(*self.patterns, pattern))

    def in_order(self, written: Sequence[TriplePattern]) -> Core:
        """The core with the triples of the query first, as they were written."""
        own = [pattern for pattern in written if pattern in self.patterns]
        made = [pattern for pattern in self.patterns if pattern not in own]
        return replace(self, patterns=(*own, *made))

    def plan(self, graph: GraphName) -> Plan:
        """The plan of this way in a graph."""
        parts = [*self.leaves]
        if self.patterns:
            parts.insert(0, Bgp(self.patterns, graph))
        elif not parts:
            parts.append(Unit() if graph is None else Bgp((), graph))
        made = reduce(Join, parts)
        for variable, expr in self.binds:
            made = Extend(variable, expr, made)
        if self.conditions:
            made = Filter(conjunction(self.conditions), made)
        return reduce(_without, self.without, made)


def _without(plan: Plan, absent: Plan) -> Plan:
    if visible(absent):
        return Minus(plan, absent)
    return Filter(Exists(absent, negated=True), plan)


def united(cores: Sequence[Core], graph: GraphName, variables: Iterable[str]) -> Plan:
    """The solutions of all ways, each once; ``variables`` are those of the basic graph pattern.

    Variables made here stay visible where each solution has one value of them, so that nothing
    stands between the plan and the passes.
    """
    names = tuple(variables)
    if not cores:
        return Empty(names)
    made: Plan = reduce(Union, (core.plan(graph) for core in cores))
    if all(core.unique for core in cores):
        return made
    return Distinct(Project(names, made))
