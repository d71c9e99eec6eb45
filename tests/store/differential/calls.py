"""Every operator, function and cast of SPARQL 1.1: how it is written, what it takes and gives.

Kinds of arguments: ``term`` is anything; ``lexical`` is anything but the result of arithmetic,
whose text is up to the engine; ``text`` is a string for sure; ``group`` is a graph pattern.
What gives another answer each time is asked only what must hold of it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a call; ``{}`` are its arguments."""

    name: str
    result: str
    text: str
    arguments: tuple[str, ...] = ()


def _form(name: str, result: str, arguments: str = "", text: str = "") -> Form:
    kinds = tuple(arguments.split())
    return Form(name, result, text or f"{name}({', '.join(['{}'] * len(kinds))})", kinds)


def _infix(sign: str, result: str, arguments: str) -> Form:
    return _form(f"{sign} operator", result, arguments, f"({{}} {sign} {{}})")


OPERATORS = (
    *(_infix(sign, "boolean", "boolean boolean") for sign in ("||", "&&")),
    *(_infix(sign, "boolean", "term same") for sign in ("=", "!=")),
    *(_infix(sign, "boolean", "ordered same") for sign in ("<", ">", "<=", ">=")),
    *(_infix(sign, "number", "number number") for sign in ("+", "-", "*")),
    _form("/ operator", "number", "number divisor", "({} / {})"),
    _form("/ operator", "number", "number number", "ROUND(({} / {}) * 1000)"),
    _form("! operator", "boolean", "boolean", "(! {})"),
    _form("+ sign", "number", "number", "(+ {})"),
    _form("- sign", "number", "number", "(- {})"),
    _form("IN", "boolean", "term same same", "({} IN ({}, {}))"),
    _form("IN", "boolean", "term", "({} IN ())"),
    _form("NOT IN", "boolean", "term same same", "({} NOT IN ({}, {}))"),
)

FUNCTIONAL = (
    _form("BOUND", "boolean", "variable"),
    _form("IF", "term", "boolean term same"),
    _form("IF", "string", "boolean text text"),
    _form("COALESCE", "term", "term term"),
    _form("COALESCE", "string", "text text text"),
    _form("EXISTS", "boolean", "group", "EXISTS {}"),
    _form("NOT EXISTS", "boolean", "group", "NOT EXISTS {}"),
    _form("sameTerm", "boolean", "term same"),
)

ON_TERMS = (
    *(_form(name, "boolean", "term") for name in ("isIRI", "isURI", "isBlank", "isLiteral")),
    _form("isNumeric", "boolean", "term"),
    _form("STR", "string", "lexical"),
    _form("LANG", "string", "term"),
    _form("DATATYPE", "iri", "term"),
    _form("IRI", "iri", "address"),
    _form("URI", "iri", "address"),
    _form("BNODE", "boolean", "", "isBlank(BNODE())"),
    _form("BNODE", "boolean", "string same", "(BNODE({}) = BNODE({}))"),
    _form("STRDT", "term", "string datatype"),
    _form("STRLANG", "string", "string tag"),
    _form("UUID", "boolean", "", "isIRI(UUID())"),
    _form("STRUUID", "number", "", "STRLEN(STRUUID())"),
)

ON_STRINGS = (
    _form("STRLEN", "number", "string"),
    _form("SUBSTR", "string", "string place"),
    _form("SUBSTR", "string", "string place place"),
    *(_form(name, "string", "string") for name in ("UCASE", "LCASE", "ENCODE_FOR_URI")),
    *(_form(name, "boolean", "string string") for name in ("STRSTARTS", "STRENDS", "CONTAINS")),
    *(_form(name, "string", "string string") for name in ("STRBEFORE", "STRAFTER")),
    _form("CONCAT", "string", "string string"),
    _form("CONCAT", "string", "string string string"),
    _form("CONCAT", "string"),
    _form("langMatches", "boolean", "string range"),
    _form("REGEX", "boolean", "string pattern"),
    _form("REGEX", "boolean", "string pattern flags"),
    _form("REPLACE", "string", "string pattern replacement"),
    _form("REPLACE", "string", "string pattern replacement flags"),
    *(_form(name, "string", "string") for name in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512")),
)

ON_NUMBERS = (
    *(_form(name, "number", "number") for name in ("ABS", "ROUND", "CEIL", "FLOOR")),
    _form("RAND", "boolean", "", "(RAND() < 1)"),
)

ON_TIMES = (
    _form("NOW", "boolean", "", "(NOW() = NOW())"),
    *(_form(name, "number", "time") for name in ("YEAR", "MONTH", "DAY", "HOURS", "MINUTES")),
    _form("SECONDS", "number", "time"),
    _form("TIMEZONE", "term", "time"),
    _form("TZ", "string", "time"),
)

CASTS = (
    *(_form(f"xsd:{name}", "number", "term") for name in ("integer", "decimal", "double", "float")),
    _form("xsd:boolean", "boolean", "term"),
    _form("xsd:string", "string", "lexical"),
    _form("xsd:dateTime", "time", "lexical"),
)

FORMS = (*OPERATORS, *FUNCTIONAL, *ON_TERMS, *ON_STRINGS, *ON_NUMBERS, *ON_TIMES, *CASTS)
NAMES = tuple(dict.fromkeys(form.name for form in FORMS))

CONSTANTS = {
    "divisor": ("2", "4", "-5", "0", "0.5", '"2"^^xsd:double', '"0"^^xsd:double', "0.0"),
    "address": ('"http://ex/a"', '"http://ex/q"', ":b", '"urn:x"'),
    "datatype": ("xsd:string", "xsd:integer", ":kind", "xsd:boolean", "xsd:double"),
    "tag": ('"en"', '"de-AT"', '"EN"'),
    "range": ('"*"', '"en"', '"EN-US"', '"de"', '""', '"e"'),
    "pattern": ('"a"', '"^a"', '"B$"', '"[ab]+"', '"(a)(b)?"', '"."', '"é"', '"a b"'),
    "flags": ('"i"', '""', '"s"', '"ix"'),
    "replacement": ('"z"', '"<$1>"', '""', '"[$0]"'),
    "place": ("1", "2", "0", "-1", "3", "1.5"),
}
