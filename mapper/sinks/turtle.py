"""Turtle, TriG and the part of N3 that is Turtle, written as it comes in flat memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import PREFIXES, RDF_TYPE, EntityBatch, Lane, Property, SinkReport, node_texts

from ..ntriples import term_texts
from .files import plain_name
from .ntriples import bracketed
from .text import TextSink, text_buffer

_SPLIT: Final = re.compile(r"([^<>\"{}|^`\\\x00-\x20]+[#/])([A-Za-z_][A-Za-z0-9_-]*)")
_FEW: Final = 1000


class TurtleSink(TextSink):
    """Writes Turtle (RDF 1.1), one block for each subject of a row; with ``graphs`` TriG.

    A prefix is declared where it is first used; predicates, classes and datatypes have one.

    Parameters
    ----------
    path : path
        Replaced if it exists.
    graphs : bool, optional
        Whether named graphs are written (TriG); default when the file is named ``.trig``.
    **options
        As for :class:`TextSink`.
    """

    def __init__(self, path: str | Path, *, graphs: bool | None = None, **options: Any) -> None:
        super().__init__(path, **options)
        self.holds_graphs = plain_name(self.path).endswith(".trig") if graphs is None else graphs
        self.format_name = "TriG" if self.holds_graphs else "Turtle"
        self._names = {iri: name for name, iri in PREFIXES.items()}
        self._declared: set[str] = set()
        self._fresh: list[str] = []

    def texts(self, batch: EntityBatch) -> Iterator[Any]:
        """Declarations of new prefixes, then the blocks of the batch."""
        if not batch.properties:
            return
        said = [self._said(prop) for prop in batch.properties]
        both = pc.binary_join_element_wise(*said, _large(""), null_handling="replace")
        subjects = pc.cast(node_texts(batch.subjects), pa.large_string())
        subjects = pc.if_else(pc.equal(both, ""), _large(None), subjects)
        blocks = pc.binary_join_element_wise(subjects, _large(" "), both, _large(".\n"), _large(""))
        # no line break stands in a term, so this is the end of a block and nothing else
        blocks = pc.replace_substring(blocks.drop_null(), " ;\n    .\n", " .\n")
        if self._fresh:
            yield "".join(self._fresh).encode()
            self._fresh.clear()
        if not len(blocks):
            return
        if batch.graph is None:
            yield text_buffer(blocks)
        else:
            yield f"{bracketed(batch.graph)} {{\n".encode()
            yield text_buffer(blocks)
            yield b"}\n"

    def publish(self) -> SinkReport:
        """Give the prepared file its name."""
        self._declared.clear()
        return super().publish()

    def abort(self) -> None:
        """Delete what was written since the last commit."""
        super().abort()
        self._declared.clear()
        self._fresh.clear()

    def _said(self, prop: Property) -> pa.Array:
        """Predicate, object and semicolon of each row; null where there is no object."""
        objects = prop.objects
        if prop.predicate == RDF_TYPE and objects.lane is Lane.NODE:
            texts = self._classes(objects.values)
        else:
            texts = term_texts(objects, self._short)
        verb = "a" if prop.predicate == RDF_TYPE else self._short(prop.predicate)
        return pc.binary_join_element_wise(
            _large(f"{verb} "), pc.cast(texts, pa.large_string()), _large(" ;\n    "), _large("")
        )

    def _classes(self, values: pa.Array) -> pa.Array:
        coded = pc.dictionary_encode(values)
        if len(coded.dictionary) > _FEW:
            return node_texts(values)
        names = [
            name if name.startswith("_:") else self._short(name)
            for name in coded.dictionary.to_pylist()
        ]
        return pa.array(names, pa.string()).take(coded.indices)

    def _short(self, iri: str) -> str:
        """Name with a prefix where the IRI has the form for one, else the IRI in brackets."""
        parts = _SPLIT.fullmatch(iri)
        if parts is None:
            return f"<{iri}>"
        space, local = parts.groups()
        name = self._names.setdefault(space, f"ns{len(self._names) - len(PREFIXES) + 1}")
        if space not in self._declared:
            self._declared.add(space)
            self._fresh.append(f"@prefix {name}: <{space}> .\n")
        return f"{name}:{local}"


def _large(text: str | None) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
