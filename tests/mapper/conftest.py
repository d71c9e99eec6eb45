from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pyoxigraph
import pytest

from mapper import MappingReport, NTriplesSink, load_mapping, run_mapping
from ontology import EntityBatch, SinkReport, TermColumn

PREFIXES = """@prefix rml: <http://w3id.org/rml/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ex: <http://example.com/> .
@base <http://example.com/mapping/> .
"""

SOURCE = """[ rml:source [ a rml:FilePath ; rml:path "in.csv" ; rml:null "" ] ;
  rml:referenceFormulation rml:CSV ]"""


@pytest.fixture
def turtle() -> Callable[..., str]:
    """A mapping of one triples map: subject map, pairs of predicate and object map."""

    def make(
        *objects: str, subject: str = 'rml:template "http://example.com/{id}"', source: str = SOURCE
    ) -> str:
        pairs = "".join(
            f"; rml:predicateObjectMap [ rml:predicate ex:p{k} ; rml:objectMap [ {text} ] ]\n"
            for k, text in enumerate(objects)
        )
        return (
            f"{PREFIXES}<#m> a rml:TriplesMap ; rml:logicalSource {source} ;\n"
            f"rml:subjectMap [ {subject} ]\n{pairs}.\n"
        )

    return make


class Runner:
    """Maps a text over files of a folder and reads the output back with pyoxigraph."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report: MappingReport | None = None

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return path

    def __call__(self, mapping: str, **options: Any) -> set[Any]:
        out = self.folder / "out.nq"
        plan = load_mapping(mapping, base_iri=options.pop("base_iri", None))
        self.report = run_mapping(plan, NTriplesSink(out), base_dir=self.folder, **options)
        return set(pyoxigraph.parse(out.read_bytes(), format=pyoxigraph.RdfFormat.N_QUADS))

    def objects(self, mapping: str, predicate: str = "p0", **options: Any) -> list[str]:
        """Texts of the objects of ex:{predicate}, sorted."""
        quads = self(mapping, **options)
        wanted = pyoxigraph.NamedNode(f"http://example.com/{predicate}")
        return sorted(str(quad.object) for quad in quads if quad.predicate == wanted)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


class Collector:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[EntityBatch] = []
        self.state = "open"

    def columns(self, predicate: str) -> list[TermColumn]:
        """Objects of a predicate, batch by batch."""
        return [
            prop.objects
            for batch in self.batches
            for prop in batch.properties
            if prop.predicate == predicate
        ]

    def by_subject(self, predicate: str) -> dict[str, Any]:
        """Object values of a predicate by subject."""
        found: dict[str, Any] = {}
        for batch in self.batches:
            for prop in batch.properties:
                if prop.predicate == predicate:
                    pairs = zip(
                        batch.subjects.to_pylist(), prop.objects.values.to_pylist(), strict=True
                    )
                    found.update((s, v) for s, v in pairs if v is not None)
        return found

    def write(self, batch: EntityBatch) -> None:
        self.batches.append(batch)

    def commit(self) -> SinkReport:
        self.state = "committed"
        return SinkReport(0, 0)

    def abort(self) -> None:
        self.state = "aborted"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self.abort()


@pytest.fixture
def collector() -> Collector:
    return Collector()
