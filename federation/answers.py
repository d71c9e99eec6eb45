"""Bytes of a remote answer as an Arrow table of terms (W3C SPARQL 1.1 Results JSON, XML, TSV)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyoxigraph as ox

from ontology import RDF_LANG_STRING, XSD_STRING
from store import TERM_STRUCT

ACCEPT: Final = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.8, "
    "text/tab-separated-values;q=0.5"
)
_JSON: Final = frozenset({"application/sparql-results+json", "application/json"})
_OTHER: Final = {
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
_RAW = pa.struct([(key, pa.string()) for key in ("type", "value", "datatype", "xml:lang")])
_TYPES = pa.array(["uri", "bnode", "literal", "typed-literal"])
_KINDS = pa.array([1, 2, 3, 3], pa.int8())


class AnswerFormatError(ValueError):
    """The bytes are not what their content type says."""


def parse_answer(data: bytes, content_type: str) -> pa.Table | bool:
    """Parse an answer to SELECT (table, a struct column a variable) or ASK (boolean).

    Raises
    ------
    AnswerFormatError
        If the format is none we asked for, or the bytes break it off or break its rules.
    """
    media = content_type.split(";")[0].strip().lower()
    try:
        if media in _JSON:
            return _parse_json(data)
        if media in _OTHER:
            return _parse_other(data, _OTHER[media])
    except (ValueError, TypeError, KeyError, AttributeError, SyntaxError, pa.ArrowException) as e:
        raise AnswerFormatError(f"{media} that does not parse: {e}") from e
    raise AnswerFormatError(f"content type {media or 'missing'}")


def _parse_json(data: bytes) -> pa.Table | bool:
    document = json.loads(data)
    if isinstance(document.get("boolean"), bool):
        return bool(document["boolean"])
    names: list[str] = document["head"].get("vars", [])
    rows: list[dict[str, dict[str, str]]] = document["results"]["bindings"]
    columns = [_terms(pa.array([row.get(name) for row in rows], _RAW)) for name in names]
    return _table(names, columns, len(rows))


def _table(names: Sequence[str], columns: Sequence[pa.Array], rows: int) -> pa.Table:
    if not names:  # an Arrow table without columns has no rows
        return pa.table({"gl0_unit": pa.nulls(rows, TERM_STRUCT)})
    return pa.table(list(columns), names=list(names))


def empty_table(names: Sequence[str]) -> pa.Table:
    """Return a table of terms without rows."""
    return pa.table({name: pa.nulls(0, TERM_STRUCT) for name in names})


def _terms(raw: pa.StructArray) -> pa.StructArray:
    bound = raw.is_valid()
    kind = pc.take(_KINDS, pc.index_in(pc.struct_field(raw, "type"), _TYPES))
    value = pc.struct_field(raw, "value")
    if not pc.all(
        pc.or_(pc.invert(bound), pc.and_(kind.is_valid(), value.is_valid())), min_count=0
    ).as_py():
        raise ValueError("a binding without a known type and a value")
    lang = pc.struct_field(raw, "xml:lang")
    datatype = pc.coalesce(
        pc.if_else(lang.is_valid(), pa.scalar(RDF_LANG_STRING), pc.struct_field(raw, "datatype")),
        pa.scalar(XSD_STRING),
    )
    datatype = pc.if_else(pc.equal(kind, 3), datatype, pa.scalar(None, pa.string()))
    return pa.StructArray.from_arrays(
        [kind, value, datatype, lang], fields=list(TERM_STRUCT), mask=pc.invert(bound)
    )


def _parse_other(data: bytes, format_: ox.QueryResultsFormat) -> pa.Table | bool:
    parsed = ox.parse_query_results(data, format_)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    names = [variable.value for variable in parsed.variables]
    rows = [[_struct(term) for term in solution] for solution in parsed]
    columns = [pa.array([row[i] for row in rows], TERM_STRUCT) for i in range(len(names))]
    return _table(names, columns, len(rows))


def _struct(term: object) -> tuple[int, str, str | None, str | None] | None:
    match term:
        case None:
            return None
        case ox.NamedNode():
            return (1, term.value, None, None)
        case ox.BlankNode():
            return (2, term.value, None, None)
        case ox.Literal():
            return (3, term.value, term.datatype.value, term.language)
    raise ValueError(f"a term of the kind {type(term).__name__}")


def scope_blank_nodes(table: pa.Table, scope: str) -> pa.Table:
    """Rename blank nodes so that answers never share one: labels hold within one answer only."""
    if not has_blank_nodes(table):
        return table
    columns = [column.combine_chunks() for column in table.columns]
    labels = pa.concat_arrays([_blank_labels(column) for column in columns])
    numbers = pc.cast(pc.dictionary_encode(labels).indices, pa.string())
    renamed = pc.binary_join_element_wise(pa.scalar(scope), numbers, "b")
    out, start = [], 0
    for column in columns:
        new = renamed.slice(start, len(column))
        start += len(column)
        kind, value, datatype, lang = (column.field(i) for i in range(4))
        out.append(
            pa.StructArray.from_arrays(
                [kind, pc.coalesce(new, value), datatype, lang],
                fields=list(TERM_STRUCT),
                mask=column.is_null(),
            )
        )
    return pa.table(out, names=table.column_names)


def _blank_labels(column: pa.StructArray) -> pa.Array:
    blank = pc.equal(pc.struct_field(column, "kind"), 2)
    return pc.if_else(blank, pc.struct_field(column, "value"), pa.scalar(None, pa.string()))


def blank_columns(table: pa.Table) -> tuple[str, ...]:
    """Return the names of the columns that hold blank nodes."""
    return tuple(
        name
        for name in table.column_names
        if pc.any(pc.equal(pc.struct_field(table.column(name), "kind"), 2)).as_py()
    )


def has_blank_nodes(table: pa.Table) -> bool:
    """Return whether any column holds a blank node."""
    return bool(blank_columns(table))
