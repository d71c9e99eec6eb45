"""Result formats: names, media types, and which one a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from ontology import UsageError


class NotAcceptableError(UsageError):
    """No format the client accepts can be written (HTTP 406)."""

    name = "not-acceptable"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its short name (also the file extension), media types, and query forms.

    The first media type is the one answers are labelled with.
    """

    name: str
    media_types: tuple[str, ...]
    forms: frozenset[str]
    aliases: tuple[str, ...] = ()


_ROWS: Final = frozenset({"SELECT"})
_ANSWERS: Final = frozenset({"SELECT", "ASK"})
_GRAPHS: Final = frozenset({"CONSTRUCT", "DESCRIBE"})
_ALL: Final = _ANSWERS | _GRAPHS

FORMATS: Final = (
    Format(
        "json",
        ("application/sparql-results+json", "application/json"),
        _ANSWERS,
        ("srj",),
    ),
    Format(
        "xml",
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        _ANSWERS,
        ("srx",),
    ),
    Format("csv", ("text/csv",), _ROWS),
    Format("tsv", ("text/tab-separated-values",), _ROWS),
    Format("geojson", ("application/geo+json",), _ROWS),
    Format("parquet", ("application/vnd.apache.parquet",), _ROWS, ("geoparquet",)),
    Format("ttl", ("text/turtle", "application/x-turtle"), _GRAPHS, ("turtle",)),
    Format("nt", ("application/n-triples",), _GRAPHS, ("ntriples", "n-triples")),
    Format("rdf", ("application/rdf+xml",), _GRAPHS, ("rdfxml", "rdf/xml")),
    Format("jsonld", ("application/ld+json",), _GRAPHS, ("json-ld",)),
    Format("table", ("text/plain",), _ALL, ("txt", "text")),
)
"""Every format, the preferred ones of a form first."""


def formats_for(form: str) -> tuple[Format, ...]:
    """The formats a query form can be written in."""
    return tuple(found for found in FORMATS if form in found.forms)


def format_named(name: str, form: str) -> Format:
    """Find a format by short name, alias, extension or media type.

    Raises
    ------
    UsageError
        There is no such format, or this query form cannot be written in it.
    """
    wanted = name.strip().lower().lstrip(".").partition(";")[0].strip()
    known = {n: f for f in FORMATS for n in (f.name, *f.aliases, *f.media_types)}
    found = known.get(wanted)
    names = ", ".join(f.name for f in formats_for(form))
    if found is None:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"The result format {name!r} is not known", remedy=f"{hint}use one of {names}"
        )
    if form not in found.forms:
        raise UsageError(
            f"The answer of a {form} query cannot be written as {found.name}",
            remedy=f"use one of {names}",
        )
    return found


def negotiate(accept: str | None, form: str) -> Format:
    """Choose the format of an answer by an Accept header.

    Parameters
    ----------
    accept : str or None
        The header; None or empty means anything.
    form : str
        ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``.

    Raises
    ------
    NotAcceptableError
        None of the accepted media types can be written.

    Examples
    --------
    >>> negotiate("text/csv;q=0.5, application/sparql-results+xml", "SELECT").name
    'xml'
    """
    offered = formats_for(form)
    ranges = _ranges(accept or "*/*")
    best = max(offered, key=lambda found: _quality(found, ranges))
    if _quality(best, ranges) <= 0:
        raise NotAcceptableError(
            "None of the accepted media types can be written",
            where="header Accept",
            why=(accept or "")[:200],
            remedy="accept one of " + ", ".join(f.media_types[0] for f in offered),
        )
    return best


def _ranges(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not media:
            continue
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            found[media] = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            found[media] = 0.0
    return found


def _quality(found: Format, ranges: dict[str, float]) -> float:
    """The greatest quality of its media types; the most specific range decides for each."""
    return max(_of_type(media, ranges) for media in found.media_types)


def _of_type(media: str, ranges: dict[str, float]) -> float:
    for wanted in (media, media.partition("/")[0] + "/*", "*/*"):
        if wanted in ranges:
            return ranges[wanted]
    return 0.0
