"""Terms in a query: IRIs, prefixed names, literals, variables (SPARQL 1.1 section 4.1)."""

from __future__ import annotations

import re
from typing import Final

from ontology import IRI, PREFIXES, GeoloomError, Literal

from ..algebra import Var
from ..iris import resolve_iri
from .cursor import Cursor
from .tokens import Token

XSD: Final = PREFIXES["xsd"]
_ESCAPES: Final = {
    "t": "\t",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "f": "\f",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_STRING_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LOCAL_ESCAPE = re.compile(r"\\(.)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


class TermParser(Cursor):
    """Adds the prologue and the terms."""

    base: str | None = None

    def prologue(self) -> None:
        """Read ``BASE`` and ``PREFIX`` declarations into the parser's state."""
        self.prefixes: dict[str, str] = dict(PREFIXES)
        self.declared: dict[str, str] = {}
        while self.is_word("BASE", "PREFIX"):
            if self.take().text.upper() == "BASE":
                self.base = self._iriref().value
                continue
            if self.token.kind != "pname" or self.token.text.find(":") != len(self.token.text) - 1:
                raise self.error("a prefix such as 'ex:'")
            name = self.take().text[:-1]
            if self.token.kind != "iri":
                raise self.error("an IRI in <>")
            self.declared[name] = self.prefixes[name] = self._iriref().value

    def _iriref(self) -> IRI:
        token = self.take()
        if token.kind != "iri":
            raise self.error("an IRI in <>", token)
        return self._make_iri(token, token.text[1:-1])

    def _make_iri(self, token: Token, value: str) -> IRI:
        if self.base is not None and not _SCHEME.match(value):
            value = resolve_iri(value, self.base)
        try:
            return IRI(value)
        except GeoloomError:
            raise self.error("an IRI without spaces, quotes or brackets", token) from None

    def at_iri(self) -> bool:
        """Return whether an IRI or prefixed name is next."""
        return self.token.kind in ("iri", "pname")

    def iri(self) -> IRI:
        """Take an IRI or prefixed name."""
        if self.token.kind == "iri":
            return self._iriref()
        token = self.token
        if token.kind != "pname":
            raise self.error("an IRI or a prefixed name")
        prefix, local = token.text.split(":", 1)
        if prefix not in self.prefixes:
            raise self.error(f"a declared prefix ({', '.join(sorted(self.prefixes))})", token)
        self.take()
        return self._make_iri(token, self.prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local))

    def at_variable(self) -> bool:
        """Return whether a variable is next."""
        return self.token.kind == "var"

    def variable(self) -> Var:
        """Take a variable."""
        if not self.at_variable():
            raise self.error("a variable")
        return Var(self.take().text[1:])

    def at_literal(self) -> bool:
        """Return whether a literal is next (a sign before a number counts)."""
        if self.token.kind in ("string", "integer", "decimal", "double"):
            return True
        return self.is_word("TRUE", "FALSE") or self._at_signed_number()

    def _at_signed_number(self) -> bool:
        if not self.is_op("+", "-"):
            return False
        follower = self.tokens[self.index + 1]
        numeric = follower.kind in ("integer", "decimal", "double")
        return numeric and follower.start == self.token.start + 1

    def literal(self) -> Literal:
        """Take an RDF literal, number or boolean; its lexical form is kept as written."""
        if self.token.kind == "string":
            return self._string_literal()
        if self.is_word("TRUE", "FALSE"):
            return Literal(self.take().text.lower(), XSD + "boolean")
        sign = self.take().text if self._at_signed_number() else ""
        if self.token.kind not in ("integer", "decimal", "double"):
            raise self.error("a literal")
        token = self.take()
        return Literal(sign + token.text, XSD + token.kind)

    def string(self) -> str:
        """Take a quoted string and resolve its escapes."""
        token = self.take()
        if token.kind != "string":
            raise self.error("a string in quotes", token)
        quotes = 3 if token.text[:3] in ('"""', "'''") else 1
        body = token.text[quotes:-quotes]

        def resolve(match: re.Match[str]) -> str:
            if match.group(1) not in _ESCAPES:
                raise self.error("one of the escapes \\t \\b \\n \\r \\f \\\\ \\\" \\'", token)
            return _ESCAPES[match.group(1)]

        return _STRING_ESCAPE.sub(resolve, body) if "\\" in body else body

    def _string_literal(self) -> Literal:
        value = self.string()
        if self.token.kind == "lang":
            return Literal(value, lang=self.take().text[1:].lower())
        if self.accept_op("^^"):
            return Literal(value, self.iri().value)
        return Literal(value)
