"""Limits that hold before any parser sees a query: size and nesting depth."""

from __future__ import annotations

import re
from typing import Final

from ontology import QuerySyntaxError, UnsupportedError

from .tokens import Token, position, tokenize

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 128

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CODEPOINT = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def guarded_tokens(text: str) -> tuple[str, list[Token]]:
    r"""Check size and depth; return the text with its ``\uXXXX`` resolved, and its tokens.

    Brackets inside strings, IRIs and comments do not count.

    Raises
    ------
    UnsupportedError
        Over 1 MiB, or brackets nested deeper than 128.
    QuerySyntaxError
        If the text has a character that starts no token.
    """
    check_size(len(text.encode("utf-8", "surrogatepass")))
    resolved = resolve_codepoints(text)
    return resolved, checked_tokens(resolved)


def check_size(size: int) -> None:
    """Refuse a query, or what an update is without its data blocks, of so many bytes.

    Raises
    ------
    UnsupportedError
        Over 1 MiB.
    """
    if size > MAX_BYTES:
        raise UnsupportedError(
            "The query is too long",
            why=f"{size} bytes, the limit is {MAX_BYTES}",
            remedy="load large VALUES as data, or send the query in parts",
        )


def checked_tokens(text: str) -> list[Token]:
    r"""Return the tokens of a text without ``\uXXXX``, brackets at most 128 deep."""
    tokens = tokenize(text)
    _check_depth(text, tokens)
    return tokens


def _check_depth(text: str, tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.kind != "op":
            continue
        if token.text in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise UnsupportedError(
                    "The query is nested too deeply",
                    where=position(text, token.start),
                    why=f"more than {MAX_DEPTH} brackets are open",
                    remedy="flatten the query",
                )
        elif token.text in ")]}":
            depth -= 1


def resolve_codepoints(text: str) -> str:
    r"""Replace ``\uXXXX`` and ``\UXXXXXXXX`` wherever they stand (SPARQL 1.1 section 19.2)."""
    if not text.isascii() and (lone := _SURROGATE.search(text)) is not None:
        raise QuerySyntaxError(
            "The SPARQL query does not parse",
            where=position(text[: lone.start()], lone.start()),
            why=f"found half of a surrogate pair, U+{ord(lone.group()):04X}, expected a character",
            remedy="write the character itself",
        )
    if "\\u" not in text and "\\U" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        digits = match.group(1) or match.group(2)
        if digits is None:
            return match.group()
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise QuerySyntaxError(
                "The SPARQL query does not parse",
                where=position(text, match.start()),
                why=f"found {match.group()}, expected the number of a Unicode character",
                remedy="write the character itself",
            )
        return chr(code)

    return _CODEPOINT.sub(character, text)
