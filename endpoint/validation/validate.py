"""Validation of a class map by ground samples within a distance."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from ontology import Crosswalk, InputError, UsageError

from ..deadline import Timed
from ..queryable import Answer, Queryable, Row, completeness, rows
from .classes import compatibility
from .layers import FEATURES, SAMPLES, Layer, pairs_query, samples_query
from .outcomes import Candidate, Rule, Sample, assess
from .report import ValidationReport

if TYPE_CHECKING:
    from collections.abc import Mapping


def validate(
    queryable: Queryable,
    *,
    distance: float = 10.0,
    rule: Rule = "nearest",
    sample_scheme: str = "lucas2018-lc1",
    map_scheme: str = "hcat3",
    crosswalk: Crosswalk | Mapping[str, frozenset[str]] | None = None,
    samples: Layer = SAMPLES,
    features: Layer = FEATURES,
    timeout: float | None = None,
) -> ValidationReport:
    """Ask of every ground sample whether the map says the same within a distance.

    Parameters
    ----------
    queryable : Queryable
        A store, or a federation whose sources hold the samples and the map.
    distance : float
        Metres; a feature exactly that far away still counts. Metres are geodesic.
    rule : {"nearest", "any"}
        Whether the nearest feature alone decides, or any feature within the distance; the
        report holds the figures of both.
    sample_scheme, map_scheme : str
        Code lists of the samples' and the map's classes.
    crosswalk : Crosswalk or mapping, optional
        Instead of geoloom's own between the two lists; n:m.
    samples, features : Layer
        What to pull from the sources.
    timeout : float, optional
        Seconds for both queries together.

    Returns
    -------
    ValidationReport

    Raises
    ------
    UsageError
        The distance, the rule or a list makes no sense.
    InputError
        There are no samples, or a sample has more than one class or geometry.
    """
    if not (math.isfinite(distance) and distance >= 0):
        raise UsageError("The distance must be a number of metres, zero or more", why=str(distance))
    if rule not in ("nearest", "any"):
        raise UsageError(f"{rule!r} is not a valid rule, must be one of 'nearest', 'any'")
    queryable = Timed(queryable, timeout)
    compatible = compatibility(sample_scheme, map_scheme, crosswalk)
    points = _samples(rows(queryable, samples_query(samples)), samples)
    pairs = queryable.query(pairs_query(samples, features, distance))
    near = _candidates(pairs)
    both = {name: assess(points, near, compatible, name) for name in _RULES}
    return ValidationReport.of(
        both,
        rule=rule,
        distance=distance,
        schemes=(sample_scheme, map_scheme),
        compatible=compatible,
        completeness=completeness(pairs),
    )


_RULES: tuple[Rule, Rule] = ("nearest", "any")


def _candidates(pairs: Answer) -> dict[str, list[Candidate]]:
    near: dict[str, list[Candidate]] = defaultdict(list)
    for row in pairs.json()["results"]["bindings"]:
        near[row["sample"]["value"]].append(
            Candidate(
                row["feature"]["value"], row["mapped"]["value"], float(row["metres"]["value"])
            )
        )
    return near


def _samples(found: list[Row], layer: Layer) -> list[Sample]:
    if not found:
        raise InputError(
            "There are no samples",
            where=f"type {layer.type}, class property {layer.class_property}",
            why="no subject has the type, the class property and a geometry",
            remedy="load samples, or name their type and class property",
        )
    samples = [Sample(row["sample"], row["class"], row["wkt"]) for row in found]
    samples.sort(key=lambda sample: (sample.iri, sample.kind, sample.wkt))
    for one, next_one in pairwise(samples):
        if one.iri == next_one.iri:
            raise InputError(
                "A sample has more than one class or geometry",
                where=one.iri,
                why=f"{one.kind} {one.wkt} and {next_one.kind} {next_one.wkt}",
                remedy="give each sample one class and one geometry",
            )
    return samples
