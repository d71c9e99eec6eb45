"""SELECT and ASK answers as text: SPARQL 1.1 Query Results JSON, XML, CSV and TSV.

Every writer gives bytes a batch at a time, made by Arrow kernels on whole columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.compute as pc

from ontology import XSD_STRING, GeoloomError

from .terms import (
    KIND_BLANK,
    KIND_IRI,
    KIND_LITERAL,
    escaped,
    field,
    joined,
    kind_is,
    n3,
    null_text,
)

BATCH: Final = 16_384
_XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
_NOT_XML: Final = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]"


def batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """The table in pieces of at most ``BATCH`` rows."""
    yield from table.combine_chunks().to_batches(max_chunksize=BATCH)


def json_solutions(variables: Sequence[str], table: pa.Table) -> Iterator[bytes]:
    """SPARQL 1.1 Query Results JSON."""
    head = json.dumps({"vars": list(variables)}, ensure_ascii=False)
    yield f'{{"head":{head},"results":{{"bindings":['.encode()
    separator = ""
    for batch in batches(table):
        rows = _rows(batch, [_json_binding(name, batch.column(name)) for name in variables], ",")
        yield (separator + ",\n".join(joined("{", rows, "}").to_pylist())).encode()
        separator = ",\n"
    yield b"]}}\n"


def json_answer(answer: bool) -> Iterator[bytes]:
    """ASK as SPARQL 1.1 Query Results JSON."""
    yield json.dumps({"head": {}, "boolean": answer}).encode() + b"\n"


def _rows(batch: pa.RecordBatch, parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Parts of each row with a separator between those that are not null."""
    if not parts:
        return pa.array([""] * batch.num_rows, pa.string())
    led = [pc.fill_null(joined(separator, part), "") for part in parts]
    return pc.utf8_slice_codeunits(joined(*led), len(separator))


def _json_binding(name: str, column: pa.StructArray) -> pa.Array:
    kinds = pc.if_else(
        kind_is(column, KIND_IRI),
        "uri",
        pc.if_else(kind_is(column, KIND_BLANK), "bnode", "literal"),
    )
    start = joined(json.dumps(name, ensure_ascii=False) + ':{"type":"', kinds, '","value":"')
    lang, datatype = field(column, "lang"), field(column, "datatype")
    plain = pc.or_(pc.is_null(datatype), pc.equal(datatype, XSD_STRING))
    typed = joined('","datatype":"', pc.fill_null(escaped(datatype), ""), '"}')
    end = pc.if_else(pc.fill_null(plain, True), '"}', typed)
    if lang.null_count < len(lang):
        tagged = joined('","xml:lang":"', pc.fill_null(escaped(lang), ""), '"}')
        end = pc.if_else(pc.is_valid(lang), tagged, end)
    return joined(start, escaped(field(column, "value")), end)


def xml_solutions(variables: Sequence[str], table: pa.Table) -> Iterator[bytes]:
    """SPARQL Query Results XML.

    Raises
    ------
    GeoloomError
        A value holds a control character that XML 1.0 cannot.
    """
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in variables)
    yield f"{_XML_HEAD}<head>{head}</head><results>\n".encode()
    for batch in batches(table):
        rows = _rows(batch, [_xml_binding(name, batch.column(name)) for name in variables], "")
        yield "\n".join([*joined("<result>", rows, "</result>").to_pylist(), ""]).encode()
    yield b"</results></sparql>\n"


def xml_answer(answer: bool) -> Iterator[bytes]:
    """ASK as SPARQL Query Results XML."""
    yield f"{_XML_HEAD}<head/><boolean>{str(answer).lower()}</boolean></sparql>\n".encode()


def _xml_binding(name: str, column: pa.StructArray) -> pa.Array:
    value = _xml_text(field(column, "value"))
    lang, datatype = field(column, "lang"), field(column, "datatype")
    plain = pc.fill_null(pc.equal(datatype, XSD_STRING), True)
    tagged = joined(' xml:lang="', pc.fill_null(_xml_text(lang), ""), '"')
    typed = joined(' datatype="', pc.fill_null(_xml_text(datatype), ""), '"')
    attribute = pc.if_else(pc.is_valid(lang), tagged, pc.if_else(plain, "", typed))
    literal = joined("<literal", attribute, ">", value, "</literal>")
    node = pc.if_else(
        kind_is(column, KIND_IRI),
        joined("<uri>", value, "</uri>"),
        joined("<bnode>", value, "</bnode>"),
    )
    term = pc.if_else(kind_is(column, KIND_LITERAL), literal, node)
    return joined(f"<binding name={quoteattr(name)}>", term, "</binding>")


def _xml_text(values: pa.Array) -> pa.Array:
    if pc.any(pc.fill_null(pc.match_substring_regex(values, _NOT_XML), False)).as_py():
        raise GeoloomError(
            "This answer cannot be written as XML",
            why="a value holds a control character, which XML 1.0 has no way to write",
            remedy="ask for JSON, TSV or CSV",
        )
    for plain, written in (
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#xD;")
    ):  # fmt: skip
        values = pc.replace_substring(values, plain, written)
    return values


def csv_solutions(variables: Sequence[str], table: pa.Table) -> Iterator[bytes]:
    """SPARQL 1.1 Query Results CSV: plain values, CRLF."""
    yield (",".join(variables) + "\r\n").encode()
    yield from _lines([(name, _csv_cell) for name in variables], table, ",", "\r\n")


def tsv_solutions(variables: Sequence[str], table: pa.Table) -> Iterator[bytes]:
    """SPARQL 1.1 Query Results TSV: terms in Turtle syntax."""
    yield ("\t".join(f"?{name}" for name in variables) + "\n").encode()
    yield from _lines([(name, n3) for name in variables], table, "\t", "\n")


def _lines(
    columns: Sequence[tuple[str, object]], table: pa.Table, separator: str, end: str
) -> Iterator[bytes]:
    for batch in batches(table):
        cells = [pc.fill_null(write(batch.column(name)), "") for name, write in columns]  # type: ignore[operator]
        rows = _rows(batch, cells, separator).to_pylist()
        yield (end.join(rows) + end).encode()


def _csv_cell(column: pa.StructArray) -> pa.Array:
    value = field(column, "value")
    text = pc.if_else(kind_is(column, KIND_BLANK), joined("_:", value), value)
    special = pc.match_substring_regex(text, '[",\\r\\n]')
    quoted = joined('"', pc.replace_substring(text, '"', '""'), '"')
    return pc.if_else(pc.fill_null(special, False), quoted, pc.coalesce(text, null_text()))
