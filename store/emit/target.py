"""Where triple patterns are matched: graphs, what is known of their constants, windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ontology import IRI, BlankNode, StoreError, term_id

from ..algebra import Bgp, GraphName, Node, TriplePattern, ValueRange, Var, Window
from ..catalog import Snapshot
from .context import Context
from .lane_index import LaneIndex

Asked = tuple[tuple[Path, ...], str, tuple[int, ...]]
"""What an index is asked: files, a column, ids of nodes."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Target:
    """What the patterns of one graph name are matched against.

    Attributes
    ----------
    lanes : LaneIndex
    graph : Var, IRI or None
    graphs : tuple of int, optional
        Ids of the graphs to read; None is the unnamed graph.
    known : mapping of text to id
        The IRIs and blank nodes of the patterns that the store holds.
    windows, ranges : tuple
        What spares reading.
    found : dict
        What was looked up in indexes (:mod:`.lookup`).
    """

    snapshot: Snapshot
    lanes: LaneIndex
    graph: GraphName
    graphs: tuple[int, ...] | None
    known: Mapping[str, int]
    windows: tuple[Window, ...] = ()
    ranges: tuple[ValueRange, ...] = ()
    found: dict[Asked, Mapping[Path, Rows]] = field(default_factory=dict, compare=False)

    @property
    def merges(self) -> bool:
        """Whether several graphs are read as if they were one."""
        return self.graph is None and self.graphs is not None and len(self.graphs) > 1

    def id_of(self, node: IRI | BlankNode) -> int | None:
        """The id of a constant node, None if the store does not hold it."""
        return self.known.get(plain(node))


def target_of(context: Context, bgp: Bgp) -> Target:
    """What a basic graph pattern is matched against.

    Raises
    ------
    StoreError
        There is no store.
    """
    if context.snapshot is None:
        raise StoreError(
            "This query has triple patterns but no store to match them",
            remedy="give a store, or a SERVICE for the patterns",
        )
    wanted = [node for pattern in bgp.patterns for node in _constants(pattern)]
    known = context.snapshot.known([plain(node) for node in wanted]) if wanted else {}
    graphs = _graphs(context, context.snapshot, bgp.graph)
    return Target(
        context.snapshot, context.lanes(), bgp.graph, graphs, known, bgp.windows, bgp.ranges
    )


def _constants(pattern: TriplePattern) -> Sequence[IRI | BlankNode]:
    ends: tuple[Node, ...] = (pattern.subject, pattern.object)
    return [node for node in ends if isinstance(node, IRI | BlankNode)]


def plain(node: IRI | BlankNode) -> str:
    """The text of a node in the dictionary."""
    return node.value if isinstance(node, IRI) else node.n3


def _graphs(context: Context, snapshot: Snapshot, graph: GraphName) -> tuple[int, ...] | None:
    named = context.named()
    if isinstance(graph, Var):
        return tuple(named.values())
    if isinstance(graph, IRI):
        return (named[graph.value],) if graph.value in named else ()
    if not context.has_dataset:
        return None
    wanted = {default.value for default in context.default_graphs}
    held = [name for name in snapshot.graphs if name in wanted]
    return tuple(term_id(f"<{name}>") for name in held)
