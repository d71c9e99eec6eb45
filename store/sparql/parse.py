"""The one way in: text to :class:`~store.algebra.Query`."""

from __future__ import annotations

from functools import lru_cache

from ontology import UnsupportedError

from ..algebra import Query
from .guard import guarded_tokens
from .queries import QueryParser


@lru_cache(maxsize=512)
def parse_query(text: str) -> Query:
    """Parse a SPARQL 1.1 query; parsed queries are remembered by their text.

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
    resolved, tokens = guarded_tokens(text)
    try:
        return QueryParser(resolved, tokens).query()
    except RecursionError:
        raise UnsupportedError(
            "The query is nested too deeply", remedy="flatten the query"
        ) from None
