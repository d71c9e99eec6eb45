"""Turn the RDF graph of a mapping into nodes, checking shape as it goes."""

from __future__ import annotations

import re
from typing import Any, Final

import rdflib
from rdflib import Graph, URIRef

from ontology import IRI, XSD_STRING, BlankNode, Literal, MappingError, Term

from .locations import one
from .model import (
    Constant,
    Expression,
    FunctionCall,
    Input,
    JoinCondition,
    LogicalSource,
    ParentMap,
    PredicateObjectMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
    references_of,
)
from .qualifiers import check_qualifiers
from .sourcemap import logical_source
from .targetmap import logical_targets
from .template import parse_template
from .vocabulary import GL, RML, did_you_mean

_LANGUAGE: Final = re.compile(r"(?:[A-Za-z]{2,3}|[xXiI])(?:-[A-Za-z0-9]{1,8})*")
_NODE_TYPES: Final = frozenset(TermType) - {TermType.LITERAL}
_IRI_TYPES: Final = _NODE_TYPES - {TermType.BLANK_NODE}
_ROLES: Final = {
    "subject": _NODE_TYPES,
    "predicate": _IRI_TYPES,
    "object": frozenset(TermType),
    "graph": _NODE_TYPES,
    "datatype": _IRI_TYPES,
    "language": frozenset({TermType.LITERAL}),
    "value": frozenset(TermType),
}


class Builder:
    """Reads nodes of one mapping graph; every refusal names file and line."""

    def __init__(self, graph: Graph, text: str, origin: str, base_iri: str) -> None:
        self._graph = graph
        self._lines = text.splitlines()
        self._origin = origin
        self._base_iri = base_iri
        self._fresh = 0

    def place(self, needle: str) -> str:
        """File and, where the word occurs, its first line."""
        pattern = re.compile(rf"(?<![\w]){re.escape(needle)}(?![\w])")
        for number, line in enumerate(self._lines, start=1):
            if not line.startswith("#") and pattern.search(line.split(" #")[0]):
                return f"{self._origin}, line {number}"
        return self._origin

    def triples_map_nodes(self) -> list[Any]:
        """Subjects that are triples maps, declared or by having a source."""
        nodes = dict.fromkeys(self._graph.subjects(URIRef(RML + "logicalSource")))
        nodes |= dict.fromkeys(self._graph.subjects(rdflib.RDF.type, URIRef(RML + "TriplesMap")))
        nodes |= dict.fromkeys(self._graph.subjects(URIRef(RML + "subjectMap")))
        named = [node for node in nodes if isinstance(node, URIRef)]
        return [*sorted(named), *(node for node in nodes if not isinstance(node, URIRef))]

    def triples_map(self, node: Any) -> TriplesMap:
        """Build one triples map."""
        where = self._where_node(node)
        source_node = self._one(node, "logicalSource", where, needed=True)
        source = logical_source(self._graph, source_node, where)
        subject, classes, graphs = self._subject(node, where)
        pairs = tuple(
            self._predicate_object(child, where) for child in self._all(node, "predicateObjectMap")
        )
        base = self._one(node, "baseIRI", where)
        return TriplesMap(
            name=str(node),
            source=source,
            subject=subject,
            classes=classes,
            graphs=graphs,
            predicate_objects=pairs,
            base_iri=self._base_iri if base is None else str(base),
            theme=self._theme(node, source),
        )

    def _subject(
        self, node: Any, where: str
    ) -> tuple[TermMap, tuple[str, ...], tuple[TermMap, ...]]:
        terms = self._maps(node, "subject", where)
        if len(terms) != 1:
            raise MappingError(
                "A triples map needs exactly one subject map",
                where=where,
                why=f"it has {len(terms)}",
                remedy="give it one rml:subjectMap or rml:subject",
            )
        map_node = self._one(node, "subjectMap", where)
        if map_node is None:
            return terms[0], (), ()
        classes = tuple(self._class(c, where) for c in self._all(map_node, "class"))
        return terms[0], classes, self._maps(map_node, "graph", where)

    @staticmethod
    def _class(node: Any, where: str) -> str:
        if not isinstance(node, URIRef):
            raise MappingError("An rml:class must be an IRI", where=where, why=str(node))
        return str(node)

    def _predicate_object(self, node: Any, where: str) -> PredicateObjectMap:
        predicates = self._maps(node, "predicate", where)
        objects: list[TermMap | ParentMap] = [
            self._parent_map(child, where)
            if (child, URIRef(RML + "parentTriplesMap"), None) in self._graph
            else self._term_map(child, "object", where)
            for child in self._all(node, "objectMap")
        ]
        objects += [self._constant(c, "object", where) for c in self._all(node, "object")]
        for found, name in ((predicates, "predicate"), (objects, "object")):
            if not found:
                raise MappingError(
                    f"A predicate-object map has no {name}",
                    where=where,
                    remedy=f"give it an rml:{name} or rml:{name}Map",
                )
        return PredicateObjectMap(predicates, tuple(objects), self._maps(node, "graph", where))

    def _maps(self, node: Any, role: str, where: str) -> tuple[TermMap, ...]:
        maps = [self._term_map(c, role, where) for c in self._all(node, role + "Map")]
        maps += [self._constant(c, role, where) for c in self._all(node, role)]
        return tuple(maps)

    def _parent_map(self, node: Any, where: str) -> ParentMap:
        parent = self._one(node, "parentTriplesMap", where, needed=True)
        conditions = tuple(
            JoinCondition(self._join_side(c, "child", where), self._join_side(c, "parent", where))
            for c in self._all(node, "joinCondition")
        )
        targets = logical_targets(self._graph, node, where)
        return ParentMap(str(parent), conditions, targets, where)

    def _join_side(self, node: Any, side: str, where: str) -> TermMap:
        short = self._one(node, side, where)
        if short is not None:
            return TermMap(Reference(str(short)), TermType.LITERAL, where=where)
        full = self._one(node, side + "Map", where, needed=True)
        return self._term_map(full, "value", where)

    def _term_map(self, node: Any, role: str, where: str) -> TermMap:
        expression = self._expression(node, where)
        where = self._where_expression(expression, where)
        datatype = self._qualifier(node, "datatype", where)
        language = self._qualifier(node, "language", where)
        term_type = self._term_type(node, role, expression, datatype or language, where)
        check_qualifiers(datatype, language, term_type, where)
        self._check_constant(expression, term_type, role, where)
        if isinstance(expression, Constant) and (datatype or language):
            expression = _qualifiable(expression, where)
        condition = self._one(node, "condition", where)
        crs = self._graph.value(node, URIRef(GL + "targetCRS"))
        return TermMap(
            expression=expression,
            term_type=term_type,
            datatype=datatype,
            language=language,
            condition=None if condition is None else self._call(condition, where),
            target_crs=None if crs is None else str(crs),
            targets=logical_targets(self._graph, node, where),
            where=where,
        )

    def _constant(self, node: Any, role: str, where: str) -> TermMap:
        expression = Constant(_term(node))
        kind = TermType.LITERAL if isinstance(expression.term, Literal) else TermType.IRI
        if role == "language":
            self._check_language(str(node), where)
        elif kind not in _ROLES[role]:
            raise self._refused(kind, role, where)
        return TermMap(expression, kind, where=where)

    def _qualifier(self, node: Any, role: str, where: str) -> TermMap | None:
        maps = self._maps(node, role, where)
        if len(maps) > 1:
            raise MappingError(f"A term map has more than one {role}", where=where)
        return maps[0] if maps else None

    def _expression(self, node: Any, where: str) -> Expression:
        found: list[Expression] = []
        for name in ("reference", "template", "constant", "functionExecution"):
            value = self._one(node, name, where)
            if value is None:
                continue
            if name == "reference":
                found.append(Reference(str(value)))
            elif name == "template":
                found.append(parse_template(str(value), self.place(str(value))))
            elif name == "constant":
                found.append(Constant(_term(value)))
            else:
                found.append(self._call(node, where))
        if len(found) > 1:
            raise MappingError(
                "A term map says twice how its value is made",
                where=where,
                remedy="keep one of reference, template, constant, functionExecution",
            )
        return found[0] if found else None

    def _call(self, node: Any, where: str) -> FunctionCall:
        execution = self._one(node, "functionExecution", where, needed=True)
        function = self._named(execution, "function", where)
        if function is None:
            raise MappingError("A function execution has no rml:function", where=where)
        inputs = tuple(self._input(child, where) for child in self._all(execution, "input"))
        return FunctionCall(function, inputs, self._named(node, "return", where))

    def _input(self, node: Any, where: str) -> Input:
        parameter = self._named(node, "parameter", where)
        if parameter is None:
            raise MappingError("An rml:input has no rml:parameter", where=where)
        short = self._one(node, "inputValue", where)
        if short is not None:
            return Input(parameter, self._constant(short, "value", where))
        full = self._one(node, "inputValueMap", where, needed=True)
        return Input(parameter, self._term_map(full, "value", where))

    def _named(self, node: Any, name: str, where: str) -> str | None:
        """An IRI given directly or by a constant-valued map."""
        short = self._one(node, name, where)
        if short is not None:
            return str(short)
        full = self._one(node, name + "Map", where)
        if full is None:
            return None
        constant = self._one(full, "constant", where)
        if constant is None:
            raise MappingError(f"rml:{name}Map must be a constant", where=where)
        return str(constant)

    def _term_type(
        self, node: Any, role: str, expression: Expression, qualifier: TermMap | None, where: str
    ) -> TermType:
        given = self._one(node, "termType", where)
        name = str(given).removeprefix(RML)
        if given is not None and name not in set(TermType):
            raise MappingError(
                f"{given} is not a term type", where=where, remedy=did_you_mean(name, TermType)
            )
        kind = _default_type(role, expression, qualifier) if given is None else TermType(name)
        if kind not in _ROLES[role]:
            raise self._refused(kind, role, where)
        return kind

    def _check_constant(
        self, expression: Expression, kind: TermType, role: str, where: str
    ) -> None:
        if expression is None and kind is not TermType.BLANK_NODE:
            raise MappingError(
                "A term map does not say how its value is made",
                where=where,
                remedy="give it rml:reference, rml:template, rml:constant or rml:functionExecution",
            )
        if not isinstance(expression, Constant):
            return
        literal = isinstance(expression.term, Literal)
        if role == "language" and isinstance(expression.term, Literal):
            self._check_language(expression.term.lexical, where)
        elif literal != (kind is TermType.LITERAL) and role != "value":
            raise MappingError(
                "A constant is not of its map's term type",
                where=where,
                why=f"{expression.term.n3} cannot be a {kind} as {role}",
                remedy="correct the constant, or use rml:template",
            )

    def _check_language(self, tag: str, where: str) -> None:
        if not _LANGUAGE.fullmatch(tag):
            raise MappingError(
                "This is not a language tag",
                where=self.place(tag),
                why=repr(tag),
                remedy="use a BCP 47 tag such as en or de-AT",
            )

    @staticmethod
    def _refused(kind: TermType, role: str, where: str) -> MappingError:
        allowed = ", ".join(sorted(_ROLES[role]))
        return MappingError(
            f"A {kind} cannot be a {role}", where=where, remedy=f"a {role} is one of {allowed}"
        )

    def _one(self, node: Any, name: str, where: str, needed: bool = False) -> Any:
        value = one(self._graph, (node,), name, where)
        if needed and value is None:
            raise MappingError(f"One rml:{name} is needed", where=where, why="there is none")
        return value

    def _all(self, node: Any, name: str) -> list[Any]:
        """Objects in the order they stand in the mapping, so that every run does the same."""
        return list(dict.fromkeys(self._graph.objects(node, URIRef(RML + name))))

    def _where_node(self, node: Any) -> str:
        if not isinstance(node, URIRef):
            return f"{self._origin}: a triples map without a name"
        local = re.split(r"[#/]", str(node))[-1]
        return f"{self.place(local)}, triples map {local}"

    def _where_expression(self, expression: Expression, where: str) -> str:
        """Place of the columns an expression reads, or of its triples map when there are none."""
        if expression is None:
            self._fresh += 1
            return f"{where}, fresh node {self._fresh}"
        names = list(dict.fromkeys(references_of(expression)))
        if not names or "column" in where:
            return where
        columns = "column " if len(names) == 1 else "columns "
        return f"{self.place(names[0])}, {columns}{', '.join(names)}"

    def _theme(self, node: Any, source: LogicalSource) -> str:
        given = self._graph.value(node, URIRef(GL + "theme"))
        text = str(given) if given is not None else re.split(r"[#/]", str(node))[-1]
        if given is None and not isinstance(node, URIRef):
            text = source.path.rsplit("/", 1)[-1].split(".")[0]
        return re.sub(r"\W+", "_", text).strip("_").lower() or "rdf"


def _default_type(role: str, expression: Expression, qualifier: TermMap | None) -> TermType:
    if isinstance(expression, Constant):
        match expression.term:
            case Literal():
                return TermType.LITERAL
            case BlankNode():
                return TermType.BLANK_NODE
            case IRI():
                return TermType.IRI
    if role in ("object", "value"):
        if isinstance(expression, Reference | FunctionCall) or qualifier is not None:
            return TermType.LITERAL
        return TermType.IRI if role == "object" else TermType.LITERAL
    return TermType.LITERAL if role == "language" else TermType.IRI


def _qualifiable(constant: Constant, where: str) -> Template:
    """Plain text of a constant, to which the map gives a datatype or language."""
    term = constant.term
    if not isinstance(term, Literal) or term.datatype != XSD_STRING:
        raise MappingError(
            "A constant that has a datatype or language gets no other",
            where=where,
            why=term.n3,
            remedy="leave out rml:datatype or rml:language, or make the constant plain text",
        )
    return Template((term.lexical,))


def _term(node: Any) -> Term:
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if isinstance(node, URIRef):
        return IRI(str(node))
    return Literal(str(node), str(node.datatype or XSD_STRING), node.language)
