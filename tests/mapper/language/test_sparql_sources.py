"""Sources of RDF files asked with SPARQL."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from ontology import InputError, MappingError, UnsupportedError

DATA = """@prefix ex: <http://example.com/> .
ex:a ex:name "Ann" ; ex:age 7 . ex:b ex:name "Zoë"@de . [] ex:name "nobody" .
"""
QUERY = "SELECT ?s ?name ?age { ?s ex:name ?name OPTIONAL { ?s ex:age ?age } } ORDER BY ?name"


def source(query: str, file: str = "in.ttl") -> str:
    text = f"PREFIX ex: <http://example.com/> {query}".replace('"', "'")
    return (
        f'[ rml:source [ rml:path "{file}" ] ; rml:iterator "{text}" ; '
        "rml:referenceFormulation <http://www.w3.org/ns/formats/SPARQL_Results_CSV> ]"
    )


@pytest.mark.standard("RML-IO: sources that are asked with SPARQL")
def test_solutions_are_rows_of_text(run: Any, turtle: Any) -> None:
    run.file("in.ttl", DATA)
    run.file("in.nt.gz", gzip.compress(b"<urn:s> <http://example.com/name> <urn:o> ."))
    subject = 'rml:reference "s" ; rml:termType rml:UnsafeIRI'
    text = turtle(
        'rml:reference "name"', 'rml:reference "age"', subject=subject, source=source(QUERY)
    )
    assert run.objects(text) == ['"Ann"', '"Zoë"', '"nobody"']
    assert run.objects(text, "p1") == ['"7"']
    assert run.report.rows_read == 3
    packed = turtle('rml:reference "name"', subject=subject, source=source(QUERY, "in.nt.gz"))
    assert run.objects(packed) == ['"urn:o"']


BROKEN = {
    "SELECT ?s { ?s": (MappingError, "not valid SPARQL"),
    "ASK { ?s ?p ?o }": (MappingError, "must be a SELECT"),
    "SELECT ?s { SERVICE <http://x.org/> { ?s ?p ?o } }": (UnsupportedError, "SERVICE"),
    "SELECT ?s { ?s ?p ?o }": (MappingError, "no column"),
}


@pytest.mark.parametrize("query", BROKEN)
def test_broken_queries(run: Any, turtle: Any, query: str) -> None:
    run.file("in.ttl", DATA)
    kind, message = BROKEN[query]
    with pytest.raises(kind, match=message):
        run(turtle('rml:reference "name"', source=source(query)))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (?service AS ?name) ?id { ?id ex:name ?service } # SERVICE",
        "SELECT ?id ?name { ?id ex:name ?name FILTER(?name != ' SERVICE ') }",
        "PREFIX service: <http://SERVICE/> SELECT ?id ?name { ?id ex:name ?name }",
    ],
)
def test_words_that_look_like_service(run: Any, turtle: Any, query: str) -> None:
    run.file("in.ttl", DATA)
    text = turtle('rml:reference "name"', subject='rml:reference "id"', source=source(query))
    assert len(run.objects(text)) == 3


def test_broken_files(run: Any, turtle: Any) -> None:
    run.file("in.ttl", "<a> <b>")
    run.file("in.xyz", DATA)
    with pytest.raises(InputError, match="Cannot read a source"):
        run(turtle('rml:reference "name"', source=source(QUERY)))
    with pytest.raises(UnsupportedError, match="No format of RDF"):
        run(turtle('rml:reference "name"', source=source(QUERY, "in.xyz")))
    without = source(QUERY).replace("rml:iterator", "ex:iterator")
    with pytest.raises(MappingError, match="has no query"):
        run(turtle('rml:reference "name"', source=without))
