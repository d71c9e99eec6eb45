"""Reading tokens one by one: the base of the parsers."""

from __future__ import annotations

from typing import Final

from ontology import QuerySyntaxError

from ..engine.limits import check_limit
from .tokens import Token, syntax_error

_LOOK: Final = 1024
"""Tokens between two looks at the clock."""


class Cursor:
    """A place in a token list, with the few moves a recursive-descent parser makes."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0

    @property
    def token(self) -> Token:
        """The token not yet taken."""
        return self.tokens[self.index]

    def take(self) -> Token:
        """Return the next token and move on."""
        token = self.tokens[self.index]
        if not self.index % _LOOK:
            check_limit()
        if token.kind != "end":
            self.index += 1
        return token

    def is_op(self, *texts: str) -> bool:
        """Return whether the next token is one of these operators or brackets."""
        return self.token.kind == "op" and self.token.text in texts

    def is_word(self, *words: str) -> bool:
        """Return whether the next token is one of these keywords (upper case here)."""
        return self.token.kind == "word" and self.token.text.upper() in words

    def accept_op(self, *texts: str) -> bool:
        """Take the operator if it is next."""
        found = self.is_op(*texts)
        self.index += found
        return found

    def accept_word(self, *words: str) -> bool:
        """Take the keyword if it is next."""
        found = self.is_word(*words)
        self.index += found
        return found

    def expect_op(self, text: str) -> Token:
        """Take the operator or fail."""
        if not self.is_op(text):
            raise self.error(repr(text))
        return self.take()

    def expect_word(self, word: str) -> Token:
        """Take the keyword or fail."""
        if not self.is_word(word):
            raise self.error(word)
        return self.take()

    def error(
        self, expected: str, at: Token | None = None, found: str | None = None
    ) -> QuerySyntaxError:
        """Make the syntax error of this place."""
        token = at or self.token
        seen = found or ("the end of the query" if token.kind == "end" else repr(token.text))
        return syntax_error(self.text, token.start, seen, expected)
