"""Read ``rml:logicalSource`` nodes, with the options of ours in the ``gl:`` namespace."""

from __future__ import annotations

from typing import Any, Final

import rdflib
from rdflib import RDF, Graph, URIRef

from ontology import MappingError, UnsupportedError

from .csvw import csvw_table, is_table
from .model import LogicalSource
from .vocabulary import FORMULATIONS, GL, RML, SOURCE_OPTIONS, XPATH, did_you_mean

_ROOTS: Final = {RML + "MappingDirectory": "mapping", RML + "CurrentWorkingDirectory": "cwd"}


def logical_source(graph: Graph, node: Any, where: str) -> LogicalSource:
    """Build the logical source of a triples map.

    Raises
    ------
    MappingError
        No source, no path, no reference formulation.
    UnsupportedError
        A reference formulation this version does not read.
    """
    source = _one(graph, node, "source", where)
    if source is None:
        raise MappingError(
            "A logical source does not say what to read",
            where=where,
            remedy='add rml:source [ a rml:FilePath; rml:path "file.csv" ]',
        )
    iterator = _one(graph, node, "iterator", where)
    nulls = tuple(sorted(str(value) for value in graph.objects(source, URIRef(RML + "null"))))
    options: dict[str, str] = {}
    if is_table(graph, source):
        table = csvw_table(graph, source, where)
        path, root, nulls = table.path, "base", nulls or table.nulls
        options |= table.options
    else:
        path, root = _location(graph, source, where)
    options |= {
        name: str(value)
        for holder in (node, source)
        for name in SOURCE_OPTIONS
        if (value := graph.value(holder, URIRef(GL + name))) is not None
    }
    encoding = _one(graph, source, "encoding", where)
    if encoding is not None:
        options["encoding"] = str(encoding).removeprefix(RML)
    return LogicalSource(
        path=path,
        root=root,
        formulation=_formulation(graph, node, where),
        iterator=None if iterator is None else str(iterator),
        options=tuple(sorted(options.items())),
        nulls=nulls,
        namespaces=_namespaces(graph, node, where),
    )


def _location(graph: Graph, source: Any, where: str) -> tuple[str, str]:
    if isinstance(source, rdflib.Literal):
        return str(source), "base"
    path = _one(graph, source, "path", where)
    if path is None:
        raise MappingError(
            "An rml:source has no rml:path", where=where, remedy="name the file with rml:path"
        )
    root = _one(graph, source, "root", where)
    return str(path), "base" if root is None else _ROOTS.get(str(root), str(root))


def _formulation(graph: Graph, node: Any, where: str) -> str:
    value = _one(graph, node, "referenceFormulation", where)
    if value is None:
        raise MappingError(
            "A logical source has no rml:referenceFormulation",
            where=where,
            remedy="use rml:CSV, rml:JSONPath, gl:Vector, gl:GeoParquet or gl:RasterZones",
        )
    if (value, RDF.type, URIRef(RML + "XPathReferenceFormulation")) in graph:
        return XPATH
    if str(value) not in FORMULATIONS:
        raise UnsupportedError(
            f"The reference formulation {value} is not supported",
            where=where,
            remedy=did_you_mean(str(value), FORMULATIONS),
        )
    return str(value)


def _namespaces(graph: Graph, node: Any, where: str) -> tuple[tuple[str, str], ...]:
    """Prefixes and URLs of an ``rml:XPathReferenceFormulation``."""
    formulation = _one(graph, node, "referenceFormulation", where)
    found: dict[str, str] = {}
    for namespace in graph.objects(formulation, URIRef(RML + "namespace")):
        prefix = _one(graph, namespace, "namespacePrefix", where)
        url = _one(graph, namespace, "namespaceURL", where)
        if not prefix or not url or str(prefix) in found:
            raise MappingError(
                "An rml:namespace needs one rml:namespacePrefix of its own and a URL",
                where=where,
                why=f"the prefix is {prefix!s:.50}, the URL {url!s:.200}",
                remedy="XPath has no default namespace: give each namespace a prefix",
            )
        found[str(prefix)] = str(url)
    return tuple(sorted(found.items()))


def _one(graph: Graph, node: Any, name: str, where: str) -> Any:
    values: list[Any] = list(set(graph.objects(node, URIRef(RML + name))))
    if len(values) > 1:
        raise MappingError(
            f"Only one rml:{name} may stand", where=where, why=f"{len(values)} found"
        )
    return values[0] if values else None
