"""Functions on RDF terms: SPARQL 1.1 section 17.4.2, and hashes (17.4.6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

from sqlglot import exp

from ontology import IRI, RDF_LANG_STRING, Lane, Literal

from ..values import Value
from . import casts, numbers, odd, sql
from .constants import constant
from .logic import is_kind
from .shapes import datatype as datatype_of
from .shapes import error, is_bound, of_lane, single, text, truth
from .sql import Sql
from .strings import simple_text

_NODE = frozenset({Lane.NODE})
_LITERAL = frozenset(Lane) - _NODE
_ABSOLUTE = r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*'


_LANGUAGE = "[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"


def is_iri(value: Value) -> Value:
    """``isIRI``."""
    return truth(is_kind(value, _NODE, blank=False))


def is_blank(value: Value) -> Value:
    """``isBlank``."""
    return truth(is_kind(value, _NODE, blank=True))


def is_literal(value: Value) -> Value:
    """``isLiteral``."""
    return truth(is_kind(value, _LITERAL))


def is_numeric(value: Value) -> Value:
    """``isNumeric``: a number with a valid lexical form."""
    test = numbers.is_number(value)
    return truth(sql.when(is_bound(value), test))


def string(value: Value) -> Value:
    """``STR``."""
    return text(casts.printable(value))


def lang(value: Value) -> Value:
    """``LANG``: the empty string for other literals, an error for nodes."""
    literal = is_kind(value, _LITERAL)
    tagged = value.get("lang") if Lane.LANG in value.lanes else sql.null("VARCHAR")
    return text(sql.when(literal, sql.first_of([tagged, sql.string("")])))


def datatype(value: Value) -> Value:
    """``DATATYPE``: an IRI, an error for nodes."""
    return node_of(datatype_of(value))


def node_of(iri: Sql) -> Value:
    """The IRI with this text; its id is computed, so it can be joined with stored ones."""
    return single(
        Lane.NODE,
        sql.func("gl_node_id", iri),
        blank=sql.when(sql.not_null(iri), sql.boolean(False)),
        text=iri,
    )


def iri(value: Value) -> Value:
    """``IRI``/``URI`` of an IRI or an absolute IRI in an xsd:string; else an error."""
    return _iri(value, lambda plain: plain)


def resolved(value: Value, base: Value) -> Value:
    """``IRI`` below a BASE: what is relative is resolved."""

    def resolve(plain: Sql) -> Sql:
        found = sql.func("gl_resolve", plain, base.get("text"))
        return sql.case([(_matches(plain, _ABSOLUTE), plain)], found)

    return _iri(value, resolve)


def _iri(value: Value, resolve: Callable[[Sql], Sql]) -> Value:
    if value.only_lane is Lane.NODE and isinstance(value.get("text"), exp.Literal):
        return value
    found: list[Sql] = []
    if Lane.NODE in value.lanes:
        named = sql.negate(value.get("blank"))
        found.append(sql.when(named, of_lane(value, Lane.NODE, "text")))
    if Lane.STRING in value.lanes:
        made = resolve(simple_text(value))
        found.append(sql.when(_matches(made, _ABSOLUTE), made))
    return node_of(sql.first_of(found)) if found else error()


def _matches(node: Sql, pattern: str) -> Sql:
    return sql.func("regexp_full_match", node, sql.string(pattern))


def blank_node(*values: Value) -> Value:
    """``BNODE``: a new blank node, or that of a text and (see ``store.sparql.volatile``) a row."""
    if not values:
        return _blank(sql.func("replace", _uuid(), *_dash()))
    plain = [simple_text(value) for value in values]
    parts = [plain[0]] if len(plain) == 1 else [plain[1], sql.string(" "), plain[0]]
    made = reduce(partial(sql.binary, "||"), parts)
    return _blank(sql.func("md5", made))


def _blank(name: Sql) -> Value:
    label = sql.binary("||", sql.string("_:q"), name)
    flag = sql.when(sql.not_null(label), sql.boolean(True))
    return single(Lane.NODE, sql.func("gl_node_id", label), blank=flag, text=label)


def _uuid() -> Sql:
    return sql.cast(sql.func("uuid"), "VARCHAR")


def _dash() -> tuple[Sql, Sql]:
    return sql.string("-"), sql.string("")


def uuid() -> Value:
    """``UUID``: a new IRI for every solution."""
    return node_of(sql.func("concat", sql.string("urn:uuid:"), _uuid()))


def struuid() -> Value:
    """``STRUUID``."""
    return text(_uuid())


def rand() -> Value:
    """``RAND``: a double in [0, 1)."""
    return single(Lane.DOUBLE, sql.func("random"))


def typed(lexical: Value, wanted: Value) -> Value:
    """``STRDT``; an error for rdf:langString, whose literals have a language."""
    if not wanted.lanes & _NODE:
        return error()
    plain, name = simple_text(lexical), wanted.get("text")
    if wanted.only_lane is not Lane.NODE or not isinstance(name, exp.Literal):
        iri_text = sql.when(is_kind(wanted, _NODE, blank=False), of_lane(wanted, Lane.NODE, "text"))
        return odd.typed_columns(plain, iri_text)
    if name.this == RDF_LANG_STRING:
        return error()
    if isinstance(plain, exp.Literal):
        return constant(Literal(plain.this, IRI(name.this).value))
    return odd.typed_column(plain, name.this)


def tagged(lexical: Value, lang_tag: Value) -> Value:
    """``STRLANG``; what is no language tag is an error."""
    made = simple_text(lang_tag)
    plain = sql.when(_matches(made, _LANGUAGE), simple_text(lexical))
    return single(Lane.LANG, plain, lang=sql.when(sql.not_null(plain), made))


def _digest(function: str, value: Value) -> Value:
    return text(sql.func(function, simple_text(value)))


md5 = partial(_digest, "md5")
sha1 = partial(_digest, "sha1")
sha256 = partial(_digest, "sha256")
sha384 = partial(_digest, "gl_sha384")
sha512 = partial(_digest, "gl_sha512")
