"""The service description (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox
from flask import Request, Response

from store import formats_for

from .formats import choose

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_WRITERS: Final = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
DESCRIPTION_FORMATS: Final = tuple(_WRITERS)
_W3C_FORMATS: Final = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
}


def describe_service(request: Request, url: str, updates: bool) -> Response:
    """Answer with the description of the service at ``url``.

    Parameters
    ----------
    request : flask.Request
        Its Accept header chooses the RDF format; Turtle by default.
    url : str
        Absolute URL of the endpoint.
    updates : bool
        Whether updates are permitted to token holders.
    """
    media = choose(request, DESCRIPTION_FORMATS)
    body = ox.serialize(
        _triples(url, updates),
        format=_WRITERS[media],
        prefixes={"sd": SD} if media in ("text/turtle", "application/rdf+xml") else None,
    )
    response = Response(body, mimetype=media)
    response.headers["Vary"] = "Accept"
    return response


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)


def _triples(url: str, updates: bool) -> list[ox.Triple]:
    service, dataset, graph = ox.BlankNode(), ox.BlankNode(), ox.BlankNode()
    found = [
        ox.Triple(service, RDF_TYPE, _sd("Service")),
        ox.Triple(service, _sd("endpoint"), ox.NamedNode(url)),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        ox.Triple(service, _sd("defaultDataset"), dataset),
        ox.Triple(dataset, RDF_TYPE, _sd("Dataset")),
        ox.Triple(dataset, _sd("defaultGraph"), graph),
        ox.Triple(graph, RDF_TYPE, _sd("Graph")),
    ]
    if updates:
        found.append(ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Update")))
    formats = {f.media_types[0] for form in ("SELECT", "CONSTRUCT") for f in formats_for(form)}
    for media in sorted(formats & set(_W3C_FORMATS)):
        name = ox.NamedNode("http://www.w3.org/ns/formats/" + _W3C_FORMATS[media])
        found.append(ox.Triple(service, _sd("resultFormat"), name))
    return found
