"""SHACL shapes over what a run makes, some rows at a time (needs the extra ``shacl``)."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyoxigraph
import rdflib
from rdflib.namespace import RDF, SH

from ontology import EntityBatch, InputError, Lane, UsageError

from ..sinks import NTriplesSink
from ..terms.cells import Rows
from ..terms.faults import Faults

ROWS: Final = 4096
"""Rows validated together: pyshacl holds their triples as Python objects."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What a shape says of a node: ``grave`` if it is of severity ``sh:Violation``."""

    focus: str
    shape: str
    message: str
    grave: bool


class Shapes:
    """Shapes that the triples of a row must meet (W3C SHACL).

    A shape sees the triples of the rows it is checked with, at most ``rows``, and no others: of
    other rows, of other sources, of the store.

    Parameters
    ----------
    path : path
        RDF file of shapes.
    rows : int
        How many are checked together.

    Raises
    ------
    UsageError
        pyshacl is not installed.
    InputError
        The file cannot be read, or is no graph of shapes.
    """

    def __init__(self, path: str | Path, *, rows: int = ROWS) -> None:
        self.path = Path(path)
        self.rows = rows
        self._pyshacl = _pyshacl()
        self._graph = rdflib.Graph()
        try:
            self.fingerprint = hashlib.sha256(self.path.read_bytes()).hexdigest()
            self._graph.parse(self.path)
            self.violations(rdflib.Graph())
        except Exception as error:  # rdflib and pyshacl raise of many kinds
            raise InputError(
                "Cannot read the shapes",
                where=str(self.path),
                why=" ".join(str(error).split())[:500] or type(error).__name__,
                remedy="check that it is RDF (by its suffix) and that its shapes are valid SHACL",
            ) from error

    def check(self, entities: list[EntityBatch], faults: Faults) -> None:
        """Mark the rows whose triples violate a shape; milder results become remarks."""
        for found in self.violations(_graph_of(entities)):
            rows = _rows_about(found.focus, entities)
            if not found.grave:
                faults.remark(f"shape {found.shape}: {found.message}", len(rows))
            elif len(rows):
                faults.add(rows, found.message, rule=found.shape)

    def violations(self, graph: rdflib.Graph) -> list[Violation]:
        """Results of all shapes over a graph, in an order that is always the same."""
        _, results, text = self._pyshacl.validate(graph, shacl_graph=self._graph, inplace=True)
        if not isinstance(results, rdflib.Graph):
            raise InputError("The shapes cannot be applied", where=str(self.path), why=str(text))
        found = [
            self._violation(results, one) for one in results.subjects(RDF.type, SH.ValidationResult)
        ]
        return sorted(found, key=lambda one: (one.focus, one.shape, one.message))

    def _violation(self, results: rdflib.Graph, one: Any) -> Violation:
        path, value = results.value(one, SH.resultPath), results.value(one, SH.value)
        said = [str(text) for text in results.objects(one, SH.resultMessage)]
        message = "; ".join(sorted(said)) or str(results.value(one, SH.sourceConstraintComponent))
        if isinstance(path, rdflib.URIRef):
            message = f"{path.n3()}: {message}"
        if value is not None:
            message += f" (found {value.n3()[:200]})"
        return Violation(
            _node_text(results.value(one, SH.focusNode)),
            self._name(results.value(one, SH.sourceShape)),
            message,
            results.value(one, SH.resultSeverity) == SH.Violation,
        )

    def _name(self, shape: Any) -> str:
        """IRI of a shape, or of the nearest one with an IRI that it is part of."""
        seen = set()
        while isinstance(shape, rdflib.BNode) and shape not in seen:
            seen.add(shape)
            shape = next(self._graph.subjects(None, shape), shape)
        return str(shape)


def _pyshacl() -> Any:
    try:
        return importlib.import_module("pyshacl")
    except ImportError as error:
        raise UsageError(
            "Shapes need pyshacl, which is not installed",
            remedy="pip install 'geoloom[shacl]'",
        ) from error


def _graph_of(entities: Iterable[EntityBatch]) -> rdflib.Graph:
    """All triples, whatever their graph, with their blank nodes' labels."""
    graph = rdflib.Graph()
    sink = NTriplesSink("shapes.nq")
    for entity in entities:
        for text in sink.texts(entity):
            for quad in pyoxigraph.parse(bytes(text), format=pyoxigraph.RdfFormat.N_QUADS):
                graph.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
    return graph


def _term(term: Any) -> Any:
    match term:
        case pyoxigraph.NamedNode():
            return rdflib.URIRef(term.value)
        case pyoxigraph.BlankNode():
            return rdflib.BNode(term.value)
        case _ if term.language:
            return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _node_text(node: Any) -> str:
    """As in a NODE column; a literal as its text."""
    return f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _rows_about(focus: str, entities: Iterable[EntityBatch]) -> Rows:
    """Rows that say something of a node, else those that name it as an object."""
    about = [_rows_with(entity.subjects, focus, entity) for entity in entities]
    if not any(len(rows) for rows in about):
        about = [_rows_with(column, focus, entity) for entity, column in _objects(entities)]
    return np.unique(np.concatenate([np.empty(0, np.int64), *about]))


def _objects(entities: Iterable[EntityBatch]) -> Iterator[tuple[EntityBatch, pa.Array]]:
    for entity in entities:
        for prop in entity.properties:
            if prop.objects.lane in (Lane.NODE, Lane.STRING, Lane.LANG, Lane.OTHER):
                yield entity, prop.objects.values


def _rows_with(column: pa.Array, text: str, entity: EntityBatch) -> Rows:
    same = pc.equal(column, text).fill_null(False)
    at = np.flatnonzero(np.asarray(same))
    return at if entity.rows is None else entity.rows[at]
