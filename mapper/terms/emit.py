"""Entity batches of a triples map over a batch of rows.

Single-valued properties with constant predicate and graph go side by side in one wide batch;
everything that has several values a row, or predicates or graphs from data, goes in narrow ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, RDF_TYPE, EntityBatch, Lane, Property, TermColumn

from ..language.model import Constant, LogicalTarget, ParentMap, TermMap, TriplesMap
from ..language.vocabulary import DEFAULT_GRAPH
from ..targets import RoutedBatch, targets_of
from .cells import Batch, Cells, Rows, product
from .evaluate import Evaluator, Terms
from .joins import Parents

_WKT_NONE = pa.scalar(None, pa.string())

Way = tuple[str | None, tuple[LogicalTarget, ...]]
"""Graph of a triple, and the targets it goes to."""


@dataclass(slots=True)
class Emitter:
    """Collects the triples of one triples map over one batch."""

    triples_map: TriplesMap
    evaluator: Evaluator
    parents: Parents
    batch: Batch
    _wide: dict[Way, list[Property]] = field(default_factory=dict)
    _narrow: list[EntityBatch] = field(default_factory=list)

    def batches(self) -> Iterator[EntityBatch]:
        """All batches of the triples map."""
        rule = self.triples_map
        subject = self.evaluator.nodes(rule.subject)
        for name in rule.classes:
            types = TermColumn(Lane.NODE, pa.repeat(name, len(self.batch)))
            self._place(subject, RDF_TYPE, Terms((types,)), rule.graphs, (rule.subject,))
        for pair in rule.predicate_objects:
            graphs = rule.graphs + pair.graphs
            for value in pair.objects:
                terms = self._objects(value)
                for predicate in pair.predicates:
                    makers = (rule.subject, predicate, value)
                    self._predicate(subject, predicate, terms, graphs, makers)
        for way, properties in self._wide.items():
            yield self._entities(subject.values, properties, way)
        yield from self._narrow

    def _objects(self, value: TermMap | ParentMap) -> Terms:
        if isinstance(value, TermMap):
            return self.evaluator.terms(value)
        nodes = self.parents.subjects(value, self.evaluator, self.batch)
        return Terms((TermColumn(Lane.NODE, nodes.values),), nodes.rows)

    def _predicate(
        self,
        subject: Cells,
        predicate: TermMap,
        terms: Terms,
        graphs: tuple[TermMap, ...],
        makers: tuple[TermMap | ParentMap, ...],
    ) -> None:
        if isinstance(predicate.expression, Constant) and predicate.condition is None:
            term = predicate.expression.term
            assert isinstance(term, IRI)
            self._place(subject, term.value, terms, graphs, makers)
            return
        found = self.evaluator.nodes(predicate)
        for name in pc.unique(found.values).drop_null().to_pylist():
            flag = pc.if_else(pc.equal(found.values, name), found.values, _WKT_NONE)
            mine = _paired(terms, Cells(flag, found.rows), self.batch)
            self._place(subject, name, mine, graphs, makers)

    def _place(
        self,
        subject: Cells,
        predicate: str,
        terms: Terms,
        graphs: tuple[TermMap, ...],
        makers: tuple[TermMap | ParentMap, ...],
    ) -> None:
        for graph in graphs or (None,):
            targets = targets_of(*makers, graph)
            if graph is None or (isinstance(graph.expression, Constant) and not graph.condition):
                self._put(subject, predicate, terms, (_constant_graph(graph), targets))
                continue
            found = self.evaluator.nodes(graph)
            for name in pc.unique(found.values).drop_null().to_pylist():
                flag = pc.if_else(pc.equal(found.values, name), found.values, _WKT_NONE)
                mine = _paired(terms, Cells(flag, found.rows), self.batch)
                way = (None if name == DEFAULT_GRAPH else name, targets)
                self._put(subject, predicate, mine, way)

    def _put(self, subject: Cells, predicate: str, terms: Terms, way: Way) -> None:
        columns = [c for c in terms.columns if c.values.null_count < len(c.values)]
        if subject.rows is None and terms.rows is None:
            held = self._wide.setdefault(way, [])
            held.extend(Property(predicate, column) for column in columns)
            return
        (at, value_at), rows = product([subject.rows, terms.rows], len(self.batch))
        subjects = subject.values.take(pa.array(at))
        properties = tuple(Property(predicate, take(column, value_at)) for column in columns)
        if properties:
            self._narrow.append(self._entities(subjects, properties, way, rows))

    def _entities(
        self,
        subjects: pa.Array,
        properties: Sequence[Property],
        way: Way,
        rows: Rows | None = None,
    ) -> EntityBatch:
        graph, targets = way
        theme = self.triples_map.theme
        if targets:
            return RoutedBatch(subjects, tuple(properties), graph, theme, rows, targets)
        return EntityBatch(subjects, tuple(properties), graph, theme, rows)


def take(column: TermColumn, positions: Rows) -> TermColumn:
    """Terms at these positions."""
    index = pa.array(positions)
    lexical = None if column.lexical is None else column.lexical.take(index)
    return replace(column, values=column.values.take(index), lexical=lexical)


def _constant_graph(graph: TermMap | None) -> str | None:
    if graph is None:
        return None
    assert isinstance(graph.expression, Constant)
    term = graph.expression.term
    name = term.value if isinstance(term, IRI) else term.n3
    return None if name == DEFAULT_GRAPH else name


def _paired(terms: Terms, flags: Cells, batch: Batch) -> Terms:
    """Terms only where the flag of the same row is set."""
    (at, flag_at), rows = product([terms.rows, flags.rows], len(batch))
    chosen = np.flatnonzero(
        flags.values.take(pa.array(flag_at)).is_valid().to_numpy(zero_copy_only=False)
    )
    owner = np.arange(len(batch)) if rows is None else rows
    return Terms(tuple(take(column, at[chosen]) for column in terms.columns), owner[chosen])
