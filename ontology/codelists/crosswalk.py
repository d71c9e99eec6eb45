"""Crosswalks: which classes of one list correspond to which of another (SKOS mappings)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ..errors import UnsupportedError
from .load import CODE_LISTS, code_list, rows
from .model import CodeList

MATCHES: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
"""SKOS mapping relations, strongest first; ``broadMatch`` says the target is the wider class."""

_TABLES: Final = (("lucas2018-lc1", "hcat3"), ("usda-cdl", "hcat3"))
_REVERSED: Final = {"broadMatch": "narrowMatch", "narrowMatch": "broadMatch"}
_HUB: Final = "hcat3"


@dataclass(frozen=True, slots=True)
class Match:
    """One correspondence: ``source relation target``, all codes."""

    source: str
    target: str
    relation: str


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Correspondences from one code list to another; n to m.

    Attributes
    ----------
    source, target : CodeList
    pairs : tuple of Match
    """

    source: CodeList
    target: CodeList
    pairs: tuple[Match, ...]
    _by_source: dict[str, tuple[Match, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, tuple[Match, ...]] = {}
        for pair in self.pairs:
            index[pair.source] = (*index.get(pair.source, ()), pair)
        object.__setattr__(self, "_by_source", index)

    def matches(self, code: str) -> tuple[Match, ...]:
        """Return the correspondences of a source code, as in the table.

        Raises
        ------
        UnknownCodeError
            If the source list has no such code.
        """
        return self._by_source.get(self.source.concept(code).code, ())

    def targets(self, code: str) -> tuple[str, ...]:
        """Return the target codes of a source code, strongest relation first; may be empty.

        Pairs that are only related (``relatedMatch``) are left out.
        """
        ranked = sorted(self.matches(code), key=lambda pair: MATCHES.index(pair.relation))
        return tuple(pair.target for pair in ranked if pair.relation != "relatedMatch")

    def compatible(self, code: str) -> frozenset[str]:
        """Return every target code that does not contradict a source code.

        An exact, close or narrower target brings its whole subtree. A broader target
        counts by itself alone: a sample of oranges agrees with a map that says "citrus",
        but not with everything else below citrus.

        Examples
        --------
        >>> "3301010101" in crosswalk("lucas2018-lc1", "hcat3").compatible("B11")
        True
        """
        codes: set[str] = set()
        for pair in self.matches(code):
            if pair.relation == "broadMatch":
                codes.add(pair.target)
            elif pair.relation != "relatedMatch":
                codes.update(self.target.subtree(pair.target))
        return frozenset(codes)

    def reversed(self) -> Crosswalk:
        """Return the crosswalk the other way round."""
        pairs = tuple(
            Match(p.target, p.source, _REVERSED.get(p.relation, p.relation)) for p in self.pairs
        )
        return Crosswalk(self.target, self.source, pairs)

    def then(self, onward: Crosswalk) -> Crosswalk:
        """Return the crosswalk by way of the list both share, using its hierarchy.

        Two pairs are chained where they meet in one class or in a class and one above it.
        A chain that goes both wider and narrower says nothing and is dropped.

        Raises
        ------
        UnsupportedError
            If the two have no list in common.
        """
        if onward.source.name != self.target.name:
            raise UnsupportedError(
                "These crosswalks do not meet",
                why=f"one ends in {self.target.name}, the other begins in {onward.source.name}",
            )
        best: dict[tuple[str, str], str] = {}
        for pair in self._chains(onward):
            known = best.setdefault((pair.source, pair.target), pair.relation)
            if MATCHES.index(pair.relation) < MATCHES.index(known):
                best[pair.source, pair.target] = pair.relation
        pairs = tuple(Match(source, target, how) for (source, target), how in best.items())
        return Crosswalk(self.source, onward.target, pairs)

    def _chains(self, onward: Crosswalk) -> Iterator[Match]:
        for first in self.pairs:
            for step, meeting in _meetings(self.target, first.target):
                for second in onward._by_source.get(meeting, ()):
                    relation = _chained((first.relation, step, second.relation))
                    if relation is not None:
                        yield Match(first.source, second.target, relation)


def _meetings(hub: CodeList, code: str) -> Iterator[tuple[str, str]]:
    yield "exactMatch", code
    for wider in hub.broader(code):
        yield "broadMatch", wider
    for inner in hub.narrower(code):
        yield "narrowMatch", inner


def _chained(steps: tuple[str, ...]) -> str | None:
    kinds = set(steps)
    if "relatedMatch" in kinds or {"broadMatch", "narrowMatch"} <= kinds:
        return None
    for relation in ("broadMatch", "narrowMatch", "closeMatch"):
        if relation in kinds:
            return relation
    return "exactMatch"


@cache
def crosswalk(source: str, target: str) -> Crosswalk:
    """Return the crosswalk between two code lists.

    LUCAS LC1 and USDA CDL are mapped to HCAT 3; other pairs of these three are reversed or
    composed by way of it.

    Raises
    ------
    UnknownCodeError
        If a list does not exist.
    UnsupportedError
        If geoloom has no crosswalk between the two.

    Examples
    --------
    >>> crosswalk("lucas2018-lc1", "usda-cdl").targets("B16")
    ('1', '12', '13', '241')
    """
    lists = code_list(source), code_list(target)
    if (source, target) in _TABLES:
        pairs = tuple(
            Match(row["source"], row["target"], row["relation"])
            for row in rows(f"{source}--{target}")
        )
        return Crosswalk(*lists, pairs)
    if (target, source) in _TABLES:
        return crosswalk(target, source).reversed()
    if {(source, _HUB), (target, _HUB)} <= set(_TABLES) and source != target:
        return crosswalk(source, _HUB).then(crosswalk(_HUB, target))
    raise UnsupportedError(
        f"There is no crosswalk from {source} to {target}",
        remedy="crosswalks exist between " + ", ".join(sorted({n for t in _TABLES for n in t})),
        why=f"of the lists {', '.join(CODE_LISTS)} only these are mapped to each other",
    )
