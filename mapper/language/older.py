"""The older vocabularies of RML, and R2RML's, rewritten to RML as it is now."""

from __future__ import annotations

from typing import Any, Final

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from ontology import MappingError

from .vocabulary import OLD_RML, R2RML, RML

_FNML: Final = "http://semweb.mmlab.be/ns/fnml#"
_SPACES: Final = (
    R2RML,
    OLD_RML,
    "http://semweb.mmlab.be/ns/ql#",
    "http://semweb.mmlab.be/ns/rml-target#",
    "http://semweb.mmlab.be/ns/rml-compression#",
    "http://semweb.mmlab.be/ns/rml-encoding#",
    _FNML,
)
_RENAMED: Final = {
    R2RML + "column": "reference",
    _FNML + "execution": "functionExecution",
    _FNML + "Execution": "FunctionExecution",
    _FNML + "value": "inputValue",
    _FNML + "valueMap": "inputValueMap",
    _FNML + "ValueMap": "InputValueMap",
    _FNML + "FunctionTermMap": "FunctionExecution",
}
_EXECUTES: Final = ("https://w3id.org/function/ontology#executes", "http://w3id.org/fno#executes")
_NO_PARTS: Final = ("logicalSource", "subjectMap", "subject")


def modernise(graph: Graph) -> None:
    """Rewrite R2RML, the older RML and its functions and targets to RML, in place.

    Raises
    ------
    MappingError
        An ``fnml:functionValue`` does not say exactly once what it executes.
    """
    for triple in list(graph):
        subject, predicate, value = map(_modern, triple)
        if (subject, predicate, value) != triple:
            graph.remove(triple)
            graph.add((subject, predicate, value))
    for node, function in list(graph.subject_objects(URIRef(RML + "functionValue"))):
        graph.remove((node, URIRef(RML + "functionValue"), function))
        graph.add((node, URIRef(RML + "functionExecution"), function))
        _rewrite_function(graph, function)


def _modern(term: Node) -> Node:
    if not isinstance(term, URIRef):
        return term
    text = str(term)
    if text in _RENAMED:
        return URIRef(RML + _RENAMED[text])
    for old in _SPACES:
        if text.startswith(old):
            return URIRef(RML + text.removeprefix(old))
    return term


def _rewrite_function(graph: Graph, function: Node) -> None:
    """Turn the predicate-object maps of a function into its name and inputs."""
    executed = []
    for part in list(graph.objects(function, URIRef(RML + "predicateObjectMap"))):
        graph.remove((function, URIRef(RML + "predicateObjectMap"), part))
        predicate = _constant(graph, part, "predicate")
        if str(predicate) in _EXECUTES:
            executed.append(_constant(graph, part, "object"))
            continue
        graph.add((function, URIRef(RML + "input"), part))
        graph.add((part, URIRef(RML + "parameter"), predicate))
        for old, new in (("objectMap", "inputValueMap"), ("object", "inputValue")):
            for value in list(graph.objects(part, URIRef(RML + old))):
                graph.remove((part, URIRef(RML + old), value))
                graph.add((part, URIRef(RML + new), value))
        graph.remove((part, RDF.type, None))
    if len(executed) != 1:
        raise MappingError(
            "An fnml:functionValue must say once what it executes",
            where=str(function),
            why=f"fno:executes stands {len(executed)} times",
            remedy="give it one predicate-object map with fno:executes",
        )
    graph.add((function, URIRef(RML + "function"), executed[0]))
    graph.remove((function, RDF.type, None))
    for name in _NO_PARTS:
        graph.remove((function, URIRef(RML + name), None))


def _constant(graph: Graph, part: Node, role: str) -> Any:
    """Take away the constant of a role of a predicate-object map and give it back."""
    for value in list(graph.objects(part, URIRef(RML + role))):
        graph.remove((part, URIRef(RML + role), value))
        return value
    for child in list(graph.objects(part, URIRef(RML + role + "Map"))):
        constant = graph.value(child, URIRef(RML + "constant"))
        if constant is not None:
            graph.remove((part, URIRef(RML + role + "Map"), child))
            return constant
    raise MappingError(
        f"A part of an fnml:functionValue has no constant {role}",
        where=str(part),
        remedy=f"name it with rr:{role}",
    )
