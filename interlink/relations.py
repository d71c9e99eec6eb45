"""The topological relations of GeoSPARQL, read off one DE-9IM matrix.

A matrix is nine cells II IB IE BI BB BE EI EB EE (interior, boundary, exterior of the source
against those of the target), each F, 0, 1 or 2. Every relation is a few patterns over the
cells and sometimes a condition on the dimensions (GeoSPARQL 1.1, sections 9.3 to 9.5; OGC
06-103r4, section 6.1.15); RCC8 is of areas only. Equality is that of Simple Features in all three
families, as in queries: the pattern TFFFTFFFT the standard prints is false for points. All
relations of a pair come from its one matrix, so they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

import numpy as np
import numpy.typing as npt

from ontology import GEO, UsageError

Matrices = npt.NDArray[np.uint8]
"""Shape (n, 9): the cells as ASCII codes."""

Dimensions = npt.NDArray[np.int8]


Rule = Literal["any", "lines", "areas", "points or areas", "source lower", "source higher"]
"""For which dimensions of the two geometries a pattern counts."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way a relation can hold: a pattern, and the dimensions it is for."""

    pattern: str
    dimensions: Rule = "any"


@dataclass(frozen=True, slots=True)
class Relation:
    """A named relation of GeoSPARQL's sf, eh or rcc8 family."""

    name: str
    cases: tuple[Case, ...]
    needs_contact: bool = True

    @property
    def predicate(self) -> str:
        """IRI of the property, ``geo:sfWithin`` and so on."""
        return GEO + self.name


def _relation(
    name: str, *patterns: str, dimensions: Rule = "any", contact: bool = True
) -> Relation:
    return Relation(name, tuple(Case(pattern, dimensions) for pattern in patterns), contact)


def _of_areas(name: str, pattern: str, *, contact: bool = True) -> Relation:
    """RCC8 is a calculus of regions."""
    return _relation(name, pattern, dimensions="areas", contact=contact)


_MEETS: Final = ("FT*******", "F**T*****", "F***T****")
_EQUALS: Final = "T*F**FFF*"

RELATIONS: Final[dict[str, Relation]] = {
    relation.name: relation
    for relation in (
        _relation("sfEquals", _EQUALS),
        _relation("sfDisjoint", "FF*FF****", contact=False),
        _relation("sfIntersects", "T********", "*T*******", "***T*****", "****T****"),
        _relation("sfTouches", *_MEETS),
        Relation(
            "sfCrosses",
            (
                Case("T*T******", "source lower"),
                Case("T*****T**", "source higher"),
                Case("0********", "lines"),
            ),
        ),
        _relation("sfWithin", "T*F**F***"),
        _relation("sfContains", "T*****FF*"),
        Relation(
            "sfOverlaps",
            (Case("T*T***T**", "points or areas"), Case("1*T***T**", "lines")),
        ),
        _relation("ehEquals", _EQUALS),
        _relation("ehDisjoint", "FF*FF****", contact=False),
        _relation("ehMeet", *_MEETS),
        _relation("ehOverlap", "T*T***T**"),
        _relation("ehCovers", "T*TFT*FF*"),
        _relation("ehCoveredBy", "TFF*TFT**"),
        _relation("ehInside", "TFF*FFT**"),
        _relation("ehContains", "T*TFF*FF*"),
        _of_areas("rcc8eq", _EQUALS),
        _of_areas("rcc8dc", "FFTFFTTTT", contact=False),
        _of_areas("rcc8ec", "FFTFTTTTT"),
        _of_areas("rcc8po", "TTTTTTTTT"),
        _of_areas("rcc8tppi", "TTTFTTFFT"),
        _of_areas("rcc8tpp", "TFFTTFTTT"),
        _of_areas("rcc8ntpp", "TFFTFFTTT"),
        _of_areas("rcc8ntppi", "TTTFFTFFT"),
    )
}
"""The 24 relations of GeoSPARQL by local name."""

CONVERSES: Final[dict[str, str]] = {
    "sfWithin": "sfContains",
    "sfContains": "sfWithin",
    "ehCovers": "ehCoveredBy",
    "ehCoveredBy": "ehCovers",
    "ehInside": "ehContains",
    "ehContains": "ehInside",
    "rcc8tpp": "rcc8tppi",
    "rcc8tppi": "rcc8tpp",
    "rcc8ntpp": "rcc8ntppi",
    "rcc8ntppi": "rcc8ntpp",
}
"""The relation that holds the other way round; a relation not named is its own converse."""

_TRANSPOSED: Final = np.array([0, 3, 6, 1, 4, 7, 2, 5, 8])


def relation_named(name: str) -> Relation:
    """Return a relation by its local name or full IRI.

    Raises
    ------
    UsageError
        GeoSPARQL has no such relation.

    Examples
    --------
    >>> relation_named("sfWithin").predicate
    'http://www.opengis.net/ont/geosparql#sfWithin'
    """
    found = RELATIONS.get(name.removeprefix(GEO).removeprefix("geo:"))
    if found is None:
        raise UsageError(
            "GeoSPARQL has no such topological relation",
            where=repr(name),
            remedy="use one of " + ", ".join(RELATIONS),
        )
    return found


def encode(matrices: Any) -> Matrices:
    """Turn DE-9IM texts as ``shapely.relate`` gives them into an array of shape (n, 9)."""
    return np.array(matrices, dtype="S9").reshape(-1).view(np.uint8).reshape(-1, 9)


def transpose(matrices: Matrices) -> Matrices:
    """Matrices of the same pairs with source and target exchanged."""
    return matrices[:, _TRANSPOSED]


def matches(matrices: Matrices, pattern: str) -> npt.NDArray[np.bool_]:
    """Return which matrices match a pattern of ``T F 0 1 2 *``.

    Examples
    --------
    >>> matches(encode(["0FFFFFFF2", "FF0FFF0F2"]), "T********").tolist()
    [True, False]
    """
    holds = np.ones(len(matrices), bool)
    for cell, wanted in zip(matrices.T, pattern, strict=True):
        if wanted == "T":
            holds &= cell != ord("F")
        elif wanted != "*":
            holds &= cell == ord(wanted)
    return holds


def holds(
    relation: Relation, matrices: Matrices, source: Dimensions, target: Dimensions
) -> npt.NDArray[np.bool_]:
    """Return for which pairs a relation holds.

    Parameters
    ----------
    relation : Relation
    matrices : ndarray of uint8, shape (n, 9)
        From :func:`encode`.
    source, target : ndarray of int8, shape (n,)
        Dimensions of the geometries, 0 to 2; a collection has that of its highest part.
    """
    found = np.zeros(len(matrices), bool)
    for case in relation.cases:
        found |= matches(matrices, case.pattern) & _fits(case.dimensions, source, target)
    return found


def _fits(rule: Rule, source: Dimensions, target: Dimensions) -> Any:
    match rule:
        case "any":
            return True
        case "lines":
            return (source == 1) & (target == 1)
        case "areas":
            return (source == 2) & (target == 2)
        case "points or areas":
            return (source == target) & (source != 1)
        case "source lower":
            return source < target
        case "source higher":
            return source > target
        case _:
            assert_never(rule)


def linkable(names: Sequence[str]) -> tuple[Relation, ...]:
    """Return relations that links can be found for: those that need contact, each once.

    Raises
    ------
    UsageError
        A name is unknown, there is none, or it is a kind of disjointness.
    """
    relations = tuple(dict.fromkeys(relation_named(name) for name in names))
    if not relations:
        raise UsageError("No relation was asked for", remedy="name one, for example sfIntersects")
    for relation in relations:
        if not relation.needs_contact:
            raise UsageError(
                "Disjoint pairs are not written as links",
                where=relation.name,
                why="they would be nearly every pair of the two layers",
                remedy="link sfIntersects; two geometries without that link are disjoint",
            )
    return relations
