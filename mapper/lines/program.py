"""What the compiled kernel does for each row of a source: triples maps as instructions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import (
    CRS84,
    GEOMETRY_DATATYPES,
    IRI,
    RDF_TYPE,
    WKT_LITERAL,
    XSD_STRING,
    Literal,
    crs_iri,
)

from ..language.model import (
    Constant,
    FunctionCall,
    ParentMap,
    Reference,
    Template,
    TermMap,
    TermType,
    TriplesMap,
)
from ..language.vocabulary import DEFAULT_GRAPH
from ..ntriples import term_texts
from ..targets import has_targets
from ..terms.cells import Batch
from ..terms.encode import blank_label
from ..terms.evaluate import Evaluator, Settings
from ..terms.faults import Faults
from . import checks, kernel

_XSD: Final = XSD_STRING.removesuffix("string")
_LONG: Final = 2**62
_KINDS: Final = {
    "integer": (checks.INTEGER, 0, 0),
    "decimal": (checks.DECIMAL, 0, 0),
    "double": (checks.DOUBLE, 0, 0),
    "float": (checks.DOUBLE, 0, 0),
    "boolean": (checks.BOOLEAN, 0, 0),
    "date": (checks.DATE, 0, 0),
    "dateTime": (checks.DATE_TIME, 0, 0),
    "long": (checks.RANGED, -_LONG, _LONG),
    "int": (checks.RANGED, -(2**31), 2**31 - 1),
    "short": (checks.RANGED, -(2**15), 2**15 - 1),
    "byte": (checks.RANGED, -(2**7), 2**7 - 1),
    "nonNegativeInteger": (checks.RANGED, 0, _LONG),
    "positiveInteger": (checks.RANGED, 1, _LONG),
    "nonPositiveInteger": (checks.RANGED, -_LONG, 0),
    "negativeInteger": (checks.RANGED, -_LONG, -1),
    "unsignedLong": (checks.RANGED, 0, _LONG),
    "unsignedInt": (checks.RANGED, 0, 2**32 - 1),
    "unsignedShort": (checks.RANGED, 0, 2**16 - 1),
    "unsignedByte": (checks.RANGED, 0, 2**8 - 1),
}
"""XSD datatypes the kernel checks, with the limits of what it is sure of."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NO_SCHEME: Final = re.compile(r"[A-Za-z0-9+.-]*[^A-Za-z0-9+.:-]|[0-9+.-]")
_NO_IRI: Final = re.compile(
    r'[\x00-\x20\x7f-\x9f<>"{}|^`\\]|%(?![0-9A-Fa-f]{2})',
)
_TAG: Final = re.compile(r"([A-Za-z]{2,3}|[xXiI])(-[A-Za-z0-9]{1,8})*")
_CHECKED_TYPES: Final = (TermType.IRI, TermType.URI)
_IRI_TYPES: Final = (*_CHECKED_TYPES, TermType.UNSAFE_IRI, TermType.UNSAFE_URI)
_TABLES: Final = {TermType.IRI: 0, TermType.URI: 1, TermType.BLANK_NODE: 2}
_MARKS: Final = {TermType.BLANK_NODE: ord("_")}
_WEIGHTS: Final = {kernel.ENCODED: 3, kernel.LITERAL: 2, kernel.WKT: 2}


class Longer(Exception):
    """A triples map has to go the general way; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions for :mod:`kernel`.

    Attributes
    ----------
    steps : ndarray of int64, shape (i, 5)
    constants : bytes
    columns : tuple of str
        References, in the order the instructions number them.
    weights : ndarray of int64, shape (c,)
        Most bytes of output for each byte of a value.
    fixed : int
        Most bytes of output of a row without values.
    geometries : tuple of int
        Column of each instruction that reads WKT.
    """

    steps: npt.NDArray[np.int64]
    constants: bytes
    columns: tuple[str, ...]
    weights: npt.NDArray[np.int64]
    fixed: int
    geometries: tuple[int, ...]


@dataclass(slots=True)
class Builder:
    """Collects the instructions of the triples maps of a source.

    Parameters
    ----------
    graphs : bool
        Whether the output holds named graphs.
    """

    graphs: bool
    _steps: list[list[int]] = field(default_factory=list)
    _constants: bytearray = field(default_factory=bytearray)
    _columns: dict[str, int] = field(default_factory=dict)
    _geometries: list[int] = field(default_factory=list)

    def add(self, rule: TriplesMap, settings: Settings) -> None:
        """Add a triples map.

        Raises
        ------
        Longer
            It has something that only the general way can do.
        """
        if has_targets(rule):
            raise Longer("logical targets")
        lines = list(self._lines(rule))
        begin = self._begin(kernel.SUBJECT)
        self._node(rule.subject, settings)
        self._end(begin)
        for predicate, value, graph in lines:
            begin = self._begin(kernel.LINE)
            self._text(f" <{predicate}> ")
            if isinstance(value, str):
                self._text(f"<{value}>")
            else:
                self._term(value, settings)
            self._text(f"{graph} .\n")
            self._end(begin)

    def program(self) -> Program:
        """All that was added."""
        steps = np.array(self._steps, np.int64).reshape(-1, 5)
        weights, fixed = self._bounds()
        room = b"\0" * kernel.SLACK
        return Program(
            steps,
            bytes(self._constants) + room,
            tuple(self._columns),
            weights,
            fixed,
            tuple(self._geometries),
        )

    def _bounds(self) -> tuple[npt.NDArray[np.int64], int]:
        """Most bytes of output, for each byte of each column and beside."""
        weights = np.zeros(len(self._columns), np.int64)
        fixed, subject, subject_fixed = 0, np.zeros_like(weights), 0
        own, own_fixed = np.zeros_like(weights), 0
        for code, a, b, c, _ in self._steps:
            if code in (kernel.SUBJECT, kernel.LINE):
                own, own_fixed, in_subject = np.zeros_like(weights), 0, code == kernel.SUBJECT
            elif code == kernel.END:
                if in_subject:
                    subject, subject_fixed = own, own_fixed
                else:
                    own, own_fixed = own + subject, own_fixed + subject_fixed
                weights, fixed = weights + own, fixed + own_fixed
            elif code == kernel.TEXT:
                own_fixed += b + 8
            else:
                own[a] += _WEIGHTS.get(code, 1)
                own_fixed += kernel.SLACK + (c if code == kernel.IRI else 0)
        return weights, fixed + kernel.SLACK

    def _lines(self, rule: TriplesMap) -> Iterator[tuple[str, str | TermMap, str]]:
        """Predicate, object and text of the graph of every line."""
        for name in rule.classes:
            for graph in self._graph_texts(rule.graphs):
                yield RDF_TYPE, name, graph
        for pair in rule.predicate_objects:
            graphs = list(self._graph_texts(rule.graphs + pair.graphs))
            for value in pair.objects:
                if isinstance(value, ParentMap):
                    raise Longer("objects are subjects of another triples map")
                for predicate in pair.predicates:
                    for graph in graphs:
                        yield _constant_iri(predicate), value, graph

    def _graph_texts(self, graphs: Iterable[TermMap]) -> Iterator[str]:
        maps = list(graphs)
        if not maps:
            yield ""
        for graph in maps:
            name = _constant_iri(graph)
            if name != DEFAULT_GRAPH and not self.graphs:
                raise Longer("the output holds no named graphs")
            yield "" if name == DEFAULT_GRAPH else f" <{name}>"

    def _term(self, term_map: TermMap, settings: Settings) -> None:
        if term_map.term_type is TermType.LITERAL and _reads(term_map):
            self._literal(term_map, settings)
        else:
            self._node(term_map, settings)

    def _node(self, term_map: TermMap, settings: Settings) -> None:
        _refuse_calls(term_map)
        expression = term_map.expression
        if not _reads(term_map):
            self._text(_constant_text(term_map, settings))
        elif term_map.term_type is TermType.BLANK_NODE:
            self._text(f"_:{settings.blank_prefix}")
            self._parts(expression, TermType.BLANK_NODE)
        elif term_map.term_type in _IRI_TYPES:
            self._text("<")
            self._iri(term_map, settings.base_iri)
            self._text(">")
        else:
            raise Longer("an IRI or blank node is needed")

    def _iri(self, term_map: TermMap, base: str) -> None:
        kind = term_map.term_type
        if not _SCHEME.match(base) or _NO_IRI.search(base):
            raise Longer("a base IRI that is none")
        if isinstance(term_map.expression, Reference):
            place, length = self._constant(base)
            column = self._column(term_map.expression.name)
            self._steps.append([kernel.IRI, column, place, length, kind in _CHECKED_TYPES])
            return
        assert isinstance(term_map.expression, Template)
        parts = term_map.expression.parts
        texts = [part for part in parts if isinstance(part, str)]
        if kind in _CHECKED_TYPES and any(map(_NO_IRI.search, texts)):
            raise Longer("a template of what no IRI holds")
        if not _is_absolute(parts, kind):
            self._text(base)
        self._parts(term_map.expression, kind)

    def _literal(self, term_map: TermMap, settings: Settings) -> None:
        _refuse_calls(term_map)
        self._text('"')
        if term_map.language is not None:
            self._parts(term_map.expression, TermType.LITERAL)
            self._text(f'"@{_language(term_map.language)}')
            return
        datatype = _datatype(term_map)
        if datatype in ("", XSD_STRING):
            self._parts(term_map.expression, TermType.LITERAL)
            self._text('"')
            return
        self._typed(term_map, datatype, settings)
        self._text(f'"^^<{datatype}>')

    def _typed(self, term_map: TermMap, datatype: str, settings: Settings) -> None:
        expression = term_map.expression
        if datatype == WKT_LITERAL:
            _refuse_other_crs(term_map, settings)
        elif not datatype.startswith(_XSD) and datatype not in GEOMETRY_DATATYPES:
            self._parts(expression, TermType.LITERAL)
            return
        if not isinstance(expression, Reference):
            raise Longer("a template of a datatype")
        column = self._column(expression.name)
        if datatype == WKT_LITERAL:
            self._steps.append([kernel.WKT, column, len(self._geometries), 0, 0])
            self._geometries.append(column)
            return
        name = datatype.removeprefix(_XSD)
        if name not in _KINDS:
            raise Longer(f"datatype {datatype}")
        self._steps.append([kernel.CHECKED, column, *_KINDS[name]])

    def _parts(self, expression: object, kind: TermType) -> None:
        """Texts of a reference or template, encoded as the kind of term asks."""
        whole = isinstance(expression, Reference)
        parts = expression.parts if isinstance(expression, Template) else (expression,)
        for part in parts:
            if isinstance(part, str):
                self._text(_written(part, kind))
            elif isinstance(part, Reference):
                self._reference(self._column(part.name), kind, whole)
            else:
                raise Longer("an expression that is no reference or template")

    def _reference(self, column: int, kind: TermType, whole: bool) -> None:
        if kind is TermType.LITERAL:
            self._steps.append([kernel.LITERAL, column, not whole, 0, 0])
        elif kind in _TABLES:
            mark = _MARKS.get(kind, ord("%"))
            self._steps.append([kernel.ENCODED, column, _TABLES[kind], mark, not whole])
        else:
            self._steps.append([kernel.PLAIN, column, 0, 0, 0])

    def _column(self, name: str) -> int:
        return self._columns.setdefault(name, len(self._columns))

    def _constant(self, text: str) -> tuple[int, int]:
        place, encoded = len(self._constants), text.encode()
        self._constants += encoded
        return place, len(encoded)

    def _text(self, text: str) -> None:
        """Put a text; one that follows another is joined to it."""
        place, length = self._constant(text)
        if self._steps and self._steps[-1][0] == kernel.TEXT:
            self._steps[-1][2] += length
        else:
            self._steps.append([kernel.TEXT, place, length, 0, 0])

    def _begin(self, code: int) -> int:
        self._steps.append([code, 0, 0, 0, 0])
        return len(self._steps) - 1

    def _end(self, begin: int) -> None:
        self._steps[begin][1] = len(self._steps)
        self._steps.append([kernel.END, 0, 0, 0, 0])


def _reads(term_map: TermMap) -> bool:
    """Whether a term map has references; a column's name may be empty."""
    return any(True for _ in term_map.references())


def _constant_iri(term_map: TermMap) -> str:
    expression = term_map.expression
    if not isinstance(expression, Constant) or not isinstance(expression.term, IRI):
        raise Longer("predicates or graphs from the data")
    _refuse_calls(term_map)
    return expression.term.value


def _constant_text(term_map: TermMap, settings: Settings) -> str:
    """N-Triples text of a term that is the same in every row, by the general way."""
    if term_map.expression is None:
        raise Longer("a fresh blank node a row")
    faults = Faults(np.ones(1, np.int64))
    columns = Evaluator(Batch({}, np.ones(1, np.int64)), faults, settings).terms(term_map).columns
    texts = [text for column in columns for text in term_texts(column).to_pylist() if text]
    if faults or faults.invalid_geometries or len(texts) != 1:
        raise Longer("a constant that is no sound term")
    return str(texts[0])


def _refuse_calls(term_map: TermMap) -> None:
    if term_map.condition is not None:
        raise Longer("a condition")
    if isinstance(term_map.expression, FunctionCall):
        raise Longer("a function")


def _refuse_other_crs(term_map: TermMap, settings: Settings) -> None:
    wanted = term_map.target_crs or settings.target_crs
    for crs in (settings.declared_crs, None if wanted == "source" else wanted):
        if crs is not None and crs_iri(crs) != CRS84:
            raise Longer("geometries in another CRS")


def _language(term_map: TermMap) -> str:
    expression = term_map.expression
    if isinstance(expression, Constant) and isinstance(expression.term, Literal):
        _refuse_calls(term_map)
        if _TAG.fullmatch(expression.term.lexical):
            return expression.term.lexical.lower()
    raise Longer("languages from the data")


def _datatype(term_map: TermMap) -> str:
    return "" if term_map.datatype is None else _constant_iri(term_map.datatype)


def _written(text: str, kind: TermType) -> str:
    """Constant part of a template as it stands in a line."""
    if kind is TermType.BLANK_NODE:
        return str(blank_label(pa.array([text]))[0].as_py())
    if kind is TermType.LITERAL:
        for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
            text = text.replace(plain, escaped)
    return text


def _is_absolute(parts: tuple[str | Reference, ...], kind: TermType) -> bool:
    """Whether the IRIs of a template have a scheme; Longer where that depends on the row."""
    first = parts[0]
    if isinstance(first, str):
        if _SCHEME.match(first):
            return True
        if _NO_SCHEME.match(first) or ":" in first:
            return False
    if kind in _CHECKED_TYPES and not any(":" in part for part in parts if isinstance(part, str)):
        return False
    raise Longer("a template whose scheme comes from the data")
