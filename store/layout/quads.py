"""From a stream of RDF quads to entity batches, gathered by predicate, kind and graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pyarrow as pa
import pyoxigraph as ox

from ontology import (
    IRI,
    BlankNode,
    EntityBatch,
    Lane,
    Literal,
    Property,
    Term,
    TermColumn,
    UnsupportedError,
)

from .literals import LiteralColumns

BATCH_ROWS: Final = 100_000
_NODE: Final = ""

Key = tuple[str, str, str | None, str | None]  # predicate, datatype or _NODE, language, graph
Label = Callable[[str], str]


class QuadGatherer:
    """Gathers quads in columns and hands them on as entity batches.

    Parameters
    ----------
    write : callable
        Takes the batches.
    label : callable
        Store-wide label of a blank node of the document.
    graph : str, optional
        Graph that takes the triples of the document's default graph.
    literals : LiteralColumns, optional
        Remarks on what it could not read.
    """

    def __init__(
        self,
        write: Callable[[EntityBatch], None],
        label: Label,
        graph: str | None = None,
        literals: LiteralColumns | None = None,
    ) -> None:
        self.literals = literals or LiteralColumns()
        self._write = write
        self._label = label
        self._graph = graph
        self._rows = 0
        self._columns: dict[Key, tuple[list[str], list[str]]] = {}

    def add(self, quad: Any) -> None:
        """Take one pyoxigraph quad.

        Raises
        ------
        UnsupportedError
            For RDF 1.2 triple terms and base directions, and blank graph names.
        """
        subject, predicate, obj, name = quad
        if type(obj) is ox.Literal:
            key = (predicate.value, *_kind(obj), self._graph_of(name))
            self._put(key, self._node(subject), obj.value)
        else:
            key = (predicate.value, _NODE, None, self._graph_of(name))
            self._put(key, self._node(subject), self._node(obj))

    def add_terms(
        self, subject: IRI | BlankNode, predicate: IRI, obj: Term, graph: IRI | None = None
    ) -> None:
        """Take one triple of our own terms."""
        name = self._graph if graph is None else graph.value
        if isinstance(obj, Literal):
            key = (predicate.value, obj.datatype, obj.lang, name)
            self._put(key, self._text(subject), obj.lexical)
        else:
            self._put((predicate.value, _NODE, None, name), self._text(subject), self._text(obj))

    def _text(self, node: IRI | BlankNode) -> str:
        return node.value if isinstance(node, IRI) else "_:" + self._label(node.label)

    def _put(self, key: Key, subject: str, value: str) -> None:
        column = self._columns.get(key)
        if column is None:
            column = self._columns[key] = ([], [])
        column[0].append(subject)
        column[1].append(value)
        self._rows += 1
        if self._rows >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on what is gathered."""
        for key, (subjects, values) in self._columns.items():
            for batch in self._batches(key, subjects, values):
                self._write(batch)
        self._columns.clear()
        self._rows = 0

    def _batches(self, key: Key, subjects: list[str], values: list[str]) -> Iterator[EntityBatch]:
        predicate, datatype, lang, graph = key
        texts = pa.array(values, pa.string())
        if datatype == _NODE:
            columns = [TermColumn(Lane.NODE, texts)]
        else:
            columns = self.literals.columns(texts, datatype, lang)
        properties = tuple(Property(predicate, column) for column in columns)
        yield EntityBatch(pa.array(subjects, pa.string()), properties, graph=graph)

    def _node(self, term: Any) -> str:
        if type(term) is ox.NamedNode:
            return str(term.value)
        if type(term) is ox.BlankNode:
            return "_:" + self._label(term.value)
        raise UnsupportedError(
            "Triple terms (RDF 1.2) are not stored",
            where=str(term)[:120],
            remedy="state what is said about the triple with an ordinary node",
        )

    def _graph_of(self, name: Any) -> str | None:
        if type(name) is ox.DefaultGraph:
            return self._graph
        if type(name) is ox.NamedNode:
            return str(name.value)
        raise UnsupportedError(
            "Graphs named by blank nodes are not stored",
            where=str(name),
            remedy="give the graph an IRI",
        )


def storable(quad: Any) -> bool:
    """Whether a pyoxigraph quad is one of RDF 1.1 in a graph named by an IRI."""
    subject, _, obj, graph = quad
    return (
        type(subject) in (ox.NamedNode, ox.BlankNode)
        and type(obj) in (ox.NamedNode, ox.BlankNode, ox.Literal)
        and getattr(obj, "direction", None) is None
        and type(graph) is not ox.BlankNode
    )


def _kind(literal: Any) -> tuple[str, str | None]:
    if getattr(literal, "direction", None) is not None:
        raise UnsupportedError(
            "Strings with a base direction (RDF 1.2) are not stored",
            where=str(literal)[:120],
            remedy="leave the direction out",
        )
    return literal.datatype.value, literal.language
