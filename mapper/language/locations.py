"""Where a mapping says that files lie: paths, roots, and the IRIs of DCAT and VoID."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from rdflib import RDF, Graph, Literal, URIRef

from ontology import MappingError, UnsupportedError

from ..sinks import COMPRESSIONS
from .vocabulary import GL, RML, did_you_mean

_ROOTS: Final = {RML + "MappingDirectory": "mapping", RML + "CurrentWorkingDirectory": "cwd"}
_IRIS: Final = (
    "http://rdfs.org/ns/void#dataDump",
    "http://www.w3.org/ns/dcat#downloadURL",
    "http://www.w3.org/ns/dcat#accessURL",
)
_NO_FILES: Final = {
    "http://www.w3.org/ns/sparql-service-description#Service": "SPARQL endpoints",
    "https://www.w3.org/2019/wot/td#Thing": "web services and streams",
}


def location(graph: Graph, node: Any, default_root: str, where: str) -> tuple[str, str]:
    """Path (or IRI of another machine) and root of an ``rml:source`` or ``rml:target``.

    Raises
    ------
    MappingError
        Nothing says where the file is.
    UnsupportedError
        It is known to be no file.
    """
    if isinstance(node, Literal):
        return str(node), default_root
    path = one(graph, (node,), "path", where)
    if path is not None:
        root = one(graph, (node,), "root", where)
        return str(path), default_root if root is None else _ROOTS.get(str(root), str(root))
    found = [str(iri) for name in _IRIS for iri in graph.objects(node, URIRef(name))]
    if not found and isinstance(node, URIRef) and (node, None, None) not in graph:
        found = [str(node)]
    if found:
        return _path_of(found[0]), default_root
    for kind in graph.objects(node, RDF.type):
        if str(kind) in _NO_FILES:
            raise UnsupportedError(
                f"{_NO_FILES[str(kind)]} are not read or written",
                where=where,
                remedy="save the data to a file and name it with rml:path",
            )
    raise MappingError(
        "A source or target does not say where its file is",
        where=where,
        remedy='name the file: [ a rml:FilePath; rml:path "file.csv" ]',
    )


def compression(graph: Graph, holders: tuple[Any, ...], where: str) -> str | None:
    """Name of an ``rml:compression``, or None.

    Raises
    ------
    MappingError
        There is no such compression.
    """
    value = one(graph, holders, "compression", where)
    if value is None:
        return None
    name = str(value).removeprefix(RML).removeprefix(GL)
    if name not in COMPRESSIONS:
        raise MappingError(
            f"{name} is no compression",
            where=where,
            remedy=did_you_mean(name, COMPRESSIONS),
        )
    return name


def one(graph: Graph, holders: tuple[Any, ...], name: str, where: str) -> Any:
    """Value of a property that may stand on any of some nodes, or None.

    Raises
    ------
    MappingError
        There are several.
    """
    values = {value for node in holders for value in graph.objects(node, URIRef(RML + name))}
    if len(values) > 1:
        raise MappingError(
            f"Only one rml:{name} may stand", where=where, why=f"{len(values)} found"
        )
    return values.pop() if values else None


def _path_of(iri: str) -> str:
    parts = urlsplit(iri)
    local = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return unquote(parts.path) if local else iri
