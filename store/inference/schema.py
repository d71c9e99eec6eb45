"""RDFS: what lies below a class or property, by the vocabulary and by the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from ontology import PREFIXES

from .facts import Facts
from .hierarchy import DOMAINS, RANGES, SUB_CLASSES, SUB_PROPERTIES
from .vocabulary import RELATIONS, SUB_PROPERTY

_RDFS: Final = PREFIXES["rdfs"]
_SPATIAL_OBJECT: Final = PREFIXES["geo"] + "SpatialObject"


class Schema:
    """The classes and properties of a snapshot (RDFS entailment rules 2, 3, 5, 7, 9 and 11).

    Parameters
    ----------
    facts : Facts
        Whose schema triples count, of every graph, beside those of the vocabularies.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        related = [(name, _SPATIAL_OBJECT) for name in RELATIONS]
        self._classes = _below(SUB_CLASSES, facts.pairs(_RDFS + "subClassOf"))
        self._properties = _below(SUB_PROPERTIES, facts.pairs(SUB_PROPERTY))
        self._domains = _below(DOMAINS, related, facts.pairs(_RDFS + "domain"))
        self._ranges = _below(RANGES, related, facts.pairs(_RDFS + "range"))

    def classes_below(self, name: str) -> tuple[str, ...]:
        """A class and all below it."""
        return _closure(self._classes, name)

    def properties_below(self, name: str) -> tuple[str, ...]:
        """A property and all below it that have triples, or itself if none has."""
        found = _closure(self._properties, name)
        return tuple(one for one in found if self._facts.lanes(one)) or (name,)

    def subjects_are(self, name: str) -> tuple[str, ...]:
        """Properties with triples whose subjects are of a class."""
        return self._telling(self._domains, name)

    def objects_are(self, name: str) -> tuple[str, ...]:
        """Properties with triples whose objects are of a class."""
        return self._telling(self._ranges, name)

    def classes(self) -> tuple[str, ...]:
        """Every class that something may be inferred to be."""
        named = (self._classes, self._domains, self._ranges)
        return tuple(dict.fromkeys(name for table in named for name in table))

    def _telling(self, table: dict[str, list[str]], name: str) -> tuple[str, ...]:
        told = (low for one in self.classes_below(name) for low in table.get(one, ()))
        below = (low for high in told for low in _closure(self._properties, high))
        return tuple(one for one in dict.fromkeys(below) if self._facts.lanes(one))


def _below(*tables: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        for low, high in table:
            made[high].append(low)
    return dict(made)


def _closure(table: dict[str, list[str]], name: str) -> tuple[str, ...]:
    """A term and all below it, nearer ones first."""
    found = [name]
    for one in found:
        found += [low for low in dict.fromkeys(table.get(one, ())) if low not in found]
    return tuple(found)
