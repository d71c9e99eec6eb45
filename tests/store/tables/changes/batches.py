"""Rows of features and their geometry nodes, as a mapper writes them, and what they say."""

from __future__ import annotations

from random import Random
from typing import Final

import pyarrow as pa
import shapely

from ontology import (
    CRS84,
    IRI,
    LANE_DATATYPES,
    BlankNode,
    EntityBatch,
    Lane,
    Literal,
    Property,
    Term,
    TermColumn,
    lexical_forms,
)
from tests.store.tables.changes.vocabulary import (
    AS_WKT,
    EX,
    FEATURES,
    GRAPHS,
    HAS_GEOMETRY,
    SHAPES,
    TYPE,
    Quad,
)

_AREA: Final = EX + "area"
_COUNT: Final = EX + "count"
_POINTS: Final = (shapely.Point(1, 2), shapely.Point(3, 4.5))


def batches(random: Random, shared: float = 0) -> tuple[list[EntityBatch], list[Quad]]:
    """Two batches over the same rows: features, and the nodes of their geometries.

    With the probability ``shared`` two features have the same node.
    """
    numbers = random.sample(range(len(SHAPES)), random.randint(1, len(SHAPES)))
    graph = random.choice(GRAPHS)
    name = None if graph is None else graph.value
    features = [_text(FEATURES[n]) for n in numbers]
    shapes = [_text(SHAPES[n]) for n in numbers]
    if shared and random.random() < shared:
        shapes[0] = shapes[-1]
    types = [EX + "Field"] * len(numbers)
    areas = [random.choice([1.5, 2.0, None]) for _ in numbers]
    counts = [random.choice([1, 2]) for _ in numbers]
    wkb = [shapely.to_wkb(random.choice(_POINTS)) for _ in numbers]
    written = (
        (
            features,
            (
                Property(TYPE.value, _column(Lane.NODE, types)),
                Property(_AREA, _column(Lane.DOUBLE, areas)),
                Property(_COUNT, _column(Lane.INTEGER, counts)),
                Property(HAS_GEOMETRY.value, _column(Lane.NODE, shapes)),
            ),
        ),
        (
            shapes,
            (
                Property(
                    AS_WKT.value,
                    TermColumn(Lane.GEOMETRY, pa.array(wkb, pa.binary()), crs=CRS84),
                ),
            ),
        ),
    )
    made = [
        EntityBatch(pa.array(subjects, pa.string()), properties, name, "fields")
        for subjects, properties in written
    ]
    return made, [quad for batch in made for quad in _quads(batch, graph)]


def _column(lane: Lane, values: list[object]) -> TermColumn:
    kinds = {Lane.NODE: pa.string(), Lane.DOUBLE: pa.float64(), Lane.INTEGER: pa.int64()}
    return TermColumn(lane, pa.array(values, kinds[lane]))


def _quads(batch: EntityBatch, graph: IRI | None) -> list[Quad]:
    quads: list[Quad] = []
    for prop in batch.properties:
        column = prop.objects
        node = column.lane is Lane.NODE
        texts = (column.values if node else lexical_forms(column)).to_pylist()
        for subject, text in zip(batch.subjects.to_pylist(), texts, strict=True):
            if text is not None:
                value: Term = _node(text) if node else Literal(text, LANE_DATATYPES[column.lane])
                quads.append((_node(subject), IRI(prop.predicate), value, graph))
    return quads


def _text(node: IRI | BlankNode) -> str:
    return node.value if isinstance(node, IRI) else f"_:{node.label}"


def _node(text: str) -> IRI | BlankNode:
    return BlankNode(text[2:]) if text.startswith("_:") else IRI(text)
