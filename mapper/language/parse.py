"""Read RML mappings: Turtle or YARRRML to checked nodes of :mod:`mapper.language.model`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pyoxigraph
from rdflib import RDF, BNode, Graph, Literal, URIRef

from ontology import InputError, MappingError, UnsupportedError

from ..yarrrml import translate
from .builder import Builder
from .model import Mapping
from .older import modernise
from .r2rml import rewrite_tables
from .vocabulary import GL, KNOWN, RML, SOURCE_OPTIONS, UNSUPPORTED, did_you_mean


def load_mapping(path_or_text: str | Path, *, base_iri: str | None = None) -> Mapping:
    r"""Load and check a mapping.

    Parameters
    ----------
    path_or_text : str or Path
        A Turtle file, or the Turtle itself (a string that holds a line break); or a YARRRML
        file (``.yml``, ``.yaml``, ``.yarrrml``).
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
    graph = translate(text, origin) if _is_yarrrml(origin) else _parse(text, origin)
    rewrite_tables(graph)
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


def _is_yarrrml(origin: str) -> bool:
    return origin.lower().endswith((".yml", ".yaml", ".yarrrml"))


def _parse(text: str, origin: str) -> Graph:
    graph = Graph()
    base = "http://example.com/mapping/"
    try:
        for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE, base_iri=base):
            graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    except SyntaxError as error:
        raise MappingError(
            "The mapping is not valid Turtle",
            where=f"{origin}, line {error.lineno}, column {error.offset}",
            why=re.sub(r"^Parser error at .*?: ", "", error.msg),
            remedy="correct this line, or the full stop or semicolon before it",
        ) from error
    return graph


def _node(term: Any) -> Any:
    """The rdflib term; unlike rdflib's own parser this keeps lexical forms such as 007."""
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.BlankNode):
        return BNode(term.value)
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def _refuse_unknown(graph: Graph, builder: Builder) -> None:
    seen: set[Any] = set()
    for subject, predicate, value in graph:
        terms = (predicate, value) if predicate == RDF.type else (predicate, value, subject)
        seen.update(term for term in terms if isinstance(term, URIRef))
    for term in sorted(seen):
        if not term.startswith(RML):
            continue
        name = str(term).removeprefix(RML)
        if "/" in name:
            continue
        if name in UNSUPPORTED:
            raise UnsupportedError(
                f"rml:{name} is not supported",
                where=builder.place(name),
                remedy="see docs/mapping-reference.md for what is",
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
