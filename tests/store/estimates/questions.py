"""Generated star, chain and spatial queries whose parts fit together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from ontology import Lane
from store import Store
from store.catalog import LaneTable

NUMBERS = (Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE)
TIMES = (Lane.DATE, Lane.DATETIME)
KINDS = ("star", "chain", "star", "window", "chain", "star", "chain", "near")
FAR = 500_000
"""Pairs of things up to which their distances are asked for; beyond, only whether they meet."""
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_GEO = "http://www.opengis.net/ont/geosparql#"
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass
class Pattern:
    """A query being drawn: its triples and conditions, and how many variables it has."""

    triples: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    variables: int = 0

    def variable(self) -> str:
        self.variables += 1
        return f"?v{self.variables}"

    @property
    def text(self) -> str:
        return " ".join([*self.triples, *self.conditions])


class Generator:
    """Queries of a store: predicates are drawn from what its entities have and lead to."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.rng = np.random.default_rng(seed)
        self.lanes: dict[str, LaneTable] = {}
        for lane in sorted(store.snapshot().lanes, key=lambda lane: lane.rows):
            self.lanes[lane.predicate] = lane
        self.held = self._pairs("SELECT DISTINCT ?a ?b { ?x a ?a ; ?b ?o }")
        self.led = self._pairs("SELECT DISTINCT ?a ?b { ?x ?a ?y . ?y ?b ?z }")
        counted = self.store.query("SELECT ?a (COUNT(*) AS ?n) { ?x a ?a } GROUP BY ?a").terms()
        self.sizes = {row["a"]["value"]: int(row["n"]["value"]) for row in counted.to_pylist()}
        self.placed = sorted(
            kind for kind, held in self.held.items() if f"{_GEO}hasGeometry" in held
        )

    def _pairs(self, text: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        rows = self.store.query(text).terms().to_pylist()
        for first, second in sorted((row["a"]["value"], row["b"]["value"]) for row in rows):
            found[first].append(second)
        return found

    def one(self, items: list[str]) -> str:
        return items[int(self.rng.integers(len(items)))]

    def query(self, kind: str) -> str:
        """The WHERE clause of a query."""
        made = Pattern()
        graphs = self.store.snapshot().graphs
        match kind:
            case "star":
                self.star(made, "?x", int(self.rng.integers(1, 5)))
            case "chain":
                self.chain(made)
            case "window":
                self.window(made)
            case _:
                self.near(made)
        if kind == "star" and graphs and self.rng.random() < 0.15:
            return f"GRAPH <{self.one(list(graphs))}> {{ {made.text} }}"
        return made.text

    def star(self, made: Pattern, subject: str, most: int) -> None:
        kind = self.one(list(self.held))
        if self.rng.random() < 0.7:
            made.triples.append(f"{subject} a <{kind}> .")
        held = [one for one in self.held[kind] if one != _TYPE] or [_TYPE]
        for place in self.rng.permutation(len(held))[:most].tolist():
            self.add(made, subject, held[place])
        if self.rng.random() < 0.2:
            other = self.one(list(self.lanes))
            made.triples.append(f"OPTIONAL {{ {subject} <{other}> {made.variable()} }}")

    def chain(self, made: Pattern) -> None:
        """One or two links, each end with something more."""
        if not self.led:
            return self.star(made, "?x", 3)
        predicate, subject = self.one(list(self.led)), "?x"
        if self.rng.random() < 0.5:
            self.beside(made, subject, predicate)
        for _ in range(int(self.rng.integers(1, 3))):
            target = made.variable()
            made.triples.append(f"{subject} <{predicate}> {target} .")
            onward = [one for one in self.led[predicate] if one in self.led]
            subject = target
            if not onward:
                break
            last, predicate = predicate, self.one(onward)
            if self.rng.random() < 0.3:
                predicate = last
                break
        self.add(
            made, subject, self.one(self.led[predicate if subject == "?x" else self.last(made)])
        )
        return None

    def last(self, made: Pattern) -> str:
        return made.triples[-1].split("<")[1].split(">")[0]

    def beside(self, made: Pattern, subject: str, predicate: str) -> None:
        """Something else that subjects of a predicate have."""
        kinds = [kind for kind, held in self.held.items() if predicate in held]
        if kinds:
            self.add(made, subject, self.one(self.held[self.one(kinds)]))

    def add(self, made: Pattern, subject: str, predicate: str) -> None:
        lane, draw = self.lanes[predicate], self.rng.random()
        held = lane.statistics
        if lane.lane is Lane.NODE and draw < 0.4:
            made.triples.append(f"{subject} <{predicate}> <{self.drawn(predicate)}> .")
            return
        variable = made.variable()
        made.triples.append(f"{subject} <{predicate}> {variable} .")
        if lane.lane in (*NUMBERS, *TIMES) and draw < 0.6 and held is not None and held.bounds:
            low, high = sorted(self.rng.uniform(held.bounds[0], held.bounds[-1], 2).tolist())
            ends = (self.constant(lane.lane, end) for end in (low, high))
            made.conditions.append("FILTER({0} > {1} && {0} <= {2})".format(variable, *ends))
        elif lane.lane is Lane.GEOMETRY and draw < 0.7:
            self.within(made, variable)

    def constant(self, lane: Lane, value: float) -> str:
        if lane in NUMBERS:
            return f"{value:.4f}"
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
        if lane is Lane.DATE:
            return f'"{moment:%Y-%m-%d}"^^<{_XSD}date>'
        return f'"{moment:%Y-%m-%dT%H:%M:%SZ}"^^<{_XSD}dateTime>'

    def drawn(self, predicate: str) -> str:
        """An object of a predicate, frequent ones more often."""
        count = sum(
            lane.rows for lane in self.store.snapshot().lanes if lane.predicate == predicate
        )
        offset = int(self.rng.integers(count))
        text = f"SELECT ?o {{ ?x <{predicate}> ?o FILTER(isIRI(?o)) }} ORDER BY ?o"
        rows = self.store.query(f"{text} LIMIT 1 OFFSET {offset}").terms().to_pylist()
        return str(rows[0]["o"]["value"]) if rows else "http://ex/none"

    def placed_star(self, made: Pattern, subject: str) -> str:
        """Something that lies somewhere; the variable of its geometry."""
        node, place = made.variable(), made.variable()
        kind = self.one(self.placed)
        made.triples.append(f"{subject} a <{kind}> .")
        made.triples.append(
            f"{subject} <{_GEO}hasGeometry> {node} . {node} <{_GEO}asWKT> {place} ."
        )
        rest = [one for one in self.held[kind] if one not in (_TYPE, f"{_GEO}hasGeometry")]
        if rest and self.rng.random() < 0.5:
            self.add(made, subject, self.one(rest))
        return place

    def window(self, made: Pattern) -> None:
        place = self.placed_star(made, "?x")
        self.within(made, place)

    def near(self, made: Pattern) -> None:
        """Two kinds of things that meet, or lie near each other."""
        first, second = self.placed_star(made, "?x"), self.placed_star(made, "?y")
        kinds = [triple.split("<")[1].split(">")[0] for triple in made.triples if " a <" in triple]
        if self.rng.random() < 0.5 or self.sizes[kinds[0]] * self.sizes[kinds[1]] > FAR:
            made.conditions.append(f"FILTER(geof:sfIntersects({first}, {second}))")
            return
        metres = int(self.rng.integers(100, 5000))
        made.conditions.append(f"FILTER(geof:distance({first}, {second}, uom:metre) < {metres})")

    def within(self, made: Pattern, variable: str) -> None:
        """A box over some of the geometries, in their CRS; or a distance from a point."""
        grids = [
            (lane.statistics.grid, lane.crs)
            for lane in self.store.snapshot().lanes
            if lane.statistics is not None and lane.statistics.grid is not None
        ]
        grid, crs = grids[int(self.rng.integers(len(grids)))]
        west, south, east, north = grid.box
        x = sorted(self.rng.uniform(west, east, 2).tolist())
        y = sorted(self.rng.uniform(south, north, 2).tolist())
        named = "" if crs is None or "CRS84" in crs else f"<{crs}> "
        ring = ((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]), (x[0], y[0]))
        if not named and self.rng.random() < 0.3:
            point = f'"POINT ({x[0]:.5f} {y[0]:.5f})"^^geo:wktLiteral'
            metres = int(self.rng.integers(2_000, 60_000))
            made.conditions.append(
                f"FILTER(geof:distance({variable}, {point}, uom:metre) < {metres})"
            )
            return
        text = f"{named}POLYGON (({', '.join(f'{a:.6f} {b:.6f}' for a, b in ring)}))"
        made.conditions.append(f'FILTER(geof:sfIntersects({variable}, "{text}"^^geo:wktLiteral))')
