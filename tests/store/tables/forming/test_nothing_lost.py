"""Forming tables loses and invents nothing, whatever the graph."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontology import ARROW_TYPES, CRS84, RDF_TYPE, EntityBatch, Lane, Property, TermColumn, to_wkb

if TYPE_CHECKING:
    from .conftest import Forming

_NODES = [f"http://e/{k}" for k in range(7)] + ["_:b1", "_:b2"]
_CLASSES = ["http://c/A", "http://c/B", "http://c/C"]
_GRAPHS = [None, None, "http://g/1", "http://g/2"]
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"

_PREDICATES: dict[str, list[tuple[Lane, dict[str, Any], list[Any]]]] = {
    RDF_TYPE: [(Lane.NODE, {}, _CLASSES)],
    "http://p/geom": [(Lane.NODE, {}, _NODES)],
    "http://p/part": [(Lane.NODE, {}, _NODES)],
    "http://p/label": [
        (Lane.LANG, {"lang": "en"}, ["a", "b"]),
        (Lane.LANG, {"lang": "de"}, ["a", "c"]),
        (Lane.STRING, {}, ["a", "d"]),
    ],
    "http://p/size": [
        (Lane.INTEGER, {}, [1, 2]),
        (Lane.DOUBLE, {}, [1.5, float("nan"), -0.0]),
        (Lane.OTHER, {"datatype": _INTEGER}, ["99999999999999999999"]),
    ],
    "http://p/wkt": [
        (Lane.GEOMETRY, {"crs": CRS84}, to_wkb(shapely.points([[1, 2], [3, 4]])).to_pylist())
    ],
}


class _Drawing:
    """Random batches: a graph of few nodes, so that everything that can clash does."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def batches(self) -> list[EntityBatch]:
        found = []
        for _ in range(self._random.randint(1, 5)):
            found.append(self._batch())
            if self._random.random() < 0.5:
                found.append(self._linked(found[-1]))
        return found

    def _batch(self) -> EntityBatch:
        nodes: list[str | None] = self._random.choices(_NODES, k=self._random.randint(1, 5))
        if self._random.random() < 0.5:
            nodes = [*dict.fromkeys(nodes)]
        if self._random.random() < 0.2:
            nodes[0] = None
        theme = self._random.choice(["rdf", "fields", "fields", "shapes"])
        return self._about(pa.array(nodes, pa.string()), self._random.choice(_GRAPHS), theme)

    def _linked(self, batch: EntityBatch) -> EntityBatch:
        """A batch about the nodes of a column, or the same subjects, row by row."""
        nodes = [p.objects.values for p in batch.properties if p.objects.lane is Lane.NODE]
        subjects = self._random.choice([batch.subjects, *nodes, *nodes])
        return self._about(subjects, batch.graph, self._random.choice(["rdf", "nodes", "nodes"]))

    def _about(self, subjects: pa.Array, graph: str | None, theme: str) -> EntityBatch:
        names = self._random.choices([*_PREDICATES], k=self._random.randint(1, 4))
        properties = tuple(self._property(name, len(subjects)) for name in names)
        return EntityBatch(subjects, properties, graph, theme)

    def _property(self, predicate: str, rows: int) -> Property:
        lane, options, values = self._random.choice(_PREDICATES[predicate])
        cells = self._random.choices([None, *values, *values], k=rows)
        column = TermColumn(lane, pa.array(cells, ARROW_TYPES[lane]), **options)
        return Property(predicate, column)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_rows_and_lanes_hold_what_came(forming: Forming, seed: int) -> None:
    batches = _Drawing(seed).batches()
    plain = forming.staged(batches, rows=False)
    expected = forming.in_lanes(plain)
    for staging in (plain, forming.staged(batches)):
        offered = staging.offered
        formed = forming.form(staging)
        lanes, tables = forming.in_lanes(staging), forming.in_tables(formed)
        found = {key: {*lanes.get(key, ()), *tables.get(key, ())} for key in {*lanes, *tables}}
        assert {key: rows for key, rows in found.items() if rows} == expected
        assert not any(lanes.get(key, set()) & rows for key, rows in tables.items())
        assert offered == plain.offered
        _check_subjects(forming.subjects(formed), lanes)


def _check_subjects(subjects: list[tuple[Any, Any, frozenset[str]]], lanes: Any) -> None:
    assert len({(g, s) for g, s, _ in subjects}) == len(subjects)
    left = {(key.predicate, row[0], row[1]) for key, rows in lanes.items() for row in rows}
    for graph, subject, predicates in subjects:
        assert not any((predicate, graph, subject) in left for predicate in predicates)
