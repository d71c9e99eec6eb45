"""Filling the templates of an update with the solutions of its pattern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, BlankNode, EntityBatch, Lane, Literal, Property, TermColumn

from ..algebra import Node, Var
from ..sparql.updates import QuadPattern
from .literals import LiteralColumns

_BATCH_ROWS: Final = 100_000

_IRI, _BLANK, _LITERAL = (pa.scalar(kind, pa.int8()) for kind in (1, 2, 3))
_NO_TEXT = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True)
class _Terms:
    """A column of terms: kind (see ``TERM_STRUCT``; null is unbound), value, datatype, tag."""

    kind: pa.Array
    value: pa.Array
    datatype: pa.Array
    lang: pa.Array

    @property
    def node(self) -> pa.Array:
        """Texts of a NODE column, null for literals."""
        blank = pc.binary_join_element_wise("_:", self.value, "")
        iri = pc.if_else(pc.equal(self.kind, _IRI), self.value, _NO_TEXT)
        return pc.if_else(pc.equal(self.kind, _BLANK), blank, iri)

    @property
    def iri(self) -> pa.Array:
        """Texts of IRIs, null for anything else."""
        return pc.if_else(pc.equal(self.kind, _IRI), self.value, _NO_TEXT)


def fill(quads: Sequence[QuadPattern], solutions: pa.Table, scope: str) -> Iterator[EntityBatch]:
    """Yield what templates and solutions make; illegal and unbound triples are left out.

    Parameters
    ----------
    quads : sequence of QuadPattern
    solutions : pa.Table
        A column of ``TERM_STRUCT`` a variable.
    scope : str
        Prefix of the labels of new blank nodes: one per label and solution.

    Notes
    -----
    SPARQL 1.1 Update, section 3.1.3.
    """
    for start in range(0, solutions.num_rows, _BATCH_ROWS):
        part = solutions.slice(start, _BATCH_ROWS)
        for quad in quads:
            yield from _batches(quad, part, f"{scope}-{start}")


def _batches(quad: QuadPattern, solutions: pa.Table, scope: str) -> Iterator[EntityBatch]:
    pattern = quad.triple
    subject, predicate, obj = (
        _terms(node, solutions, scope)
        for node in (pattern.subject, pattern.predicate, pattern.object)
    )
    literal = pc.equal(obj.kind, _LITERAL)
    columns = {
        "s": subject.node,
        "p": predicate.iri,
        "o": pc.if_else(literal, obj.value, obj.node),
        "datatype": pc.if_else(literal, obj.datatype, _NO_TEXT),
        "lang": pc.if_else(literal, obj.lang, _NO_TEXT),
    }
    needed = ["s", "p", "o"]
    if quad.graph is not None:
        columns["g"] = _terms(quad.graph, solutions, scope).iri
        needed.append("g")
    table = pa.table(columns)
    for name in needed:
        table = table.filter(pc.is_valid(table[name]))
    yield from _grouped(table, [name for name in ("p", "datatype", "lang", "g") if name in columns])


def _grouped(table: pa.Table, keys: list[str]) -> Iterator[EntityBatch]:
    """Split rows into batches of one predicate, kind of object and graph."""
    if table.num_rows == 0:
        return
    table = table.combine_chunks()
    group, order = _groups(table, keys)
    ordered, sizes = table.take(pa.array(order)), np.bincount(group)
    at = 0
    for size in sizes.tolist():
        rows = ordered.slice(at, size)
        at += size
        predicate, datatype, lang = (rows[name][0].as_py() for name in ("p", "datatype", "lang"))
        subjects, texts = (rows[name].combine_chunks() for name in ("s", "o"))
        if datatype is None:
            objects = [TermColumn(Lane.NODE, texts)]
        else:
            objects = LiteralColumns().columns(texts, datatype, lang)
        properties = tuple(Property(predicate, column) for column in objects)
        graph = rows["g"][0].as_py() if "g" in keys else None
        yield EntityBatch(subjects, properties, graph=graph)


def _groups(
    table: pa.Table, keys: list[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number each row by its key, without gaps, and give the order that sorts rows by it."""
    group = np.zeros(table.num_rows, np.int64)
    for name in keys:
        encoded = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        group = group * max(len(encoded.dictionary), 1) + codes
        group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return group, np.argsort(group, kind="stable")


def _terms(node: Node, solutions: pa.Table, scope: str) -> _Terms:
    count = solutions.num_rows
    match node:
        case Var(name) if name in solutions.column_names:
            column = solutions[name].combine_chunks()
            fields = ("kind", "value", "datatype", "lang")
            return _Terms(*(pc.struct_field(column, field) for field in fields))
        case Var(name) if name.startswith("."):
            rows = pc.cast(pa.array(np.arange(count)), pa.string())
            labels = pc.binary_join_element_wise(f"{scope}-{name[1:]}", rows, "-")
            return _constant(count, 2, labels)
        case Var():
            return _constant(count, None, None)
        case IRI(value):
            return _constant(count, 1, value)
        case BlankNode(label):
            return _constant(count, 2, label)
        case Literal(lexical, datatype, lang):
            return _constant(count, 3, lexical, datatype, lang)


def _constant(
    count: int,
    kind: int | None,
    value: str | pa.Array | None,
    datatype: str | None = None,
    lang: str | None = None,
) -> _Terms:
    def repeated(text: str | None) -> pa.Array:
        return pa.array([text], pa.string()).take(pa.array(np.zeros(count, np.int8)))

    kinds = pa.array([kind], pa.int8()).take(pa.array(np.zeros(count, np.int8)))
    values = value if isinstance(value, pa.Array) else repeated(value)
    return _Terms(kinds, values, repeated(datatype), repeated(lang))
