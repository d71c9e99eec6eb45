"""Typed nodes of a mapping: what RML says, nothing about how it is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ontology import MappingError, Term


class TermType(StrEnum):
    """What a term map makes (RML-Core, section "Term types")."""

    IRI = "IRI"
    URI = "URI"
    UNSAFE_IRI = "UnsafeIRI"
    UNSAFE_URI = "UnsafeURI"
    BLANK_NODE = "BlankNode"
    LITERAL = "Literal"


@dataclass(frozen=True, slots=True)
class Constant:
    """The same RDF term in every row."""

    term: Term


@dataclass(frozen=True, slots=True)
class Reference:
    """A column or, in JSON, a path."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text with references in it."""

    parts: tuple[str | Reference, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of a function: the parameter's IRI and the map that gives its value."""

    parameter: str
    value: TermMap


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """An ``rml:functionExecution`` and which of its outputs is wanted (None is the only one)."""

    function: str
    inputs: tuple[Input, ...]
    output: str | None = None


Expression = Constant | Reference | Template | FunctionCall | None
"""How a value is made; None makes a fresh blank node a row."""


@dataclass(frozen=True, slots=True)
class LogicalTarget:
    """A file the triples of a term map go to, beside or instead of the run's sink (RML-IO).

    Attributes
    ----------
    path, root : str
        As in :class:`LogicalSource`.
    serialization : str
        IRI of the format (``http://www.w3.org/ns/formats/N-Quads`` …).
    compression : str, optional
        ``gzip``, ``zip``, ``targz`` or ``tarxz``.
    encoding : str
    """

    path: str
    root: str
    serialization: str
    compression: str | None = None
    encoding: str = "UTF-8"


@dataclass(frozen=True, slots=True)
class TermMap:
    """How an RDF term is made from a row.

    Attributes
    ----------
    expression : Expression
    term_type : TermType
    datatype, language : TermMap, optional
        For literals.
    condition : FunctionCall, optional
        The term exists only in rows where this is true.
    target_crs : str, optional
        For geometries: a CRS, or "source" to keep the source's.
    targets : tuple of LogicalTarget
        Where its triples go; none means the run's sink.
    where : str
        Place in the mapping, for error messages.
    """

    expression: Expression
    term_type: TermType
    datatype: TermMap | None = None
    language: TermMap | None = None
    condition: FunctionCall | None = None
    target_crs: str | None = None
    targets: tuple[LogicalTarget, ...] = ()
    where: str = ""

    def references(self) -> Iterator[str]:
        """Names of all references the map reads, those of its qualifiers too."""
        yield from references_of(self.expression)
        yield from references_of(self.condition)
        for qualifier in (self.datatype, self.language):
            if qualifier is not None:
                yield from qualifier.references()


def references_of(expression: Expression) -> Iterator[str]:
    """Names of the references an expression reads, in order."""
    match expression:
        case Reference(name):
            yield name
        case Template(parts):
            yield from (part.name for part in parts if isinstance(part, Reference))
        case FunctionCall(inputs=inputs):
            for argument in inputs:
                yield from argument.value.references()


@dataclass(frozen=True, slots=True)
class JoinCondition:
    """Child and parent values must have the same text."""

    child: TermMap
    parent: TermMap


@dataclass(frozen=True, slots=True)
class ParentMap:
    """Objects are the subjects of another triples map (``rml:parentTriplesMap``)."""

    parent: str
    conditions: tuple[JoinCondition, ...]
    targets: tuple[LogicalTarget, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class PredicateObjectMap:
    """All pairs of its predicates and objects, in all its graphs."""

    predicates: tuple[TermMap, ...]
    objects: tuple[TermMap | ParentMap, ...]
    graphs: tuple[TermMap, ...] = ()


@dataclass(frozen=True, slots=True)
class Database:
    """A relational database as a mapping names it; without ``url`` it is the run's.

    Attributes
    ----------
    url : str, optional
        ``sqlite:///file``, ``duckdb:///file``, ``postgresql://host/name`` or a JDBC DSN.
    user, password : str, optional
    driver : str, optional
        JDBC class name, as D2RQ gives it.
    """

    url: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class LogicalSource:
    """What to read.

    Attributes
    ----------
    path : str
        Empty for databases.
    root : str
        "base" (the run's ``base_dir``), "mapping", "cwd" or a folder.
    formulation : str
        IRI of the reference formulation.
    iterator : str, optional
        JSONPath, XPath, name of a table (``rml:SQL2008Table``) or query (``rml:SQL2008Query``).
    database : Database, optional
    namespaces : tuple of (prefix, URL)
        For XPath.
    compression : str, optional
        ``gzip``, ``zip``, ``targz`` or ``tarxz``; without it the file's name tells.
    options : tuple of (str, str)
        ``gl:`` options by local name, sorted.
    nulls : tuple of str
        Texts that mean "no value" (``rml:null``).
    """

    path: str
    root: str
    formulation: str
    iterator: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    nulls: tuple[str, ...] = ()
    database: Database | None = None
    namespaces: tuple[tuple[str, str], ...] = ()
    compression: str | None = None

    def option(self, name: str) -> str | None:
        """Value of a ``gl:`` option, or None."""
        return dict(self.options).get(name)


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """One rule: subjects of a source and what is said about them."""

    name: str
    source: LogicalSource
    subject: TermMap
    classes: tuple[str, ...]
    graphs: tuple[TermMap, ...]
    predicate_objects: tuple[PredicateObjectMap, ...]
    base_iri: str
    theme: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked RML mapping.

    Attributes
    ----------
    triples_maps : tuple of TriplesMap
    origin : str
        File it came from, or "text".
    directory : Path
        Folder that ``rml:MappingDirectory`` means.
    fingerprint : str
        Hash of the mapping's text; keeps blank nodes of different mappings apart.
    """

    triples_maps: tuple[TriplesMap, ...]
    origin: str
    directory: Path
    fingerprint: str

    def triples_map(self, name: str) -> TriplesMap:
        """Return the triples map of this name."""
        for candidate in self.triples_maps:
            if candidate.name == name:
                return candidate
        raise MappingError(
            "A parent triples map does not exist",
            where=f"{self.origin}: {name}",
            remedy="name one of " + ", ".join(m.name for m in self.triples_maps),
        )
