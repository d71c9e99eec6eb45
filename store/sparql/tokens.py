"""Tokens of SPARQL 1.1 (section 19.8, terminals), by one regular expression, in linear time."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ontology import QuerySyntaxError

from ..engine.limits import check_limit

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_START = _BASE + "_"
_CHARS = _START + "\\-0-9\u00b7\u0300-\u036f\u203f-\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_PREFIX = f"(?:[{_BASE}](?:[{_CHARS}.]{{0,254}}[{_CHARS}])?)?:"
_LOCAL = f"(?:[{_START}0-9:]|{_ESCAPED})(?:(?:[{_CHARS}.:]|{_ESCAPED})*(?:[{_CHARS}:]|{_ESCAPED}))?"

_LOOK: Final = 4096
"""Tokens between two looks at the clock."""

_KINDS: Final = (
    ("space", r"(?:[ \t\r\n]++|#[^\r\n]*+)++"),
    ("iri", r'<[^<>"{}|^`\\\x00-\x20]*+>'),
    ("string", r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"""' "|" r"'''(?:[^'\\]|\\.|'{1,2}(?!'))*+'''"),
    ("unclosed", "\"\"\"|'''"),
    ("short", r'"(?:[^"\\\r\n]|\\.)*+"' "|" r"'(?:[^'\\\r\n]|\\.)*+'"),
    ("blank", f"_:[{_START}0-9](?:[{_CHARS}.]*[{_CHARS}])?"),
    ("pname", f"{_PREFIX}(?:{_LOCAL})?"),
    ("var", f"[?$][{_START}0-9][{_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*+"),
    ("lang", r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+"),
    ("double", r"(?:[0-9]++\.[0-9]*+|\.?[0-9]++)[eE][+-]?[0-9]++"),
    ("decimal", r"[0-9]*+\.[0-9]++"),
    ("integer", r"[0-9]++"),
    ("word", r"[A-Za-z_][A-Za-z0-9_]*+"),
    ("op", r"\^\^|&&|\|\||!=|<=|>=|[{}()\[\].,;=<>!+\-*/|^?]"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{rule})" for kind, rule in _KINDS), re.DOTALL)


class Token(NamedTuple):
    """One token: its kind, its text and where it starts in the query."""

    kind: str
    text: str
    start: int


def position(text: str, offset: int) -> str:
    """Line, column and an excerpt, for messages; both count from 1."""
    line_start = text.rfind("\n", 0, offset) + 1
    line_end = text.find("\n", offset)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    column = offset - line_start
    excerpt = line[max(0, column - 30) : column + 30].strip()
    number = text.count("\n", 0, offset) + 1
    return f"line {number}, column {column + 1}" + (f": {excerpt!r}" if excerpt else "")


def syntax_error(text: str, offset: int, found: str, expected: str) -> QuerySyntaxError:
    """Make the error for a place in the query."""
    return QuerySyntaxError(
        "The SPARQL query does not parse",
        where=position(text, offset),
        why=f"found {found}, expected {expected}",
        remedy="correct the query at this place",
    )


def tokenize(text: str) -> list[Token]:
    """Split a query into tokens; white space and comments vanish.

    Raises
    ------
    QuerySyntaxError
        At the first character that starts no token.
    DeadlineError
        The time is up.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if not len(tokens) % _LOOK:
            check_limit()
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "unclosed":
            found = repr(text[at]) if match is None else "a long string that is never closed"
            if match is None and text[at] in "\"'":
                found = "a string that is never closed"
            raise syntax_error(text, at, found, "a SPARQL token")
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(Token("string" if kind == "short" else kind, match.group(), at))
        at = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens
