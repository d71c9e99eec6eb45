"""Read ``d2rq:Database`` nodes: where the mapping says its tables are."""

from __future__ import annotations

from typing import Any

from rdflib import RDF, Graph, URIRef

from ontology import MappingError, UnsupportedError

from .model import Database
from .vocabulary import D2RQ


def is_database(graph: Graph, node: Any) -> bool:
    """Tell whether a source is a ``d2rq:Database``."""
    return (node, RDF.type, URIRef(D2RQ + "Database")) in graph or (
        (node, URIRef(D2RQ + "jdbcDSN"), None) in graph
    )


def database(graph: Graph, node: Any, where: str) -> Database:
    """Build the database of a logical source.

    Raises
    ------
    MappingError
        It has no ``d2rq:jdbcDSN``, or something twice.
    UnsupportedError
        An ODBC name.
    """
    if (node, URIRef(D2RQ + "odbcDSN"), None) in graph:
        raise UnsupportedError(
            "ODBC names of databases are not supported",
            where=where,
            remedy="give a JDBC name or URL in d2rq:jdbcDSN",
        )
    url = _text(graph, node, "jdbcDSN", where)
    if not url:
        raise MappingError(
            "A d2rq:Database has no d2rq:jdbcDSN",
            where=where,
            remedy='add d2rq:jdbcDSN "jdbc:postgresql://host/name"',
        )
    return Database(
        url,
        _text(graph, node, "username", where),
        _text(graph, node, "password", where),
        _text(graph, node, "jdbcDriver", where),
    )


def _text(graph: Graph, node: Any, name: str, where: str) -> str | None:
    found = list(graph.objects(node, URIRef(D2RQ + name)))
    if len(found) > 1:
        raise MappingError(f"Only one d2rq:{name} may stand", where=where, why=f"{len(found)}")
    return str(found[0]) if found and str(found[0]) else None
