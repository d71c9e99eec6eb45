"""Read ``rml:logicalSource`` nodes, with the options of ours in the ``gl:`` namespace."""

from __future__ import annotations

from typing import Any

from rdflib import RDF, Graph, URIRef

from ontology import MappingError, UnsupportedError

from .csvw import csvw_table, is_table
from .databasemap import database, is_database
from .locations import compression, location, one
from .model import LogicalSource
from .vocabulary import DATABASES, FORMULATIONS, GL, RML, SOURCE_OPTIONS, XPATH, did_you_mean


def logical_source(graph: Graph, node: Any, where: str) -> LogicalSource:
    """Build the logical source of a triples map.

    Raises
    ------
    MappingError
        No source, no path, no reference formulation.
    UnsupportedError
        A reference formulation this version does not read.
    """
    source = one(graph, (node,), "source", where)
    formulation = _formulation(graph, node, where)
    if formulation in DATABASES:
        return _table(graph, node, source, formulation, where)
    if source is None:
        raise MappingError(
            "A logical source does not say what to read",
            where=where,
            remedy='add rml:source [ a rml:FilePath; rml:path "file.csv" ]',
        )
    iterator = one(graph, (node,), "iterator", where)
    nulls = _nulls(graph, source)
    options: dict[str, str] = {}
    if is_table(graph, source):
        table = csvw_table(graph, source, where)
        path, root, nulls = table.path, "base", nulls or table.nulls
        options |= table.options
    else:
        path, root = location(graph, source, "base", where)
    options |= _options(graph, node, source)
    encoding = one(graph, (source,), "encoding", where)
    if encoding is not None:
        options["encoding"] = str(encoding).removeprefix(RML)
    return LogicalSource(
        path=path,
        root=root,
        formulation=formulation,
        iterator=None if iterator is None else str(iterator),
        options=tuple(sorted(options.items())),
        nulls=nulls,
        namespaces=_namespaces(graph, node, where),
        compression=compression(graph, (source,), where),
    )


def _table(graph: Graph, node: Any, source: Any, formulation: str, where: str) -> LogicalSource:
    """Table or query of a database: of the run's, unless the source is a ``d2rq:Database``."""
    iterator = one(graph, (node,), "iterator", where)
    if source is not None and not is_database(graph, source):
        raise MappingError(
            "The source of a table or query is no d2rq:Database",
            where=where,
            remedy="give d2rq:jdbcDSN, or leave rml:source out and name the database at the run",
        )
    return LogicalSource(
        path="",
        root="base",
        formulation=formulation,
        iterator=None if iterator is None else str(iterator),
        options=tuple(sorted(_options(graph, node, source).items())),
        nulls=_nulls(graph, source),
        database=None if source is None else database(graph, source, where),
    )


def _nulls(graph: Graph, source: Any) -> tuple[str, ...]:
    if source is None:
        return ()
    return tuple(sorted(str(value) for value in graph.objects(source, URIRef(RML + "null"))))


def _options(graph: Graph, *holders: Any) -> dict[str, str]:
    return {
        name: str(value)
        for holder in holders
        if holder is not None
        for name in SOURCE_OPTIONS
        if (value := graph.value(holder, URIRef(GL + name))) is not None
    }


def _formulation(graph: Graph, node: Any, where: str) -> str:
    value = one(graph, (node,), "referenceFormulation", where)
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
    formulation = one(graph, (node,), "referenceFormulation", where)
    found: dict[str, str] = {}
    for namespace in graph.objects(formulation, URIRef(RML + "namespace")):
        prefix = one(graph, (namespace,), "namespacePrefix", where)
        url = one(graph, (namespace,), "namespaceURL", where)
        if not prefix or not url or str(prefix) in found:
            raise MappingError(
                "An rml:namespace needs one rml:namespacePrefix of its own and a URL",
                where=where,
                why=f"the prefix is {prefix!s:.50}, the URL {url!s:.200}",
                remedy="XPath has no default namespace: give each namespace a prefix",
            )
        found[str(prefix)] = str(url)
    return tuple(sorted(found.items()))
