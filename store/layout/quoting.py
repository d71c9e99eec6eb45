"""Texts as they stand in SQL where it takes no parameters: in views, and in lists of files."""

from __future__ import annotations


def quoted_text(text: object) -> str:
    """A text, or what prints as one, as a constant of SQL.

    >>> quoted_text("O'Brien")
    "'O''Brien'"
    """
    return "'" + str(text).replace("'", "''") + "'"
