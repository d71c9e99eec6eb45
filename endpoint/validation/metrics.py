"""Figures of a validation, from the assessments alone."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from .outcomes import Assessment, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Z95: Final = 1.959963984540054  # standard normal quantile of 0.975


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Figures of one sample class.

    Attributes
    ----------
    kind : str
        The class as in the samples.
    samples : int
        All its samples.
    agrees, disagrees, no_feature, no_crosswalk : int
        Its samples by outcome.
    false_positives : int
        Disagreeing samples of other classes that lie on a feature of this class.
    precision, recall, f1 : float or None
        None where nothing defines them.
    """

    kind: str
    samples: int
    agrees: int
    disagrees: int
    no_feature: int
    no_crosswalk: int
    false_positives: int

    @property
    def precision(self) -> float | None:
        """Agreeing samples over all that the map puts into the class."""
        return _ratio(self.agrees, self.agrees + self.false_positives)

    @property
    def recall(self) -> float | None:
        """Agreeing samples over all judged samples of the class."""
        return _ratio(self.agrees, self.agrees + self.disagrees)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        errors = self.false_positives + self.disagrees
        return _ratio(2 * self.agrees, 2 * self.agrees + errors)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a validation.

    Attributes
    ----------
    counts : dict of Outcome to int
    accuracy : float or None
        Agreeing samples over judged ones (agrees + disagrees).
    interval : tuple of float, or None
        Wilson score interval of the accuracy, 95 %.
    classes : tuple of ClassFigures
        By class, in the order of their names.
    median_f1 : float or None
        Over the classes that have judged samples.
    confusion : dict
        (sample class, map class) to number of judged samples.
    """

    counts: dict[Outcome, int]
    accuracy: float | None
    interval: tuple[float, float] | None
    classes: tuple[ClassFigures, ...]
    median_f1: float | None
    confusion: dict[tuple[str, str], int]


def figures(
    assessments: Sequence[Assessment], compatible: Callable[[str], frozenset[str]]
) -> Figures:
    """Compute the figures.

    Notes
    -----
    With an n:m crosswalk a map class may stand for several sample classes. A sample then
    counts as a false positive of class *s* only if it disagrees and its feature's class is
    one that *s* maps to; a sample that agrees is nobody's error. For a 1:1 crosswalk these
    are the usual precision, recall and F1.
    """
    counts = dict.fromkeys(Outcome, 0)
    counts.update(Counter(entry.outcome for entry in assessments))
    by_class = Counter((entry.sample.kind, entry.outcome) for entry in assessments)
    wrong = Counter(
        (entry.sample.kind, entry.matched.kind)
        for entry in assessments
        if entry.outcome is Outcome.DISAGREES and entry.matched is not None
    )
    kinds = sorted({entry.sample.kind for entry in assessments})
    classes = tuple(_class_figures(kind, by_class, wrong, compatible(kind)) for kind in kinds)
    judged = counts[Outcome.AGREES] + counts[Outcome.DISAGREES]
    defined = [c.f1 for c in classes if c.agrees + c.disagrees and c.f1 is not None]
    return Figures(
        counts=counts,
        accuracy=_ratio(counts[Outcome.AGREES], judged),
        interval=wilson_interval(counts[Outcome.AGREES], judged) if judged else None,
        classes=classes,
        median_f1=median(defined) if defined else None,
        confusion=_confusion(assessments),
    )


def _class_figures(
    kind: str,
    by_class: Counter[tuple[str, Outcome]],
    wrong: Counter[tuple[str, str]],
    agreeing: frozenset[str],
) -> ClassFigures:
    of = {outcome: by_class[kind, outcome] for outcome in Outcome}
    return ClassFigures(
        kind=kind,
        samples=sum(of.values()),
        agrees=of[Outcome.AGREES],
        disagrees=of[Outcome.DISAGREES],
        no_feature=of[Outcome.NO_FEATURE],
        no_crosswalk=of[Outcome.NO_CROSSWALK],
        false_positives=sum(
            number
            for (other, mapped), number in wrong.items()
            if other != kind and mapped in agreeing
        ),
    )


def _confusion(assessments: Sequence[Assessment]) -> dict[tuple[str, str], int]:
    pairs = Counter(
        (entry.sample.kind, entry.matched.kind)
        for entry in assessments
        if entry.matched is not None and entry.outcome in (Outcome.AGREES, Outcome.DISAGREES)
    )
    return dict(sorted(pairs.items()))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def wilson_interval(successes: int, trials: int, z: float = _Z95) -> tuple[float, float]:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    successes, trials : int
        ``0 <= successes <= trials``, ``trials > 0``.
    z : float
        Quantile of the standard normal distribution; the default gives 95 %.

    Returns
    -------
    tuple of float
        Lower and upper bound within [0, 1].

    Notes
    -----
    E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    J. Am. Stat. Assoc. 22 (1927) 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
