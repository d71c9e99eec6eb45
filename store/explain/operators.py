"""The plan as operators with estimated rows, and the sub-plan each of them stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..algebra import (
    Bgp,
    Extend,
    GraphName,
    Join,
    OrderBy,
    Plan,
    Project,
    Query,
    TriplePattern,
    child_plans,
)
from ..estimates import Estimator
from ..passes import format_head, format_node


@dataclass(frozen=True, slots=True)
class Node:
    """An operator before it is counted.

    Attributes
    ----------
    plan : Plan
        The sub-plan whose solutions are the operator's.
    same_as_child : bool
        Has as many solutions as its only child, so need not be counted.
    """

    label: str
    plan: Plan
    estimated: float
    children: tuple[Node, ...] = ()
    same_as_child: bool = False

    def walk(self) -> Iterator[Node]:
        """The node itself and those below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def operators(query: Query, estimator: Estimator) -> Node:
    """The operators of a query's plan; joins and triple patterns are flat, as they are run."""
    return _node(query.plan, estimator)


def _node(plan: Plan, estimator: Estimator) -> Node:
    estimated = estimator.of(plan).rows
    if isinstance(plan, Bgp) and len(plan.patterns) == 1:
        label = _pattern(plan.patterns[0], plan.graph, len(plan.windows))
        return Node(label, plan, estimated)
    if isinstance(plan, Join) or (isinstance(plan, Bgp) and plan.patterns):
        children = tuple(_node(part, estimator) for part in _parts(plan))
        return Node("join", plan, estimated, children)
    children = tuple(_node(child, estimator) for child in child_plans(plan))
    same = isinstance(plan, Project | Extend | OrderBy)
    return Node(format_head(plan), plan, estimated, children, same)


def _parts(plan: Plan) -> Iterator[Plan]:
    match plan:
        case Join(left, right):
            yield from _parts(left)
            yield from _parts(right)
        case Bgp(patterns, graph, windows) if len(patterns) > 1:
            for pattern in patterns:
                own = tuple(w for w in windows if getattr(pattern.object, "name", "") == w.variable)
                yield Bgp((pattern,), graph, own)
        case _:
            yield plan


def _pattern(pattern: TriplePattern, graph: GraphName, windows: int) -> str:
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    text = " ".join(format_node(node) for node in nodes)
    place = "" if graph is None else f" in graph {format_node(graph)}"
    return text + place + (" within a box" if windows else "")
