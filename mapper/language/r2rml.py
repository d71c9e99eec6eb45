"""Logical tables of R2RML, and of the older RML, rewritten to logical sources of RML."""

from __future__ import annotations

from typing import Any, Final

from rdflib import RDF, Graph, Literal, URIRef

from ontology import MappingError

from .vocabulary import OLD_RML, R2RML, R2RML_TABLE, R2RML_VIEW, RML, SQL_QUERY, SQL_TABLE

_VERSIONS: Final = frozenset(
    {
        "SQL2008",
        "Oracle",
        "MySQL",
        "MSSQLServer",
        "HSQLDB",
        "PostgreSQL",
        "DB2",
        "Informix",
        "Ingres",
        "Progress",
        "SybaseASE",
        "SybaseSQLAnywhere",
        "Virtuoso",
    }
)
"""SQL versions of the recommendation and of the W3C's list beside it."""
_CLASSES: Final = ("LogicalTable", "BaseTableOrView", "R2RMLView")
_TABLE: Final = (URIRef(R2RML + "tableName"),)
_QUERY: Final = (URIRef(R2RML + "sqlQuery"), URIRef(OLD_RML + "query"))
_SOURCE: Final = URIRef(RML + "logicalSource")
_FORMULATION: Final = URIRef(RML + "referenceFormulation")


def rewrite_tables(graph: Graph) -> None:
    """Rewrite logical tables in place.

    ``rr:logicalTable`` becomes a logical source whose references are SQL identifiers;
    ``rr:tableName``, ``rr:sqlQuery`` and the older ``rml:query`` become its iterator.
    ``rr:inverseExpression`` only helps who translates queries, and is dropped.

    Raises
    ------
    MappingError
        A logical table has not exactly one table or query, or an unknown SQL version.
    """
    for name in _CLASSES:
        graph.remove((None, RDF.type, URIRef(R2RML + name)))
    graph.remove((None, URIRef(R2RML + "inverseExpression"), None))
    _drop_versions(graph)
    strict = set(graph.objects(None, URIRef(R2RML + "logicalTable")))
    for owner, node in list(graph.subject_objects(URIRef(R2RML + "logicalTable"))):
        graph.remove((owner, URIRef(R2RML + "logicalTable"), node))
        graph.add((owner, _SOURCE, node))
    loose = {node for name in (*_TABLE, *_QUERY) for node in graph.subjects(name)} - strict
    for node in strict:
        _rewrite(graph, node, R2RML_TABLE, R2RML_VIEW)
    for node in loose:
        _rewrite(graph, node, SQL_TABLE, SQL_QUERY)


def _drop_versions(graph: Graph) -> None:
    """Check and drop ``rr:sqlVersion``: a query is given to the database as it stands."""
    for old in (R2RML, OLD_RML):
        for node, value in list(graph.subject_objects(URIRef(old + "sqlVersion"))):
            name = str(value).removeprefix(R2RML)
            if name not in _VERSIONS:
                raise MappingError(
                    "This SQL version is not defined",
                    where=str(value),
                    remedy="use rr:SQL2008, or leave rr:sqlVersion out",
                )
            graph.remove((node, URIRef(old + "sqlVersion"), value))


def _rewrite(graph: Graph, node: Any, table: str, query: str) -> None:
    found = [
        (formulation, name, value)
        for formulation, names in ((table, _TABLE), (query, _QUERY))
        for name in names
        for value in graph.objects(node, name)
    ]
    if len(found) != 1 or not isinstance(found[0][2], Literal):
        raise MappingError(
            "A logical table has one rr:tableName or one rr:sqlQuery, a text",
            where=", ".join(str(value) for _, _, value in found) or "rr:logicalTable",
            why=f"{len(found)} found",
        )
    ((formulation, name, value),) = found
    graph.remove((node, name, value))
    graph.remove((node, URIRef(OLD_RML + "referenceFormulation"), None))
    graph.add((node, URIRef(RML + "iterator"), value))
    graph.set((node, _FORMULATION, URIRef(formulation)))
