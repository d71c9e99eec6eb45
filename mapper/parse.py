"""Read RML mappings: Turtle to checked nodes of :mod:`mapper.model`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from rdflib import RDF, Graph, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax

from ontology import InputError, MappingError, UnsupportedError

from .builder import Builder
from .model import Mapping
from .vocabulary import GL, KNOWN, RML, SOURCE_OPTIONS, UNSUPPORTED, did_you_mean, modernise


def load_mapping(path_or_text: str | Path, *, base_iri: str | None = None) -> Mapping:
    r"""Load and check a mapping.

    Parameters
    ----------
    path_or_text : str or Path
        A Turtle file, or the Turtle itself (a string that holds a line break).
    base_iri : str, optional
        Base for relative IRIs that the data make, where the mapping has no ``rml:baseIRI``.
        Default ``http://example.com/``.

    Returns
    -------
    Mapping

    Raises
    ------
    InputError
        The file is missing or is not UTF-8.
    MappingError
        Syntax error (with its line), unknown or missing RML terms.
    UnsupportedError
        Legal RML this version does not do.

    Examples
    --------
    >>> load_mapping("@prefix rml: <http://w3id.org/rml/> .\n")
    Traceback (most recent call last):
    ...
    ontology.errors.MappingError: The mapping has no triples map. Where: text. Try: add one.
    """
    text, origin, directory = _read(path_or_text)
    graph = _parse(text, origin)
    modernise(graph)
    builder = Builder(graph, text, origin, base_iri or "http://example.com/")
    _refuse_unknown(graph, builder)
    maps = tuple(builder.triples_map(node) for node in builder.triples_map_nodes())
    if not maps:
        raise MappingError(
            "The mapping has no triples map",
            where=origin,
            remedy="add one",
        )
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Mapping(tuple(sorted(maps, key=lambda m: m.name)), origin, directory, fingerprint)


def _read(path_or_text: str | Path) -> tuple[str, str, Path]:
    if isinstance(path_or_text, str) and "\n" in path_or_text:
        return path_or_text, "text", Path.cwd()
    path = Path(path_or_text)
    try:
        return path.read_text(encoding="utf-8"), str(path), path.resolve().parent
    except OSError as error:
        raise InputError(
            "Cannot read the mapping",
            where=str(path),
            why=error.strerror or str(error),
            remedy="check the path",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            "The mapping is not UTF-8 text",
            where=str(path),
            why=str(error),
            remedy="save it as UTF-8",
        ) from error


def _parse(text: str, origin: str) -> Graph:
    graph = Graph()
    try:
        graph.parse(data=text, format="turtle", publicID="http://example.com/mapping/")
    except BadSyntax as error:
        reason = re.sub(
            r"\s+", " ", str(error.message if hasattr(error, "message") else error._why)
        )
        raise MappingError(
            "The mapping is not valid Turtle",
            where=f"{origin}, line {error.lines + 1}",
            why=reason,
            remedy="correct this line, or the full stop or semicolon before it",
        ) from error
    except Exception as error:  # rdflib raises many kinds on bad IRIs and escapes
        raise MappingError(
            "The mapping is not valid Turtle", where=origin, why=str(error)
        ) from error
    return graph


def _refuse_unknown(graph: Graph, builder: Builder) -> None:
    seen: set[Any] = set()
    for subject, predicate, value in graph:
        terms = (predicate, value) if predicate == RDF.type else (predicate, value, subject)
        seen.update(term for term in terms if isinstance(term, URIRef))
    for term in sorted(seen):
        if not term.startswith(RML):
            continue
        name = str(term).removeprefix(RML)
        if name in UNSUPPORTED:
            raise UnsupportedError(
                f"rml:{name} is not supported",
                where=builder.place(name),
                remedy="see docs/mapping.md for what is",
            )
        if name not in KNOWN:
            raise MappingError(
                f"rml:{name} is not a term of RML",
                where=builder.place(name),
                remedy=did_you_mean(name, KNOWN),
            )
    _refuse_unknown_options(graph, builder)


def _refuse_unknown_options(graph: Graph, builder: Builder) -> None:
    allowed = SOURCE_OPTIONS | {"theme"}
    for predicate in set(graph.predicates()):
        name = str(predicate).removeprefix(GL)
        if str(predicate).startswith(GL) and name not in allowed:
            raise MappingError(
                f"gl:{name} is not an option of a logical source",
                where=builder.place(name),
                remedy=did_you_mean(name, allowed),
            )
