"""Result formats and how one is chosen (HTTP content negotiation, RFC 9110 section 12.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .problems import HTTPProblem

if TYPE_CHECKING:
    from flask import Request

JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
TURTLE: Final = "text/turtle"
NTRIPLES: Final = "application/n-triples"
RDFXML: Final = "application/rdf+xml"
JSONLD: Final = "application/ld+json"
GEOJSON: Final = "application/geo+json"

_ALIASES: Final = {"application/json": JSON, "application/xml": XML, "text/xml": XML}
_SOLUTIONS: Final = (JSON, XML, CSV, TSV, GEOJSON, *_ALIASES)
_BOOLEAN: Final = (JSON, XML, *_ALIASES)
GRAPH_FORMATS: Final = (TURTLE, NTRIPLES, RDFXML, JSONLD)
OFFERED: Final[dict[str, tuple[str, ...]]] = {
    "SELECT": _SOLUTIONS,
    "ASK": _BOOLEAN,
    "CONSTRUCT": GRAPH_FORMATS,
    "DESCRIBE": GRAPH_FORMATS,
}
"""Media types by query form, the preferred first."""

EXTENSIONS: Final = {
    JSON: "srj",
    XML: "srx",
    CSV: "csv",
    TSV: "tsv",
    TURTLE: "ttl",
    NTRIPLES: "nt",
    RDFXML: "rdf",
    JSONLD: "jsonld",
    GEOJSON: "geojson",
}

_WITH_CHARSET: Final = frozenset({CSV, TSV, TURTLE})


def check_acceptable(request: Request) -> None:
    """Refuse with 406 before a query runs if no form of it could be answered."""
    everything = {media for offered in OFFERED.values() for media in offered}
    choose(request, tuple(everything))


def choose_format(request: Request, form: str) -> tuple[str, str]:
    """Choose an answer's format by the Accept header; 406 if none fits.

    Returns
    -------
    tuple of str
        The format to write and the name to call it: ``application/json`` is answered under that
        name to those who ask for it so.
    """
    chosen = choose(request, OFFERED[form])
    return _ALIASES.get(chosen, chosen), chosen


def choose(request: Request, offered: tuple[str, ...]) -> str:
    """Choose among offered media types; the first one when the client has no preference."""
    if not request.accept_mimetypes:
        return offered[0]
    best = request.accept_mimetypes.best_match(offered)
    if best is None:
        raise HTTPProblem(
            406,
            "None of the accepted media types can be produced",
            where="header Accept",
            why=str(request.accept_mimetypes)[:200],
            remedy="accept one of " + ", ".join(sorted(offered)),
        )
    return best


def content_type(media: str) -> str:
    """Content-Type header of a media type, with its charset where one is defined."""
    return f"{media}; charset=utf-8" if media in _WITH_CHARSET else media
