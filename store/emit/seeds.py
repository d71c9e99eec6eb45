"""Seeds: what is known of the ends of a path before it is walked.

A pattern beside a path binds its ends; walking only from those terms (a semi-join) spares the pairs
that the join would drop.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..algebra import Closure, GraphName, Var
from .context import Context
from .relation import Relation


@dataclass(frozen=True, slots=True)
class Seed:
    """Terms that an end of a path can only be.

    Attributes
    ----------
    variable : str
        The end.
    relation : Relation
        Solutions that bind it, always.
    size : float
        Estimated number of its different terms.
    nodes_of : frozenset
        Graphs of which the terms are known to be nodes.
    """

    variable: str
    relation: Relation
    size: float
    nodes_of: frozenset[GraphName] = frozenset()


def chosen_seed(context: Context, node: Closure) -> Seed | None:
    """The smaller of the seeds of the two ends; none where a constant is better."""
    names = [end.name for end in (node.subject, node.object) if isinstance(end, Var)]
    if len(names) < 2:
        return None
    found = [context.seeds[name] for name in names if name in context.seeds]
    return min(found, key=lambda seed: seed.size, default=None)
