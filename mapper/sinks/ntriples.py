"""N-Triples and N-Quads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ontology import EntityBatch, node_texts

from ..ntriples import term_parts
from .files import plain_name
from .text import TextSink, text_buffer


class NTriplesSink(TextSink):
    """Writes N-Triples or N-Quads (RDF 1.1), property by property.

    Parameters
    ----------
    path : path
        Replaced if it exists.
    quads : bool, optional
        Whether named graphs are written; default when the file is named ``.nq``.
    **options
        As for :class:`TextSink`.
    """

    def __init__(self, path: str | Path, *, quads: bool | None = None, **options: Any) -> None:
        super().__init__(path, **options)
        self.holds_graphs = plain_name(self.path).endswith(".nq") if quads is None else quads
        self.format_name = "N-Quads" if self.holds_graphs else "N-Triples"

    def texts(self, batch: EntityBatch) -> Iterator[Any]:
        """Lines of each property of the batch."""
        subjects = node_texts(batch.subjects)
        graph = "" if batch.graph is None else f" {bracketed(batch.graph)}"
        for prop in batch.properties:
            before, texts, behind = term_parts(prop.objects)
            lines = pc.binary_join_element_wise(
                subjects, f" <{prop.predicate}> {before}", texts, f"{behind}{graph} .\n", ""
            )
            yield text_buffer(pc.cast(lines, pa.large_string()).drop_null())


def bracketed(node: str) -> str:
    """Text of an IRI or of a blank node."""
    return node if node.startswith("_:") else f"<{node}>"
