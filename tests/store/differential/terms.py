"""The vocabulary of the data and the queries, lane by lane, as SPARQL writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pyoxigraph as ox

PREFIXES = {
    "": "http://ex/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geo": "http://www.opengis.net/ont/geosparql#",
}
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


def _typed(datatype: str, *texts: str) -> tuple[str, ...]:
    return tuple(f'"{text}"^^{datatype}' for text in texts)


NODES = (":a", ":b", ":p")
BLANKS = ("_:node1", "_:node2")
PREDICATES = (":p", ":q", ":r")
GRAPHS = (":g", ":h")

LITERALS = {
    "string": ('"a"', '"b"', '"ab"', '""', '"A"', '"é😀"', '"a b/ü"', '"1"', '"true"', '"en"'),
    "lang": ('"a"@en', '"a"@EN-gb', '"b"@de', '"ab"@en-US', '""@fr', '"a"@EN'),
    "boolean": ("true", "false", *_typed("xsd:boolean", "1", "0", "yes")),
    "integer": (*map(str, (0, 1, -1, 2, 4, 5, 10)), *_typed("xsd:integer", "01", "+1", "abc")),
    "subtype": (
        *_typed("xsd:int", "1", "-5"),
        *_typed("xsd:byte", "2", "300"),
        *_typed("xsd:nonNegativeInteger", "10", "-1"),
        *_typed("xsd:positiveInteger", "4"),
    ),
    "decimal": ("0.5", "2.5", "-1.25", *_typed("xsd:decimal", "1", "1.0", "+2.50", ".5", "x")),
    "double": _typed(
        "xsd:double", "1", "2.5", "-0.5", "1.0e0", "1E1", "NaN", "INF", "-INF", "-0.0", "0", "e"
    ),
    "float": _typed("xsd:float", "1", "0.5", "2.5e0", "NaN", "-INF", "-0", "f"),
    "dateTime": _typed(
        "xsd:dateTime",
        "2020-01-01T00:00:00Z",
        "2020-01-01T02:00:00+02:00",
        "2020-01-01T00:00:00",
        "2019-12-31T23:30:15.25-05:30",
        "2019-12-31T24:00:00Z",
        "2020-02-30T00:00:00Z",
    ),
    "date": _typed("xsd:date", "2020-01-01", "2020-01-01Z", "2019-12-31", "2020-13-01"),
    "other": _typed(":kind", "a", "b", "1"),
    "wkt": _typed("geo:wktLiteral", "POINT (1 2)", "POINT (1.50 2)", "POINT EMPTY", "POINT (1"),
}
KINDS = tuple(LITERALS)
NUMERIC = ("integer", "subtype", "decimal", "double", "float")
TEXTUAL = ("string", "lang")

_LITERAL = re.compile(r'"[^"]*"(?:\^\^[\w:]+|@[\w-]+)?')
_NAME = re.compile(r'"[^"]*"|(?<![\w:])(xsd|geo|):(\w+)')


def full(text: str) -> str:
    """The term with whole IRIs, as N-Quads wants it; bare numbers and truth values quoted."""
    if text in ("true", "false"):
        text = f'"{text}"^^xsd:boolean'
    elif text[0] in "-0123456789":
        text = f'"{text}"^^xsd:{"decimal" if "." in text else "integer"}'
    return _NAME.sub(
        lambda found: f"<{PREFIXES[found[1]]}{found[2]}>" if found[2] else found[0], text
    )


@cache
def canonical_text(text: str) -> str:
    """The literal as pyoxigraph gives it back, which keeps the value but not the lexical form."""
    found = ox.Store().query(f"{PROLOGUE}SELECT ({text} AS ?x) {{}}")
    assert isinstance(found, ox.QuerySolutions)
    (row,) = found
    term = row["x"]
    if term.language:
        return f'"{term.value}"@{term.language}'
    name = term.datatype.value
    for prefix, iri in PREFIXES.items():
        name = name.replace(iri, f"{prefix}:") if name.startswith(iri) else name
    return f'"{term.value}"' if name == "xsd:string" else f'"{term.value}"^^{name}'


def twin(text: str, wanted: Callable[[str], bool] | None = None) -> str:
    """The text with literals in pyoxigraph's canonical form: all of them, or those wanted."""

    def canonical(found: re.Match[str]) -> str:
        return canonical_text(found[0]) if wanted is None or wanted(found[0]) else found[0]

    return _LITERAL.sub(canonical, text)
