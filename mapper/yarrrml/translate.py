"""YARRRML 1.x to the RDF graph of an RML mapping."""

from __future__ import annotations

import re
from typing import Any, Final

from rdflib import RDF, BNode, Graph, Literal, URIRef

from ..language.vocabulary import GL
from .document import Document, Items, Table, Text, items
from .functions import Functions
from .places import Places
from .terms import Terms, every, rml, without_suffix

_BASE: Final = "http://example.com/mapping/"


def _aliases(**names: str) -> dict[str, str]:
    return {alias: long for long, text in names.items() for alias in (long, *text.split())}


_TOP: Final = _aliases(
    prefixes="prefix",
    base="",
    authors="author",
    external="",
    sources="source",
    targets="target",
    mappings="mapping m",
)
_MAPPING: Final = _aliases(
    sources="source",
    subjects="subject s",
    graphs="graph g",
    predicateobjects="predicateobject po",
    condition="conditions",
)
_PREDICATE_OBJECT: Final = _aliases(
    predicates="predicate p", objects="object o", graphs="graph g", condition="conditions"
)
_TERM: Final = _aliases(
    value="v",
    type="",
    datatype="",
    language="",
    targets="target",
    mapping="mappings",
    condition="conditions",
    function="functions fn f",
    parameters="pms",
)


def translate(text: str, origin: str) -> Graph:
    """Graph of a YARRRML mapping, in the terms of RML.

    A text is an IRI where it stands for a subject, predicate, graph or class, where ``~iri``
    or ``type: iri`` says so, and where it begins with a declared prefix or with ``http://``
    or ``https://`` and has neither datatype nor language.

    Raises
    ------
    MappingError
        No YAML, unknown or missing keys, prefixes and names, with the line.
    UnsupportedError
        YARRRML this version does not do.
    """
    document = Document(text, origin)
    top = document.renamed(document.root, _TOP)
    return _Translator(document, top).graph


class _Translator:
    def __init__(self, document: Document, top: Table) -> None:
        self.graph = Graph()
        self._document = document
        sections = {
            name: document.table(top.get(name, Table({}, 0)), name)
            for name in ("prefixes", "external", "sources", "targets", "mappings")
        }
        base = self._document.text(top["base"], "base") if "base" in top else None
        self._terms = Terms(
            self.graph,
            document,
            sections["prefixes"],
            sections["external"],
            None if base is None else str(base),
        )
        self._places = Places(self._terms, sections["sources"], sections["targets"])
        self._functions = Functions(self._terms)
        self._tables = {
            name: document.renamed(document.table(value, f"Mapping {name!r}"), _MAPPING)
            for name, value in sections["mappings"].items()
        }
        for name, table in self._tables.items():
            if "sources" not in table:
                document.fail(f"Mapping {name!r} has no sources", table.line)
        self._sources = {
            name: self._places.sources(table["sources"]) for name, table in self._tables.items()
        }
        for name, table in self._tables.items():
            self._mapping(name, table)

    def _mapping(self, name: str, table: Table) -> None:
        pairs = [self._predicate_object(one) for one in every(table.get("predicateobjects"))]
        graphs = [self._term(one, "graph") for one in every(table.get("graphs"))]
        nodes = iter(self._nodes(name))
        for source in self._sources[name]:
            for subject in self._subjects(table):
                node = next(nodes)
                self.graph.add((node, RDF.type, rml("TriplesMap")))
                self.graph.add((node, rml("logicalSource"), source))
                self.graph.add((node, rml("subjectMap"), subject))
                self.graph.add((node, URIRef(GL + "theme"), Literal(name)))
                for graph in graphs:
                    self.graph.add((subject, rml("graphMap"), graph))
                for pair in pairs:
                    self.graph.add((node, rml("predicateObjectMap"), pair))

    def _nodes(self, name: str) -> list[URIRef]:
        """A triples map for each pair of source and subject of a mapping."""
        subjects = max(1, len(every(self._tables[name].get("subjects"))))
        count = len(self._sources[name]) * subjects
        local = re.sub(r"\W", "_", name)
        return [
            URIRef(f"{_BASE}#{local}" + (f"_{number}" if number else "")) for number in range(count)
        ]

    def _subjects(self, table: Table) -> list[BNode]:
        condition = table.get("condition")
        given = every(table.get("subjects"))
        subjects = [self._term(one, "subject") for one in given]
        if not subjects:
            node = BNode()
            self.graph.add((node, rml("termType"), rml("BlankNode")))
            subjects = [node]
        if condition is not None:
            for node in subjects:
                self._functions.add_condition(node, condition)
        return subjects

    def _predicate_object(self, value: Any) -> BNode:
        if isinstance(value, Items):
            value = self._long(value)
        table = self._document.renamed(
            self._document.table(value, "A predicate-object"), _PREDICATE_OBJECT
        )
        node = BNode()
        for name in ("predicates", "objects"):
            if name not in table:
                self._document.fail(f"A predicate-object has no {name}", table.line)
        predicates = items(table["predicates"])
        classes = any(isinstance(one, Text) and one in ("a", "rdf:type") for one in predicates)
        for one in predicates:
            self.graph.add((node, rml("predicateMap"), self._term(one, "predicate")))
        for one in items(table["objects"]):
            for made in self._object(one, classes):
                if table.get("condition") is not None:
                    self._functions.add_condition(made, table["condition"])
                self.graph.add((node, rml("objectMap"), made))
        for one in every(table.get("graphs")):
            self.graph.add((node, rml("graphMap"), self._term(one, "graph")))
        return node

    def _long(self, value: Items) -> Table:
        """``[predicates, objects, datatype or language]`` as a table."""
        if len(value) not in (2, 3):
            self._document.fail(
                "A predicate-object in short form is [predicate, object, datatype or language]",
                value.line,
                why=f"it has {len(value)} parts",
            )
        objects = Items(
            [
                Items([one, value[2]], value.line) if len(value) == 3 else one
                for one in items(value[1])
            ],
            value.line,
        )
        return Table({"predicates": value[0], "objects": objects}, value.line)

    def _object(self, value: Any, is_class: bool) -> list[BNode]:
        """Object maps of one object; a mapping with several subjects gives several."""
        if isinstance(value, Items):
            value = self._long_object(value)
        if isinstance(value, Table) and {"mapping", "mappings"} & value.keys():
            return self._links(self._document.renamed(value, _TERM))
        return [self._term(value, "class" if is_class else "object")]

    def _long_object(self, value: Items) -> Table:
        if len(value) not in (1, 2) or not all(isinstance(one, Text) for one in value):
            self._document.fail(
                "An object in short form is [value, datatype or language]", value.line
            )
        table = Table({"value": value[0]}, value.line)
        if len(value) == 2:
            text, suffix = without_suffix(value[1])
            table["language" if suffix == "lang" else "datatype"] = text
        return table

    def _links(self, table: Table) -> list[BNode]:
        name = self._document.text(table["mapping"], "mapping")
        if name not in self._tables:
            self._document.no_such("mapping", name, self._tables)
        made = []
        for parent in self._nodes(name):
            node = BNode()
            self.graph.add((node, rml("parentTriplesMap"), parent))
            if table.get("condition") is not None:
                self._functions.add_joins(node, table["condition"])
            if "targets" in table:
                self._places.add_targets(node, table["targets"])
            made.append(node)
        return made

    def _term(self, value: Any, role: str) -> BNode:
        if not isinstance(value, Table):
            value = Table({"value": self._document.text(value, f"A {role}")}, value.line)
        if {"quoted", "quotedNonAsserted"} & value.keys():
            self._document.refuse("Quoted triples are not supported", value.line)
        table = self._document.renamed(value, _TERM)
        self._document.texts(table, "targets", "condition", "parameters")
        node = BNode()
        kind = self._fill(node, table, role)
        datatype, language = table.get("datatype"), table.get("language")
        if (datatype is not None or language is not None) and kind != "Literal":
            self._document.fail("Only a literal has a datatype or language", table.line)
        self._terms.qualify(node, datatype, language)
        if table.get("condition") is not None:
            self._functions.add_condition(node, table["condition"])
        if "targets" in table:
            self._places.add_targets(node, table["targets"])
        return node

    def _fill(self, node: BNode, table: Table, role: str) -> str:
        """Give a term map its expression; the name of its term type."""
        given = table.get("type")
        if "function" in table:
            kind = "Literal" if role == "object" else "IRI"
            kind = kind if given is None else self._terms.term_type(given)
            self._functions.fill(node, table)
            self.graph.add((node, rml("termType"), rml(kind)))
            return kind
        if "value" not in table:
            self._document.fail(f"A {role} has neither value nor function", table.line)
        text, suffix = without_suffix(self._document.text(table["value"], f"A {role}"))
        given = given if given is not None or suffix is None else Text(suffix, text.line)
        kind = self._kind(text, table, role) if given is None else self._terms.term_type(given)
        self._terms.fill(node, text, kind)
        return kind

    def _kind(self, text: Text, table: Table, role: str) -> str:
        if role != "object":
            return "IRI"
        if "datatype" in table or "language" in table:
            return "Literal"
        return "IRI" if self._terms.looks_like_iri(text) else "Literal"
