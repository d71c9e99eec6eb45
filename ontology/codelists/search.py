"""Finding classes by what people call them."""

from __future__ import annotations

import re

from ..namespaces import CODES
from .load import code_lists
from .model import CodeList, Concept

_WORD = re.compile(r"\w+")


def find_concepts(text: str, schemes: tuple[str, ...] = ()) -> tuple[Concept, ...]:
    """Find classes by IRI, code, label or another name, in all code lists.

    Letter case, underscores and English plurals do not matter: "cereals", "Maize" and
    "grain_maize" all find something. An exact code or IRI wins alone; else names equal to
    the text come before names that contain all its words, and general classes before
    special ones.

    Parameters
    ----------
    text : str
    schemes : tuple of str
        Names of the lists to look in; all when empty.

    Returns
    -------
    tuple of Concept
        Best first; empty when nothing fits.

    Examples
    --------
    >>> [c.code for c in find_concepts("cereals", ("hcat3",))][0]
    '3301010000'
    """
    lists = [entry for entry in code_lists() if not schemes or entry.name in schemes]
    exact = _by_code(text.strip(), lists)
    if exact:
        return exact
    wanted = _words(text)
    if not wanted:
        return ()
    ranked = [
        (rank, len(entry.broader(concept.code)), order, concept)
        for entry in lists
        for order, concept in enumerate(entry.concepts)
        if (rank := _rank(wanted, concept)) is not None
    ]
    ranked.sort(key=lambda hit: hit[:3])
    return tuple(hit[3] for hit in ranked)


def _by_code(text: str, lists: list[CodeList]) -> tuple[Concept, ...]:
    if text.startswith(CODES):
        return tuple(c for entry in lists for c in entry.concepts if c.iri == text)
    return tuple(c for entry in lists for c in entry.concepts if c.code.upper() == text.upper())


def _rank(wanted: tuple[str, ...], concept: Concept) -> int | None:
    names = [_words(name) for name in (concept.label, *concept.alternatives)]
    if wanted in names:
        return 0
    if any(set(wanted) <= set(name) for name in names):
        return 1
    return None


def _words(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in _WORD.findall(text.lower().replace("_", " ")))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("oes"):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
