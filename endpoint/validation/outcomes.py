"""The outcome of each sample, by one of two rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Rule = Literal["nearest", "any"]


class Outcome(StrEnum):
    """What the map says about a sample; the values are the local names in ``gl:``."""

    AGREES = "Agrees"
    DISAGREES = "Disagrees"
    NO_FEATURE = "NoFeature"
    NO_CROSSWALK = "NoCrosswalk"

    @property
    def words(self) -> str:
        """As shown to people."""
        return {
            "Agrees": "agrees",
            "Disagrees": "disagrees",
            "NoFeature": "no feature",
            "NoCrosswalk": "no crosswalk",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Sample:
    """A ground sample: IRI, class as in the data, WKT literal."""

    iri: str
    kind: str
    wkt: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A map feature near a sample, with its class and the distance in metres."""

    feature: str
    kind: str
    metres: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """A sample, its outcome and the map feature that decided it (None if there is none)."""

    sample: Sample
    outcome: Outcome
    matched: Candidate | None = None


def assess(
    samples: Iterable[Sample],
    near: Mapping[str, Sequence[Candidate]],
    compatible: Callable[[str], frozenset[str]],
    rule: Rule,
) -> tuple[Assessment, ...]:
    """Judge every sample.

    Parameters
    ----------
    samples : iterable of Sample
    near : mapping
        Sample IRI to the features within the distance.
    compatible : callable
        Sample class to the map classes that agree with it; empty means no crosswalk.
    rule : {"nearest", "any"}
        ``nearest`` asks the nearest feature alone: least distance, then least feature IRI, then
        least class IRI, so that touching fields give one answer on every run. ``any`` asks
        whether some feature within the distance agrees; the nearest agreeing one is matched,
        or the nearest of all if none does.

    Returns
    -------
    tuple of Assessment
        In the order of the samples.
    """
    return tuple(
        _judge(sample, near.get(sample.iri, ()), compatible(sample.kind), rule)
        for sample in samples
    )


def _judge(
    sample: Sample, candidates: Sequence[Candidate], agreeing: frozenset[str], rule: Rule
) -> Assessment:
    ordered = sorted(candidates, key=lambda c: (c.metres, c.feature, c.kind))
    if not agreeing:
        return Assessment(sample, Outcome.NO_CROSSWALK, ordered[0] if ordered else None)
    if not ordered:
        return Assessment(sample, Outcome.NO_FEATURE)
    asked = ordered if rule == "any" else ordered[:1]
    match = next((candidate for candidate in asked if candidate.kind in agreeing), None)
    if match is not None:
        return Assessment(sample, Outcome.AGREES, match)
    return Assessment(sample, Outcome.DISAGREES, ordered[0])
