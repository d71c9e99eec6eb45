"""From what people call a class to the concepts that count for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ontology import CODE_LISTS, Concept, UnknownCodeError, UsageError, code_list, find_concepts

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class ConceptChoice:
    """The concepts a search for ``text`` means.

    Attributes
    ----------
    text : str
        As asked.
    roots : tuple of Concept
        What the text names, in one or more code lists.
    narrower : dict of str to str
        Every concept IRI that counts (roots included) to its label.
    """

    text: str
    roots: tuple[Concept, ...]
    narrower: dict[str, str]


def choose_concepts(text: str, scheme: str | None = None) -> ConceptChoice:
    """Find the concepts of a label, code or IRI, with all narrower ones.

    A name that a list's class bears exactly means that class; otherwise all classes whose
    name holds the words count.

    Raises
    ------
    UnknownCodeError
        Nothing is called so.
    UsageError
        A code belongs to several lists, or the list is unknown.
    """
    if scheme is not None and scheme not in CODE_LISTS:
        raise UsageError(
            f"There is no code list {scheme!r}", remedy="use one of " + ", ".join(CODE_LISTS)
        )
    hits = find_concepts(text, (scheme,) if scheme else ())
    if not hits:
        raise UnknownCodeError(
            f"No class is called {text!r}",
            where=f"code list {scheme}" if scheme else "all code lists",
            remedy="search by a label such as cereals, a code such as B16 or a concept IRI",
        )
    codes = [hit for hit in hits if hit.code.casefold() == text.strip().casefold()]
    if len(codes) > 1:
        raise UsageError(
            f"The code {text!r} is in several code lists",
            why="; ".join(f"{hit.label} in {hit.scheme}" for hit in codes),
            remedy="add scheme, or use the concept's IRI",
        )
    roots = tuple(_best(hits, text))
    narrower = {
        concept.iri: concept.label
        for root in roots
        for concept in map(
            code_list(root.scheme).concept, code_list(root.scheme).subtree(root.code)
        )
    }
    return ConceptChoice(text, roots, narrower)


def _best(hits: tuple[Concept, ...], text: str) -> Iterable[Concept]:
    for scheme in dict.fromkeys(hit.scheme for hit in hits):
        of_list = [hit for hit in hits if hit.scheme == scheme]
        named = [hit for hit in of_list if _is_called(hit, text)]
        yield from named or of_list


def _is_called(concept: Concept, text: str) -> bool:
    return any(_plain(name) == _plain(text) for name in (concept.label, *concept.alternatives))


def _plain(name: str) -> str:
    return name.casefold().replace("_", " ").strip().removesuffix("s")
