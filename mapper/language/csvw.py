"""Sources described as tables of CSV on the Web: where the file is and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rdflib import Graph, URIRef

from ontology import MappingError, UnsupportedError

from .vocabulary import did_you_mean

CSVW: Final = "http://www.w3.org/ns/csvw#"

_TABLE: Final = frozenset({"url", "dialect", "null"})
_WITHOUT_EFFECT: Final = frozenset({"lineTerminators", "skipBlankRows"})
"""Lines end as they end, and blank ones are never rows."""


@dataclass(frozen=True, slots=True)
class CsvwTable:
    """What a ``csvw:Table`` says about a file.

    Attributes
    ----------
    path : str
        Its ``csvw:url``.
    options : dict of str to str
        The dialect, by the names of the ``gl:`` options.
    nulls : tuple of str
        Texts that mean "no value" (``csvw:null``); as in RML-IO, none unless they are named.
    """

    path: str
    options: dict[str, str]
    nulls: tuple[str, ...]


def is_table(graph: Graph, node: Any) -> bool:
    """Whether a source is described as a table of CSV on the Web."""
    return graph.value(node, URIRef(CSVW + "url")) is not None


def csvw_table(graph: Graph, node: Any, where: str) -> CsvwTable:
    """Read a ``csvw:Table`` (W3C, Metadata Vocabulary for Tabular Data, sections 5.3 and 5.9).

    Raises
    ------
    MappingError
        A value that does not fit its property.
    UnsupportedError
        A property that says more than how to read the file (schemas, transformations).
    """
    _refuse_unknown(graph, node, _TABLE, where)
    nulls = tuple(sorted(str(value) for value in graph.objects(node, URIRef(CSVW + "null"))))
    path = str(graph.value(node, URIRef(CSVW + "url")))
    dialect = graph.value(node, URIRef(CSVW + "dialect"))
    options = {} if dialect is None else _dialect(graph, dialect, where)
    return CsvwTable(path, options, nulls)


def _dialect(graph: Graph, node: Any, where: str) -> dict[str, str]:
    _refuse_unknown(graph, node, frozenset(_PROPERTIES) | _WITHOUT_EFFECT, where)
    options = {}
    for name, (option, check) in _PROPERTIES.items():
        values = list(graph.objects(node, URIRef(CSVW + name)))
        if len(values) > 1:
            raise MappingError(f"Only one csvw:{name} may stand", where=where)
        if values:
            options[option] = _checked(name, str(values[0]), check, where)
    return options


def _checked(name: str, text: str, check: Callable[[str], str | None], where: str) -> str:
    found = check(text)
    if found is None:
        raise MappingError(
            f"csvw:{name} has a value that does not fit",
            where=where,
            why=f"it is {text!r}",
            remedy="see section 5.9 of the W3C's metadata vocabulary for tabular data",
        )
    return found


def _refuse_unknown(graph: Graph, node: Any, known: frozenset[str], where: str) -> None:
    for predicate in graph.predicates(node):
        name = str(predicate).removeprefix(CSVW)
        if str(predicate).startswith(CSVW) and name not in known:
            raise UnsupportedError(
                f"csvw:{name} is not supported here", where=where, remedy=did_you_mean(name, known)
            )


def _boolean(text: str) -> str | None:
    return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text)


def _count(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() else None


def _sign(text: str) -> str | None:
    return text if len(text) == 1 else None


def _short(text: str) -> str | None:
    return text if len(text) <= 1 else None


def _trim(text: str) -> str | None:
    return text if text in ("start", "end") else _boolean(text)


def _any(text: str) -> str | None:
    return text


_PROPERTIES: Final[dict[str, tuple[str, Callable[[str], str | None]]]] = {
    "commentPrefix": ("comment", _any),
    "delimiter": ("delimiter", _sign),
    "doubleQuote": ("doubleQuote", _boolean),
    "encoding": ("encoding", _any),
    "header": ("header", _boolean),
    "headerRowCount": ("headerRows", _count),
    "quoteChar": ("quote", _short),
    "skipColumns": ("skipColumns", _count),
    "skipInitialSpace": ("skipInitialSpace", _boolean),
    "skipRows": ("skipRows", _count),
    "trim": ("trim", _trim),
}
"""Properties of a dialect, the option of ours they are, and what values they take."""
