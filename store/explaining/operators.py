"""The plan as operators with estimated rows, and the sub-plan each of them stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..algebra import (
    Bgp,
    Call,
    Exists,
    Expr,
    Extend,
    Filter,
    Join,
    OrderBy,
    Plan,
    Project,
    Query,
    Slice,
    child_plans,
    visible,
)
from ..estimates import Estimator
from .labels import label

EVERY_PAIR: Final = "join of parts that share no variable"


@dataclass(frozen=True, slots=True)
class Node:
    """An operator before it is counted.

    Attributes
    ----------
    plan : Plan
        The sub-plan whose solutions are the operator's.
    same_as_child : bool
        Has as many solutions as its only child, so need not be counted.
    remark : str
        Why it cannot be counted by itself.
    """

    label: str
    plan: Plan
    estimated: float
    children: tuple[Node, ...] = ()
    same_as_child: bool = False
    remark: str = ""

    def walk(self) -> Iterator[Node]:
        """The node itself and those below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def operators(query: Query, estimator: Estimator) -> Node:
    """The operators of a query's plan; joins and triple patterns are flat, as they are run."""
    below = _node(query.plan, estimator)
    match query.form:
        case "SELECT":
            return below
        case "ASK":
            first = Slice(query.plan, limit=1)
            return Node("ASK", first, min(below.estimated, 1.0), (below,))
        case form:
            made = below.estimated * len(query.template)
            triples = f"{form} {len(query.template)} triples a solution, each once"
            return Node(triples, query.plan, made, (below,), remark="")


def _node(plan: Plan, estimator: Estimator) -> Node:
    estimated = estimator.of(plan).rows
    if isinstance(plan, Join) or (isinstance(plan, Bgp) and len(plan.patterns) > 1):
        parts = list(_parts(plan))
        children = tuple(_node(part, estimator) for part in parts)
        return Node("join" if _connected(parts) else EVERY_PAIR, plan, estimated, children)
    below = [_node(child, estimator) for child in child_plans(plan)]
    if isinstance(plan, Filter):
        below += [_inside(part, estimator) for part in _exists(plan.condition)]
    same = isinstance(plan, Project | Extend | OrderBy)
    return Node(label(plan), plan, estimated, tuple(below), same)


def _inside(part: Exists, estimator: Estimator) -> Node:
    name = "in NOT EXISTS" if part.negated else "in EXISTS"
    remark = "not counted: it is matched against each solution around it"
    return Node(name, part.plan, estimator.of(part.plan).rows, remark=remark)


def _exists(expr: Expr) -> Iterator[Exists]:
    match expr:
        case Exists():
            yield expr
        case Call(_, args):
            for arg in args:
                yield from _exists(arg)


def _connected(parts: Sequence[Plan]) -> bool:
    """Whether shared variables lead from each part to every other."""
    names = set(visible(parts[0]))
    waiting = list(parts[1:])
    while waiting:
        near = next((part for part in waiting if names & visible(part)), None)
        if near is None:
            return False
        names |= visible(near)
        waiting.remove(near)
    return True


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
