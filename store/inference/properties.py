"""Properties of geometries that are computed where they are not asserted (sections 8.3, 8.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ontology import GEO, IRI, PREFIXES

from ..algebra import Call, Const, TriplePattern, Var, visible
from .classes import Entailment
from .core import Core, Names
from .facts import Facts
from .location import Locator, Role
from .vocabulary import HAS_SERIALIZATION, SERIALIZATIONS

_GEOF: Final = PREFIXES["geof"]

_OF_GEOMETRIES: Final = {
    GEO + name: _GEOF + name
    for name in (
        "dimension", "coordinateDimension", "spatialDimension", "isEmpty", "isSimple",
        "asWKT", "asGML", "asGeoJSON", "asKML",
    )
}  # fmt: skip
_OF_SPATIAL_OBJECTS: Final = {
    GEO + "hasMetricArea": _GEOF + "metricArea",
    GEO + "hasMetricLength": _GEOF + "metricLength",
    GEO + "hasMetricPerimeterLength": _GEOF + "metricPerimeter",
}
COMPUTED: Final = {**_OF_GEOMETRIES, **_OF_SPATIAL_OBJECTS}
"""Properties and the functions that give their values."""


def is_computed(pattern: TriplePattern) -> bool:
    """Return whether the predicate is a property that may be computed."""
    predicate = pattern.predicate
    return isinstance(predicate, IRI) and predicate.value in {*COMPUTED, HAS_SERIALIZATION}


def described(
    core: Core,
    pattern: TriplePattern,
    facts: Facts,
    locator: Locator,
    entailment: Entailment,
    names: Names,
) -> list[Core]:
    """The ways in which a spatial object may have a property beside the core."""
    assert isinstance(pattern.predicate, IRI)
    name = pattern.predicate.value
    if name == HAS_SERIALIZATION:
        return _serialized(core, pattern, facts)
    ways = entailment.ways(core, pattern) if facts.asserts(name, pattern.object) else []
    found = locator.located(core, pattern.subject, _without(name, facts, locator))
    if found is None:
        return ways
    made, literal = found
    value = Call(COMPUTED[name], (literal,))
    return [*ways, _with_value(made, pattern, value, names)]


def _without(name: str, facts: Facts, locator: Locator) -> list[Role]:
    """The ways to literals of what has no such property asserted.

    A measure that is asserted of a feature is not computed for its geometry once more: sums over
    all that has it stay what they are.
    """
    absent = (name,) if facts.lanes(name) else ()
    both = name in _OF_SPATIAL_OBJECTS
    unless = tuple((link, name) for link in locator.links()) if both and absent else ()
    return [
        replace(
            role,
            absent=(*role.absent, *absent),
            unless=unless if len(role.properties) == 1 else (),
        )
        for role in locator.roles()
        if role.properties[-1] != name and (both or len(role.properties) == 1)
    ]


def _with_value(core: Core, pattern: TriplePattern, value: Call, names: Names) -> Core:
    """The core with the object of a pattern being a value; an error is no triple."""
    thing = pattern.object
    if isinstance(thing, Var) and thing.name not in visible(core.plan(None)):
        bound = Call("BOUND", (thing,))
        return replace(
            core, binds=(*core.binds, (thing.name, value)), conditions=(*core.conditions, bound)
        )
    other = thing if isinstance(thing, Var) else Const(thing)
    held = names.fresh()
    same = Call("SAMETERM", (held, other))
    return replace(
        core, binds=(*core.binds, (held.name, value)), conditions=(*core.conditions, same)
    )


def _serialized(core: Core, pattern: TriplePattern, facts: Facts) -> list[Core]:
    """A serialisation by any property that is below ``geo:hasSerialization``."""
    names = [n for n in facts.below(SERIALIZATIONS) if facts.asserts(n, pattern.object)]
    ways = [core.asserting(replace(pattern, predicate=IRI(name))) for name in names]
    return ways if len(ways) < 2 else [replace(way, unique=False) for way in ways]
