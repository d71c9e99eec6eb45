"""Topological relations written as properties: asserted, computed, or both (Query Rewrite)."""

from __future__ import annotations

from dataclasses import replace

from ontology import IRI

from ..algebra import Call, TriplePattern
from .classes import Entailment
from .core import Core
from .facts import Facts
from .location import Locator
from .vocabulary import RELATIONS


def is_topological(pattern: TriplePattern) -> bool:
    """Return whether the predicate is one of the 24 relations."""
    return isinstance(pattern.predicate, IRI) and pattern.predicate.value in RELATIONS


def related(
    core: Core,
    pattern: TriplePattern,
    facts: Facts,
    locator: Locator,
    entailment: Entailment,
    *,
    asserted: bool,
) -> list[Core]:
    """The ways in which a relation may hold beside the core: computed, ``asserted`` too or not.

    A pair that is asserted and computed counts as asserted only.
    """
    assert isinstance(pattern.predicate, IRI)
    name = pattern.predicate.value
    asserted = asserted and (facts.asserts(name, pattern.object) or entailment.entails(pattern))
    ways = entailment.ways(core, pattern) if asserted else []
    first = locator.located(core, pattern.subject)
    second = None if first is None else locator.located(first[0], pattern.object)
    if first is None or second is None:
        return ways
    made, literal = second
    condition = Call(RELATIONS[name], (first[1], literal))
    without = (*made.without, entailment.held(pattern)) if asserted else made.without
    return [*ways, replace(made, conditions=(*made.conditions, condition), without=without)]
