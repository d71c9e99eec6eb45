"""Estimates against the truth: generated star, chain and spatial queries with filters.

The store is made here; GEOLOOM_ESTIMATES_STORE names another one to judge (the demo's, say).
``pytest -s`` prints the figures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from store import Store, parse_query
from store.catalog import LaneTable, Snapshot
from store.estimates import Estimator
from store.passes import optimise

QUERIES = 60
EX = "http://ex/"
GEO = "http://www.opengis.net/ont/geosparql#"
XSD = "http://www.w3.org/2001/XMLSchema#"
LANES_OF_NUMBERS = ("integer", "decimal", "double")


def fields(rows: int, rng: np.random.Generator) -> Iterator[str]:
    """Fields of owners in towns: skewed classes, lognormal areas, clustered places."""
    centres = rng.uniform((10, 46), (16, 48), (8, 2))
    for k in range(rows // 20):
        yield f"<{EX}owner{k}> a <{EX}Owner> ; <{EX}town> <{EX}town{int(rng.integers(12))}> .\n"
        if k % 3 == 0:
            yield f'<{EX}owner{k}> <{EX}mail> "owner{k}@example.org" .\n'
    for k in range(rows):
        x, y = centres[int(rng.integers(8))] + rng.normal(0, 0.3, 2)
        owner = int(rng.zipf(1.6)) % (rows // 20)
        yield (
            f"<{EX}f{k}> a <{EX}Field> ; <{EX}class> <{EX}c{min(int(rng.geometric(0.2)), 20)}> ;"
            f" <{EX}area> {rng.lognormal(8, 1):.2f}e0 ;"
            f" <{EX}score> {int(rng.integers(100)) / 100} ;"
            f" <{EX}owner> <{EX}owner{owner}> ; <{GEO}hasGeometry> <{EX}g{k}> .\n"
            f'<{EX}g{k}> <{GEO}asWKT> "POINT ({x:.5f} {y:.5f})"^^<{GEO}wktLiteral> .\n'
        )
        if rng.random() < 0.4:
            day = f"2018-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
            yield f'<{EX}f{k}> <{EX}sown> "{day}"^^<{XSD}date> .\n'


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Store:
    if given := os.environ.get("GEOLOOM_ESTIMATES_STORE"):
        return Store.open(given)
    folder = tmp_path_factory.mktemp("estimates")
    path: Path = folder / "fields.ttl"
    path.write_text("".join(fields(4000, np.random.default_rng(7))), encoding="utf-8")
    store = Store.create(folder / "store")
    store.load([path])
    return store


@dataclass
class Generator:
    """Queries whose parts fit together: predicates are drawn from what entities really have."""

    store: Store
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.snapshot: Snapshot = self.store.snapshot()
        self.lanes: dict[str, LaneTable] = {lane.predicate: lane for lane in self.snapshot.lanes}
        self.classes = self.pairs("SELECT DISTINCT ?a ?b { ?x a ?a ; ?b ?o }")
        self.targets = self.pairs("SELECT DISTINCT ?a ?b { ?x ?a ?y . ?y ?b ?z }")

    def pairs(self, text: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in sorted(
            (row["a"]["value"], row["b"]["value"])
            for row in self.store.query(text).terms().to_pylist()
        ):
            found.setdefault(row[0], []).append(row[1])
        return found

    def one(self, items: list[str]) -> str:
        return items[int(self.rng.integers(len(items)))]

    def query(self, kind: str) -> str:
        patterns, filters = self.star() if kind != "chain" or not self.targets else self.chain()
        return f"SELECT * {{ {' '.join(patterns)} {' '.join(filters)} }}"

    def star(self) -> tuple[list[str], list[str]]:
        kind = self.one(list(self.classes))
        held = self.classes[kind]
        chosen = self.rng.permutation(len(held))[: int(self.rng.integers(1, 5))]
        patterns = [f"?x a <{kind}> ."] if self.rng.random() < 0.7 else []
        filters: list[str] = []
        for k in chosen.tolist():
            self.add("x", held[k], f"o{k}", patterns, filters)
        return patterns, filters

    def chain(self) -> tuple[list[str], list[str]]:
        first = self.one(list(self.targets))
        patterns = [f"?x <{first}> ?y ."]
        filters: list[str] = []
        self.add("y", self.one(self.targets[first]), "z", patterns, filters)
        return patterns, filters

    def add(
        self, subject: str, predicate: str, name: str, patterns: list[str], filters: list[str]
    ) -> None:
        lane = self.lanes[predicate]
        kind, draw = str(lane.lane), self.rng.random()
        held = lane.statistics
        if kind == "node" and draw < 0.4:
            patterns.append(f"?{subject} <{predicate}> <{self.drawn(predicate)}> .")
            return
        patterns.append(f"?{subject} <{predicate}> ?{name} .")
        if kind in LANES_OF_NUMBERS and draw < 0.7 and held is not None and held.bounds:
            low, high = sorted(self.rng.uniform(held.bounds[0], held.bounds[-1], 2).tolist())
            filters.append(f"FILTER(?{name} > {low:.4f} && ?{name} <= {high:.4f})")
        elif kind == "geometry" and held is not None and held.grid is not None and draw < 0.8:
            filters.append(
                f'FILTER(geof:sfIntersects(?{name}, "{self.box(lane)}"^^geo:wktLiteral))'
            )

    def drawn(self, predicate: str) -> str:
        offset = int(self.rng.integers(self.lanes[predicate].rows))
        text = f"SELECT ?o {{ ?x <{predicate}> ?o FILTER(isIRI(?o)) }} LIMIT 1 OFFSET {offset}"
        rows = self.store.query(text).terms().to_pylist()
        return str(rows[0]["o"]["value"]) if rows else "http://ex/none"

    def box(self, lane: LaneTable) -> str:
        assert lane.statistics is not None and lane.statistics.grid is not None  # noqa: PT018
        west, south, east, north = lane.statistics.grid.box
        x = sorted(self.rng.uniform(west, east, 2).tolist())
        y = sorted(self.rng.uniform(south, north, 2).tolist())
        ring = ((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]), (x[0], y[0]))
        crs = "" if lane.crs is None or "CRS84" in lane.crs else f"<{lane.crs}> "
        return crs + f"POLYGON (({', '.join(f'{a:.6f} {b:.6f}' for a, b in ring)}))"


def q_error(expected: float, actual: int) -> float:
    """How many times one is the other; both at least one."""
    return max(max(expected, 1) / max(actual, 1), max(actual, 1) / max(expected, 1))


def test_estimates_of_generated_queries(judged: Store) -> None:
    generator = Generator(judged, np.random.default_rng(3))
    errors: list[tuple[float, float, int, str]] = []
    for k in range(QUERIES):
        text = generator.query("chain" if k % 4 == 0 else "star")
        plan, _ = optimise(parse_query(text).plan, generator.snapshot)
        expected = Estimator(generator.snapshot).of(plan).rows
        counted = judged.query(text.replace("SELECT *", "SELECT (count(*) AS ?n)"))
        actual = int(counted.terms().to_pylist()[0]["n"]["value"])
        errors.append((q_error(expected, actual), expected, actual, text))
    found = np.array([error[0] for error in errors])
    median, late = np.median(found), np.percentile(found, 95)
    print(f"\nq-error of {QUERIES} queries: median {median:.2f}, 95 % {late:.1f}")
    for error, expected, actual, text in sorted(errors)[-5:]:
        print(f"  {error:8.1f}  expected {expected:.0f}, are {actual}: {text}")
    assert all(expected >= 0 for _, expected, _, _ in errors)
    assert median <= 2
