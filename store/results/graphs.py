"""CONSTRUCT and DESCRIBE answers: N-Triples by columns, the others through pyoxigraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyoxigraph as ox

from .solutions import batches
from .terms import joined, n3

TRIPLE: Final = ("subject", "predicate", "object")
_FORMATS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def ntriples(table: pa.Table) -> Iterator[bytes]:
    """N-Triples of a table with the columns subject, predicate and object."""
    for batch in batches(table):
        subject, predicate, thing = (n3(batch.column(name)) for name in TRIPLE)
        lines = joined(subject, " ", predicate, " ", thing, " .\n")
        yield "".join(lines.to_pylist()).encode()


def graph_text(table: pa.Table, name: str, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Turtle, RDF/XML or JSON-LD, in one piece."""
    source = b"".join(ntriples(table))
    used = {p: namespace for p, namespace in prefixes.items() if namespace.encode() in source}
    quads = ox.parse(source, ox.RdfFormat.N_TRIPLES)
    triples = (quad.triple for quad in quads)
    text = ox.serialize(triples, format=_FORMATS[name], prefixes=used)
    yield text or b""
