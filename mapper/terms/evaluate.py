"""Term maps over a batch of rows: expressions to cells, cells to terms, all vectorised."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    IRI,
    WKT_LITERAL,
    BlankNode,
    Lane,
    Literal,
    MappingError,
    TermColumn,
)

from ..functions import Call, find_function
from ..functions.registry import local_name
from ..language.model import (
    Constant,
    Expression,
    FunctionCall,
    Reference,
    Template,
    TermMap,
    TermType,
)
from .cells import Batch, Cells, Rows, product
from .encode import blank_label, forbidden_in_iri, iri_safe, uri_safe
from .faults import Faults, positions
from .geometry import geometry_columns
from .literals import literals, text_of

_NO_TEXT: Final = pa.scalar(None, pa.string())
_ABSOLUTE: Final = r"^[A-Za-z][A-Za-z0-9+.-]*:"
_LANGUAGE: Final = r"^([A-Za-z]{2,3}|[xXiI])(-[A-Za-z0-9]{1,8})*$"
_IRI_TYPES: Final = (TermType.IRI, TermType.URI, TermType.UNSAFE_IRI, TermType.UNSAFE_URI)


@dataclass(frozen=True, slots=True)
class Terms:
    """Objects of one term map: at most one of the columns has a value at each position.

    ``rows`` is the row of each position, None when there is one a row.
    """

    columns: tuple[TermColumn, ...]
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What evaluation needs beside the batch.

    Attributes
    ----------
    base_iri : str
        Prefix of relative IRIs.
    blank_prefix : str
        Keeps blank nodes of different mappings apart.
    target_crs : str, optional
        Of geometry literals; None is CRS84.
    declared_crs : str, optional
        Of WKT texts without CRS IRI.
    """

    base_iri: str
    blank_prefix: str
    target_crs: str | None = None
    declared_crs: str | None = None


class Evaluator:
    """Evaluates term maps over one batch; bad values go to ``faults``."""

    def __init__(self, batch: Batch, faults: Faults, settings: Settings) -> None:
        self._batch = batch
        self._faults = faults
        self._settings = settings

    def nodes(self, term_map: TermMap) -> Cells:
        """IRIs and blank nodes (``_:label``) of a term map."""
        terms = self.terms(term_map)
        if any(column.lane is not Lane.NODE for column in terms.columns):
            raise MappingError("An IRI or blank node is needed here", where=term_map.where)
        return Cells(terms.columns[0].values, terms.rows)

    def terms_text(self, term_map: TermMap) -> Cells:
        """Texts of a map's values, for joins."""
        cells = self._argument(term_map)
        return Cells(text_of(cells.values), cells.rows)

    def terms(self, term_map: TermMap) -> Terms:
        """Terms of a term map."""
        terms = self._unconditional(term_map)
        if term_map.condition is None:
            return terms
        wanted = self.cells(term_map.condition, term_map.where)
        holds = np.zeros(len(self._batch), bool)
        truth = text_of(wanted.values)
        holds[wanted.row_numbers()[positions(pc.equal(truth, "true"))]] = True
        rows = np.arange(len(holds)) if terms.rows is None else terms.rows
        chosen = pa.array(holds[rows])
        columns = (_where(column, chosen) for column in terms.columns)
        return Terms(tuple(columns), terms.rows)

    def _unconditional(self, term_map: TermMap) -> Terms:
        kind = term_map.term_type
        if isinstance(term_map.expression, Constant):
            return self._constant(term_map)
        if term_map.expression is None:
            return Terms((TermColumn(Lane.NODE, self._fresh(term_map)),))
        cells = self._encoded(term_map)
        if kind is TermType.BLANK_NODE:
            label = pc.binary_join_element_wise(
                f"_:{self._settings.blank_prefix}", blank_label(text_of(cells.values)), ""
            )
            return Terms((TermColumn(Lane.NODE, label),), cells.rows)
        if kind in _IRI_TYPES:
            return Terms((TermColumn(Lane.NODE, self._iris(cells, term_map)),), cells.rows)
        return self._literals(cells, term_map)

    def _fresh(self, term_map: TermMap) -> pa.Array:
        salt = blank_label(pa.array([term_map.where]))[0].as_py()[-24:]
        numbers = pc.cast(pa.array(self._batch.numbers), pa.string())
        prefix = f"_:{self._settings.blank_prefix}r{salt}x"
        return pc.binary_join_element_wise(prefix, numbers, "")

    def _constant(self, term_map: TermMap) -> Terms:
        assert isinstance(term_map.expression, Constant)
        count = len(self._batch)
        match term_map.expression.term:
            case IRI(value):
                return Terms((TermColumn(Lane.NODE, pa.repeat(value, count)),))
            case BlankNode(label):
                safe = blank_label(pa.array([label]))[0].as_py()
                node = f"_:{self._settings.blank_prefix}{safe}"
                return Terms((TermColumn(Lane.NODE, pa.repeat(node, count)),))
            case Literal(lexical, _, str(lang)):
                column = TermColumn(Lane.LANG, pa.repeat(lexical, count), lang=lang.lower())
                return Terms((column,))
            case Literal(lexical, datatype, _):
                cells = Cells(pa.repeat(lexical, count))
                return self._typed(cells, datatype, term_map)

    def _encoded(self, term_map: TermMap) -> Cells:
        """Cells of an expression; references in templates encoded as the term type asks."""
        expression = term_map.expression
        if not isinstance(expression, Template):
            return self.cells(expression, term_map.where)
        parts = [
            part if isinstance(part, str) else self._part(part, term_map)
            for part in expression.parts
        ]
        places, rows = product(
            [part.rows for part in parts if isinstance(part, Cells)], len(self._batch)
        )
        taken = iter(places)
        texts = [part if isinstance(part, str) else part.take(next(taken)).values for part in parts]
        if all(isinstance(text, str) for text in texts):
            return Cells(pa.repeat("".join(texts), len(self._batch)))
        return Cells(pc.binary_join_element_wise(*texts, ""), rows)

    def _part(self, reference: Reference, term_map: TermMap) -> Cells:
        cells = self.cells(reference, term_map.where)
        texts = text_of(cells.values)
        texts = pc.if_else(pc.equal(texts, ""), _NO_TEXT, texts)
        if term_map.term_type is TermType.IRI:
            texts = iri_safe(texts)
        elif term_map.term_type is TermType.URI:
            texts = uri_safe(texts)
        return Cells(texts, cells.rows)

    def cells(self, expression: Expression, where: str) -> Cells:
        """Values of an expression, before a term type is put on them."""
        match expression:
            case Reference(name):
                return self._batch.columns[name]
            case Constant(term):
                text = term.lexical if isinstance(term, Literal) else _plain(term)
                return Cells(pa.repeat(text, len(self._batch)))
            case FunctionCall():
                return self._call(expression, where)
            case Template():
                return self._encoded(TermMap(expression, TermType.LITERAL, where=where))
            case None:
                raise MappingError("A value is needed here", where=where)

    def _call(self, call: FunctionCall, where: str) -> Cells:
        function = find_function(call.function, where)
        names = [local_name(argument.parameter) for argument in call.inputs]
        values = [self._argument(argument.value) for argument in call.inputs]
        places, rows = product([cells.rows for cells in values], len(self._batch))
        owner = np.arange(len(self._batch)) if rows is None else rows
        arguments = {
            name: replace(cells.take(place), rows=rows)
            for name, cells, place in zip(names, values, places, strict=True)
        }
        result = function.run(arguments, Call(self._faults, owner, where))
        return _spread(result, rows)

    def _argument(self, term_map: TermMap) -> Cells:
        if isinstance(term_map.expression, Template):
            return self._encoded(term_map)
        return self.cells(term_map.expression, term_map.where)

    def _iris(self, cells: Cells, term_map: TermMap) -> pa.Array:
        iris = text_of(cells.values)
        if not _is_absolute(term_map.expression):
            absolute = pc.match_substring_regex(iris, _ABSOLUTE)
            based = pc.binary_join_element_wise(self._settings.base_iri, iris, "")
            iris = pc.if_else(absolute, iris, based)
        if term_map.term_type in (TermType.IRI, TermType.URI):
            bad = np.flatnonzero(forbidden_in_iri(iris))
            self._faults.add(
                cells.row_numbers()[bad],
                lambda k: f"{term_map.where}: {iris[int(bad[k])].as_py()!r} is not an IRI",
            )
        return iris

    def _literals(self, cells: Cells, term_map: TermMap) -> Terms:
        if term_map.language is not None:
            return self._qualified(cells, term_map, term_map.language)
        if term_map.datatype is None:
            return self._typed(cells, None, term_map)
        if isinstance(term_map.datatype.expression, Constant):
            datatype = _plain(term_map.datatype.expression.term)
            return self._typed(cells, datatype, term_map)
        return self._qualified(cells, term_map, term_map.datatype)

    def _typed(self, cells: Cells, datatype: str | None, term_map: TermMap) -> Terms:
        if cells.crs is not None or datatype == WKT_LITERAL:
            if datatype not in (None, WKT_LITERAL):
                raise MappingError(
                    "A geometry can only be a geo:wktLiteral",
                    where=term_map.where,
                    why=f"rml:datatype is {datatype}",
                    remedy="use geo:wktLiteral, or a function that makes a number or text of it",
                )
            settings = self._settings
            target = term_map.target_crs or settings.target_crs
            target = "source" if cells.settled and term_map.target_crs is None else target
            columns = geometry_columns(
                cells, target, settings.declared_crs, self._faults, term_map.where
            )
        else:
            columns = literals(cells, datatype, self._faults, term_map.where)
        return Terms(tuple(columns), cells.rows)

    def _qualified(self, cells: Cells, term_map: TermMap, qualifier: TermMap) -> Terms:
        """Literals whose language or datatype may differ by row."""
        is_language = qualifier is term_map.language
        tags = (
            self.cells(qualifier.expression, qualifier.where)
            if is_language
            else self.nodes(qualifier)
        )
        (at, tag_at), rows = product([cells.rows, tags.rows], len(self._batch))
        values, tag = cells.take(at), text_of(tags.take(tag_at).values)
        values = replace(values, rows=rows)
        columns: list[TermColumn] = []
        if is_language:
            self._check_tags(tag, values, term_map)
        for one in pc.unique(tag).drop_null().to_pylist():
            mine = pc.if_else(
                pc.equal(tag, one), values.values, pa.scalar(None, values.values.type)
            )
            if is_language:
                columns.append(TermColumn(Lane.LANG, text_of(mine), lang=one.lower()))
            else:
                columns += self._typed(Cells(mine, rows, cells.crs), one, term_map).columns
        return Terms(tuple(columns), rows)

    def _check_tags(self, tags: pa.Array, values: Cells, term_map: TermMap) -> None:
        bad = positions(pc.invert(pc.match_substring_regex(tags, _LANGUAGE)))
        self._faults.add(
            values.row_numbers()[bad],
            lambda k: f"{term_map.where}: {tags[int(bad[k])].as_py()!r} is not a language tag",
        )


def _is_absolute(expression: Expression) -> bool:
    """Whether every text of a template begins with a scheme."""
    if not isinstance(expression, Template) or not isinstance(expression.parts[0], str):
        return False
    return re.match(_ABSOLUTE, expression.parts[0]) is not None


def _plain(term: IRI | BlankNode | Literal) -> str:
    match term:
        case IRI(value):
            return value
        case Literal(lexical, _, _):
            return lexical
        case BlankNode(label):
            return f"_:{label}"


def _spread(result: Cells, rows: Rows | None) -> Cells:
    """Put a function's result back on the rows of the batch; lists give several values a row."""
    if not pa.types.is_list(result.values.type):
        return replace(result, rows=rows)
    inner = pc.list_parent_indices(result.values).to_numpy(zero_copy_only=False)
    owner = inner.astype(np.int64) if rows is None else rows[inner]
    return Cells(pc.list_flatten(result.values), owner)


def _where(column: TermColumn, chosen: pa.Array) -> TermColumn:
    values = pc.if_else(chosen, column.values, pa.scalar(None, column.values.type))
    lexical = column.lexical
    if lexical is not None:
        lexical = pc.if_else(chosen, lexical, _NO_TEXT)
    return replace(column, values=values, lexical=lexical)
