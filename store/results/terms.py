"""Columns of terms: geometry text written late, and N-Triples text of whole columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    GEOMETRY_DATATYPES,
    IRI,
    XSD_STRING,
    BlankNode,
    Literal,
    Term,
    parse_geometries,
)

from ..lower import geometry_texts
from ..values import TERM_STRUCT

KIND_IRI: Final = 1
KIND_BLANK: Final = 2
KIND_LITERAL: Final = 3
_TEXT: Final = pa.string()
_CONTROL: Final = r"[\x00-\x1f]"
_SPECIAL: Final = r'[\x00-\x1f"\\]'


def null_text() -> pa.Scalar:
    """A string that is null."""
    return pa.scalar(None, _TEXT)


def field(column: pa.StructArray, name: str) -> pa.Array:
    """A field of a struct column, null where the struct is."""
    return pc.struct_field(column, name)


def kind_is(column: pa.StructArray, kind: int) -> pa.Array:
    """Mask of the rows of a kind; an unbound row is of none."""
    return pc.fill_null(pc.equal(field(column, "kind"), pa.scalar(kind, pa.int8())), False)


def plain_terms(column: pa.StructArray) -> pa.StructArray:
    """The column as ``TERM_STRUCT``: geometries that travelled as WKB get their text.

    One that its serialisation cannot hold becomes null, unbound.
    """
    if column.type == TERM_STRUCT:
        return column
    names = [item.name for item in column.type]
    values, absent = field(column, "value").cast(_TEXT), pc.is_null(column)
    if "wkb" in names:
        values = pc.coalesce(values, _written(column, pc.is_null(values)))
        absent = pc.is_null(values)
    fields = {
        "kind": field(column, "kind").cast(pa.int8()),
        "value": values,
        "datatype": field(column, "datatype").cast(_TEXT),
        "lang": field(column, "lang").cast(_TEXT),
    }
    return pa.StructArray.from_arrays(list(fields.values()), fields=list(TERM_STRUCT), mask=absent)


def _written(column: pa.StructArray, wanted: pa.Array) -> pa.Array:
    """Texts of geometries that have none, one CRS and datatype at a time."""
    wkb = field(column, "wkb").cast(pa.binary())
    crs, datatypes = field(column, "crs").cast(_TEXT), field(column, "datatype").cast(_TEXT)
    wanted = pc.and_(wanted, pc.is_valid(wkb))
    out = pa.nulls(len(wkb), _TEXT)
    for name, datatype in _pairs(crs, datatypes):
        same = pc.and_(pc.equal(crs, name), pc.equal(datatypes, datatype))
        here = pc.and_(pc.fill_null(same, False), wanted)
        if pc.any(here).as_py():
            shapes = pc.if_else(here, wkb, pa.scalar(None, pa.binary()))
            out = pc.coalesce(out, geometry_texts(shapes, name, datatype))
    return out


def _pairs(crs: pa.Array, datatypes: pa.Array) -> Iterator[tuple[str, str]]:
    systems, names = (pc.unique(pc.drop_null(held)).to_pylist() for held in (crs, datatypes))
    yield from product(systems, (name for name in names if name in GEOMETRY_DATATYPES))


def geometries(column: pa.StructArray) -> tuple[pa.Array, pa.Array]:
    """WKB (easting or longitude first) and CRS IRI of the rows that are geometries."""
    names = [item.name for item in column.type]
    if "wkb" in names:
        return field(column, "wkb").cast(pa.binary()), field(column, "crs").cast(_TEXT)
    datatypes, values = field(column, "datatype").cast(_TEXT), field(column, "value").cast(_TEXT)
    wkb, crs = pa.nulls(len(column), pa.binary()), pa.nulls(len(column), _TEXT)
    for name in pc.unique(pc.drop_null(datatypes)).to_pylist():
        if name in GEOMETRY_DATATYPES:
            here = pc.fill_null(pc.equal(datatypes, name), False)
            parsed = parse_geometries(pc.if_else(here, values, null_text()), name)
            wkb, crs = pc.coalesce(wkb, parsed.wkb), pc.coalesce(crs, parsed.crs.cast(_TEXT))
    return wkb, crs


def is_geometry(column: pa.StructArray) -> bool:
    """Return whether every bound row is a geometry literal, and there is one."""
    if "wkb" in [item.name for item in column.type]:
        found = field(column, "wkb").null_count
        return bool(found < len(column) and found == column.null_count)
    found = pc.unique(pc.drop_null(field(column, "datatype"))).to_pylist()
    literals = pc.sum(kind_is(column, KIND_LITERAL)).as_py() or 0
    geometric = bool(found) and all(name in GEOMETRY_DATATYPES for name in found)
    return geometric and literals == len(column) - column.null_count


def escaped(values: pa.Array) -> pa.Array:
    """Strings with JSON's escapes, without quotes; also valid in N-Triples."""
    if not pc.any(pc.match_substring_regex(values, _SPECIAL)).as_py():
        return values
    out = pc.replace_substring(values, "\\", "\\\\")
    out = pc.replace_substring(out, '"', '\\"')
    for plain, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        out = pc.replace_substring(out, plain, written)
    control = pc.fill_null(pc.match_substring_regex(out, _CONTROL), False)
    if pc.any(control).as_py():
        texts = [
            _json_text(t) if odd else None
            for t, odd in zip(*map(pa.Array.to_pylist, (values, control)), strict=True)
        ]
        out = pc.if_else(control, pa.array(texts, _TEXT), out)
    return out


def _json_text(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return re.sub(r"\\([bf])", lambda m: {"b": "\\u0008", "f": "\\u000C"}[m.group(1)], written)


def joined(*parts: pa.Array | str) -> pa.Array:
    """Element-wise concatenation; null where a part is."""
    return pc.binary_join_element_wise(*parts, "")


def n3(column: pa.StructArray) -> pa.Array:
    """N-Triples text of each term; null where unbound."""
    value = field(column, "value")
    quoted = joined('"', escaped(value), '"')
    lang, datatype = field(column, "lang"), field(column, "datatype")
    typed = pc.if_else(
        pc.fill_null(pc.equal(datatype, XSD_STRING), True),
        quoted,
        joined(quoted, "^^<", pc.fill_null(datatype, ""), ">"),
    )
    literal = pc.if_else(pc.is_valid(lang), joined(quoted, "@", pc.fill_null(lang, "")), typed)
    node = pc.if_else(kind_is(column, KIND_IRI), joined("<", value, ">"), joined("_:", value))
    return pc.if_else(kind_is(column, KIND_LITERAL), literal, node)


def term_of(cell: dict[str, object]) -> Term:
    """One term of a ``TERM_STRUCT`` cell."""
    value = str(cell["value"])
    if cell["kind"] == KIND_IRI:
        return IRI(value)
    if cell["kind"] == KIND_BLANK:
        return BlankNode(value)
    lang, datatype = cell["lang"], cell["datatype"]
    return Literal(value, str(datatype or XSD_STRING), None if lang is None else str(lang))
