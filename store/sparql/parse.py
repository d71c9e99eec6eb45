"""The one way in: text to :class:`~store.algebra.Query`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ontology import UnsupportedError

from ..algebra import Query
from .guard import guarded_tokens
from .queries import QueryParser

_SHORT: Final = 16_384
"""Characters up to which a query is remembered, so that large VALUES fill no memory."""


def parse_query(text: str) -> Query:
    """Parse a SPARQL 1.1 query; short ones are remembered by their text.

    Parameters
    ----------
    text : str
        At most 1 MiB, brackets at most 128 deep. The prefixes of ``ontology.PREFIXES``
        need no declaration.

    Returns
    -------
    Query

    Raises
    ------
    QuerySyntaxError
        With line, column, an excerpt, what was found and what was expected.
    UnsupportedError
        Past a limit, or for something legal that geoloom does not do.

    Notes
    -----
    SPARQL 1.1 Query, section 19.8 (grammar) and 18.2 (translation to the algebra).

    Examples
    --------
    >>> parse_query("SELECT ?s { ?s a gl:Zone }").variables
    ('s',)
    """
    return _remembered(text) if len(text) <= _SHORT else _parsed(text)


def _parsed(text: str) -> Query:
    resolved, tokens = guarded_tokens(text)
    try:
        return QueryParser(resolved, tokens).query()
    except RecursionError:
        raise UnsupportedError(
            "The query is nested too deeply", remedy="flatten the query"
        ) from None


_remembered = lru_cache(maxsize=512)(_parsed)
