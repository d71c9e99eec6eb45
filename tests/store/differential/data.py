"""Random datasets: a default graph and named graphs over few nodes and a few lanes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from hypothesis import strategies as st

from store import Store
from store.layout.manifest import TablesPolicy

from .terms import BLANKS, GRAPHS, KINDS, LITERALS, NODES, PREDICATES, full

Quad = tuple[str, str, str, str]


def _whole(quad: Quad) -> Quad:
    return quad


def _place(quad: Quad) -> tuple[str, str, str]:
    return quad[0], quad[1], quad[3]


SHAPES: tuple[tuple[TablesPolicy, Callable[[Quad], object]], ...] = (
    ("never", _whole),
    ("always", _whole),
    ("always", _place),
)


@dataclass(frozen=True, slots=True)
class Data:
    """Quads (the default graph is named ``""``), and the kinds of literals among them.

    ``tables`` says whether our store makes entity tables of them.
    """

    quads: tuple[Quad, ...]
    kinds: tuple[str, ...]
    tables: TablesPolicy = "never"

    def rewritten(self, change: Callable[[str], str]) -> Data:
        """The same data with objects written otherwise."""
        return replace(self, quads=tuple((s, p, change(o), g) for s, p, o, g in self.quads))

    def nquads(self) -> str:
        lines = (" ".join(map(full, filter(None, quad))) for quad in self.quads)
        return "".join(f"{line} .\n" for line in dict.fromkeys(lines))

    def put(self, store: Store, scratch: Path) -> None:
        """Make this all that our store holds."""
        file = scratch / "data.nq"
        file.write_text(self.nquads(), encoding="utf-8")
        store.update("DROP ALL")
        store.load(file)

    def oracle(self) -> ox.Store:
        """The same in pyoxigraph."""
        graph = ox.Store()
        graph.extend(ox.parse(self.nquads(), ox.RdfFormat.N_QUADS))
        return graph


@st.composite
def datasets(draw: Any) -> Data:
    """Ten to twenty quads over few nodes, with literals of at most three kinds.

    Half of those for entity tables have one value a predicate; the others have lanes beside them.
    """
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)))
    literals = st.sampled_from([text for kind in kinds for text in LITERALS[kind]])
    nodes = st.sampled_from(NODES + BLANKS)
    quad = st.tuples(
        nodes,
        st.sampled_from((PREDICATES[0], *PREDICATES)),
        st.one_of(nodes, literals),
        st.sampled_from(("", "", "", *GRAPHS)),
    )
    tables, by = draw(st.sampled_from(SHAPES))
    return Data(tuple(draw(st.lists(quad, min_size=10, max_size=20, unique_by=by))), kinds, tables)
