from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import GEO
from store import Inference, Store

ASSERTED = Inference(topology="asserted", properties="asserted")
PREFIXES = """
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
PREFIX ex: <http://ex/>
"""


@pytest.fixture(params=["never", "always"], scope="module")
def make(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Store]:
    """The store of a Turtle text, made once: all in lanes, or all it can in tables."""
    made: dict[str, Store] = {}

    def store_of(text: str) -> Store:
        if text not in made:
            folder = tmp_path_factory.mktemp("store")
            store = made[text] = Store.create(folder / "store", tables=request.param)
            (folder / "a.ttl").write_text(PREFIXES + text, encoding="utf-8")
            store.load(folder / "a.ttl")
        return made[text]

    return store_of


@pytest.fixture
def rows() -> Callable[[Store, str], list[tuple[str | None, ...]]]:
    """Solutions as N-Triples texts, sorted."""

    def found(store: Store, query: str) -> list[tuple[str | None, ...]]:
        result = store.query(PREFIXES + query, inference=ASSERTED)
        lines = [
            tuple(None if row.get(name) is None else row[name].n3 for name in result.variables)
            for row in result.rows()
        ]
        return sorted(lines, key=str)

    return found


@pytest.fixture
def quads_of(tmp_path: Path) -> Callable[[Store], set[ox.Quad]]:
    """Everything in a store, read by a parser that is not ours."""

    def dumped(store: Store) -> set[ox.Quad]:
        path = tmp_path / "dump.nq"
        count = store.dump(path)
        quads = list(ox.parse(path=str(path)))
        assert count == len(quads) == len(set(quads))
        return set(quads)

    return dumped


@pytest.fixture
def literal() -> Callable[[str, str], ox.Literal]:
    """A geometry literal by the local name of its datatype."""

    def made(text: str, name: str) -> ox.Literal:
        return ox.Literal(text, datatype=ox.NamedNode(GEO + name))

    return made
