"""Computed topological triples against shapely, pair by pair, over random small data."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import shapely

from ontology import GEO, IRI, Literal
from store import Inference, Store

X = "http://example.org/"
WKT = GEO + "wktLiteral"
DEFAULT, OLDER, PLAIN = (GEO + n for n in ("hasDefaultGeometry", "defaultGeometry", "hasGeometry"))
AS_WKT, SERIALIZATION, OWN = GEO + "asWKT", GEO + "hasSerialization", X + "asText"
SUB_PROPERTY = "http://www.w3.org/2000/01/rdf-schema#subPropertyOf"

RELATIONS: dict[str, Callable[[shapely.Geometry, shapely.Geometry], bool]] = {
    "sfIntersects": shapely.intersects,
    "sfWithin": shapely.within,
    "sfTouches": shapely.touches,
    "sfDisjoint": shapely.disjoint,
    "sfEquals": shapely.equals,
    "sfOverlaps": shapely.overlaps,
}

Quad = tuple[str, str, str | Literal, str | None]


@dataclass
class Drawn:
    """Random features and geometries on a grid of integers, and what a graph says of them."""

    quads: set[Quad] = field(default_factory=set)

    @classmethod
    def of(cls, seed: int, graphs: tuple[str | None, ...]) -> Drawn:
        """Draw features with none to two geometries, default or not, and relations asserted."""
        draw, made = random.Random(seed), cls()
        for graph in graphs:
            for k in range(draw.randint(3, 7)):
                made._feature(draw, f"{X}f{k}", graph)
            for k in range(draw.randint(0, 3)):
                made._geometry(draw, f"{X}lone{k}", graph)
            for _ in range(draw.randint(0, 4)):
                ends = [f"{X}f{draw.randint(0, 8)}" for _ in range(2)]
                made.quads.add((ends[0], GEO + draw.choice(list(RELATIONS)), ends[1], graph))
        if draw.random() < 0.5:
            made.quads.add((OWN, SUB_PROPERTY, AS_WKT, None))
        return made

    def _feature(self, draw: random.Random, name: str, graph: str | None) -> None:
        self.quads.add((name, X + "kind", Literal(draw.choice("ab")), graph))
        for k in range(draw.choice((0, 1, 1, 1, 2))):
            link = draw.choice((PLAIN, PLAIN, PLAIN, DEFAULT, OLDER))
            node = f"{name}-g{k}" if draw.random() < 0.9 else f"{X}shared"
            self.quads.add((name, link, node, graph))
            if draw.random() < 0.9:
                self._geometry(draw, node, graph)

    def _geometry(self, draw: random.Random, node: str, graph: str | None) -> None:
        for _ in range(draw.choice((1, 1, 1, 2))):
            name = draw.choice((AS_WKT, AS_WKT, AS_WKT, SERIALIZATION, OWN))
            self.quads.add((node, name, Literal(_shape(draw), WKT), graph))

    def write(self, store: Store) -> None:
        """Put everything into a store."""
        rows = []
        for s, p, o, g in sorted(self.quads, key=repr):
            thing = IRI(o) if isinstance(o, str) else o
            rows.append((IRI(s), IRI(p), thing) + (() if g is None else (IRI(g),)))
        store.insert(rows)

    def pairs(self, relation: str, graphs: tuple[str | None, ...], topology: str) -> set[str]:
        """The pairs in a relation, worked out one by one."""
        held = [quad for quad in self.quads if quad[3] in graphs]
        found: set[str] = set()
        if topology != "computed":
            found |= {f"{s} {o}" for s, p, o, _ in held if p == GEO + relation}
        if topology != "asserted":
            places = dict(self._places(held))
            for s, first in places.items():
                for o, second in places.items():
                    if any(RELATIONS[relation](a, b) for a in first for b in second):
                        found.add(f"{s} {o}")
        return found

    def _places(self, held: list[Quad]) -> Iterator[tuple[str, list[shapely.Geometry]]]:
        texts, links = defaultdict(set), defaultdict(lambda: defaultdict(set))
        stated = {AS_WKT, SERIALIZATION}
        if (OWN, SUB_PROPERTY, AS_WKT, None) in self.quads:
            stated.add(OWN)
        for s, p, o, _ in held:
            if p in stated:
                texts[s].add(o.lexical)
            elif p in (DEFAULT, OLDER, PLAIN):
                links[s][p].add(o)
        for node in {*texts, *links}:
            own = set(texts.get(node, ()))
            ways = links.get(node, {})
            first = next((ways[link] for link in (DEFAULT, OLDER, PLAIN) if link in ways), ())
            for geometry in first:
                own |= texts.get(geometry, set())
            if own:
                yield node, list(shapely.from_wkt(sorted(own)))


def _shape(draw: random.Random) -> str:
    x, y = draw.randint(0, 4), draw.randint(0, 4)
    if draw.random() < 0.3:
        return f"POINT ({x} {y})"
    w, h = x + draw.randint(1, 2), y + draw.randint(1, 2)
    return f"POLYGON (({x} {y}, {w} {y}, {w} {h}, {x} {h}, {x} {y}))"


def _pairs(store: Store, text: str, topology: str, *, optimise: bool = True) -> list[str]:
    answer = store.query(text, inference=Inference(topology=topology), optimise=optimise)
    return [f"{row['a'].value} {row['b'].value}" for row in answer.rows()]


@pytest.mark.parametrize("tables", ["always", "never"])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_found_one_by_one(tmp_path: Path, seed: int, tables: str) -> None:
    graphs = (None, X + "g1", X + "g2")
    drawn = Drawn.of(seed, graphs)
    store = Store.create(tmp_path / "s", tables=tables)
    drawn.write(store)
    relation = list(RELATIONS)[2 * seed + (tables == "never")]
    pattern = f"?a geo:{relation} ?b"
    for topology in ("both", "computed", "asserted"):
        texts = {
            f"SELECT ?a ?b {{ {pattern} }}": drawn.pairs(relation, (None,), topology),
            f"SELECT ?a ?b {{ GRAPH <{X}g1> {{ {pattern} }} }}": drawn.pairs(
                relation, (X + "g1",), topology
            ),
            f"SELECT ?a ?b FROM <{X}g1> FROM <{X}g2> {{ {pattern} }}": drawn.pairs(
                relation, (X + "g1", X + "g2"), topology
            ),
        }
        for text, expected in texts.items():
            for optimise in (True, False):
                found = _pairs(store, text, topology, optimise=optimise)
                assert sorted(found) == sorted(expected), (text, topology, optimise)


@pytest.mark.parametrize("tables", ["always", "never"])
@pytest.mark.parametrize("seed", range(20, 22))
def test_patterns_beside_a_relation_and_constants(tmp_path: Path, seed: int, tables: str) -> None:
    drawn = Drawn.of(seed, (None, X + "g1"))
    store = Store.create(tmp_path / "s", tables=tables)
    drawn.write(store)
    kinds = {s: o.lexical for s, p, o, g in drawn.quads if p == X + "kind" and g is None}
    relation = list(RELATIONS)[seed % 3]
    pairs = drawn.pairs(relation, (None,), "both")
    expected = [pair for pair in pairs if kinds.get(pair.split()[0]) == "a"]
    text = f"SELECT ?a ?b {{ ?a <{X}kind> 'a' . ?a geo:{relation} ?b }}"
    for optimise in (True, False):
        assert sorted(_pairs(store, text, "both", optimise=optimise)) == sorted(expected)
        for node in (f"{X}f1", f"{X}f1-g0", f"{X}shared"):
            near = f"SELECT (<{node}> AS ?a) ?b {{ <{node}> geo:{relation} ?b }}"
            far = f"SELECT ?a (<{node}> AS ?b) {{ ?a geo:{relation} <{node}> }}"
            for at, one in ((0, near), (1, far)):
                held = [pair for pair in pairs if pair.split()[at] == node]
                assert sorted(_pairs(store, one, "both", optimise=optimise)) == sorted(held)


def test_in_every_graph_by_itself(tmp_path: Path) -> None:
    graphs = (X + "g1", X + "g2")
    for seed in range(2):
        drawn = Drawn.of(seed, (None, *graphs))
        store = Store.create(tmp_path / str(seed))
        drawn.write(store)
        text = "SELECT ?g ?a ?b { GRAPH ?g { ?a geo:sfIntersects ?b } }"
        found = [f"{r['g'].value} {r['a'].value} {r['b'].value}" for r in store.query(text).rows()]
        expected = [
            f"{g} {pair}" for g in graphs for pair in drawn.pairs("sfIntersects", (g,), "both")
        ]
        assert sorted(found) == sorted(expected)
